import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { PGlite } from "@electric-sql/pglite";
import { type Dialect, Kysely, type LogEvent, PGliteDialect, PostgresDialect, type RawBuilder, sql } from "kysely";
import { Pool, types } from "pg";
import { type OpenEmbedded, openEmbedded } from "./embedded.ts";
import { SourceError } from "./errors.ts";
import type { Log } from "./log.ts";
import type { SubgraphSettings } from "./settings.ts";

/** A statement that was run: its text with placeholders, never the values. */
export interface StatementRecord {
  readonly sql: string;
  readonly durationMs: number;
  readonly isFailed: boolean;
}

/** Is told of every statement after it ran. */
export type OnStatement = (statement: StatementRecord) => void;

/** Where a department's tables are. */
export type SqlPlace =
  | { readonly kind: "postgres"; readonly url: string }
  /** An embedded PostgreSQL (PGlite) in a folder that belongs to it alone; see embedded.ts for the template. */
  | { readonly kind: "embedded"; readonly directory: string; readonly templateDirectory: string };

/** The place that the settings name: the server at POSTGRES_URL, else an embedded database in DATA_DIR. */
export function placeOf(settings: SubgraphSettings, department: string): SqlPlace {
  if (settings.POSTGRES_URL !== undefined) return { kind: "postgres", url: settings.POSTGRES_URL };
  const { DATA_DIR } = settings;
  return { kind: "embedded", directory: join(DATA_DIR, department), templateDirectory: join(DATA_DIR, "template") };
}

/** Options of {@link openSql}. */
export interface SqlOptions {
  readonly place: SqlPlace;
  /** Schema of the department's tables; the query builder names it in every statement. */
  readonly schema: string;
  readonly log: Log;
  /**
   * Deadline of a statement in milliseconds, 10 s when not given. A server cancels the statement. The embedded database runs in this process
   * and can't be interrupted: there the deadline ends only a statement's wait behind others.
   */
  readonly statementTimeoutMs?: number;
  /** Connections at most, 8 when not given; the embedded database has one. */
  readonly connectionsMax?: number;
  /** Opens an embedded database; one that no other department uses when not given. */
  readonly openEmbedded?: OpenEmbedded;
  readonly onStatement?: OnStatement;
}

/** A query that was built; every query builder of kysely is one. */
export interface BuiltQuery<Row> {
  execute(options: { readonly signal: AbortSignal }): Promise<Row[]>;
}

/** A department's tables behind one port, whatever PostgreSQL they lie in. */
export interface SqlSource<Tables> {
  /** Query builder in the department's schema. `date` comes as text, `int8` as bigint, `numeric` as text, `bytea` as bytes. */
  readonly db: Kysely<Tables>;
  readonly schema: string;
  /**
   * Runs a query for a request, within the deadline that covers the wait for a connection too.
   *
   * @throws {SourceError} SOURCE_TIMEOUT after the deadline; SOURCE_UNAVAILABLE when the database can't be reached or 1,000 queries wait.
   */
  read<Row>(query: BuiltQuery<Row>): Promise<Row[]>;
  /** Gives back connections and files. May be called again. */
  close(): Promise<void>;
}

/** Type numbers of PostgreSQL (pg_type.dat) whose JavaScript values differ between drivers or lose digits. */
const INT8 = 20;
const DATE = 1082;
const PENDING_MAX = 1_000;
/** How much later than the server the reader gives up: a statement that nobody waits for any more has its error printed by kysely. */
const GRACE_MS = 250;
const SOURCE_NAME = "the department's database";

/**
 * Opens the tables. With `onStatement` every statement is reported, so that tests can count them.
 *
 * @throws {Error} When an embedded database is in use by another process or can't be opened. A server is contacted by the first statement.
 */
export async function openSql<Tables>(options: SqlOptions): Promise<SqlSource<Tables>> {
  const timeoutMs = options.statementTimeoutMs ?? 10_000;
  const connected = await connect(options, timeoutMs);
  const { onStatement } = options;
  const base = new Kysely<Tables>({
    dialect: connected.dialect,
    ...(onStatement === undefined ? {} : { log: (event: LogEvent) => onStatement(recordOf(event)) }),
  });
  let closing: Promise<void> | undefined;
  return {
    db: base.withSchema(options.schema),
    schema: options.schema,
    read: createReader(timeoutMs),
    close: () => {
      closing ??= connected.close();
      return closing;
    },
  };
}

/** `any($1)` with all keys in one parameter, so that a batch of any size is the same statement. */
export function anyOf<Key>(keys: readonly Key[]): RawBuilder<Key> {
  return sql`any(${keys})`;
}

function createReader(timeoutMs: number): SqlSource<unknown>["read"] {
  let pending = 0;
  return async (query) => {
    if (pending >= PENDING_MAX) throw new SourceError("SOURCE_UNAVAILABLE", SOURCE_NAME, { facts: { pending } });
    pending += 1;
    try {
      return await query.execute({ signal: AbortSignal.timeout(timeoutMs + GRACE_MS) });
    } catch (error) {
      throw faultOfSql(error) ?? error;
    } finally {
      pending -= 1;
    }
  };
}

/** The source error that a fault amounts to; undefined for faults that aren't the database's absence or slowness. */
export function faultOfSql(error: unknown): SourceError | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  // Appendix A of PostgreSQL's manual: 57014 is query_canceled; 08, 53 and 57P are connections, resources and the server's shutdown.
  const isLate =
    code === "57014" || error.name === "TimeoutError" || /^(Query read timeout|timeout exceeded when trying)/.test(error.message);
  if (isLate) return new SourceError("SOURCE_TIMEOUT", SOURCE_NAME, { cause: error });
  const isGone =
    /^(08|53|57P|ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH)/.test(code) || error.message.startsWith("Connection terminated");
  return isGone ? new SourceError("SOURCE_UNAVAILABLE", SOURCE_NAME, { facts: { reason: code }, cause: error }) : undefined;
}

function recordOf(event: LogEvent): StatementRecord {
  return { sql: event.query.sql, durationMs: event.queryDurationMillis, isFailed: event.level === "error" };
}

interface Connected {
  readonly dialect: Dialect;
  readonly close: () => Promise<void>;
}

async function connect(options: SqlOptions, timeoutMs: number): Promise<Connected> {
  if (options.place.kind === "postgres") return connectServer(options.place.url, options, timeoutMs);
  const { directory, templateDirectory } = options.place;
  const open = options.openEmbedded ?? openEmbedded;
  const { pglite, close } = await open({ directory, templateDirectory, parsers: { [INT8]: BigInt, [DATE]: (text) => text } });
  return { dialect: new PGliteDialect({ pglite: takeTurns(pglite) }), close };
}

/** A statement holds this process's only thread, so each begins in a turn of its own: deadlines and other requests come in between. */
function takeTurns(pglite: PGlite): NonNullable<ConstructorParameters<typeof PGliteDialect>[0]["pglite"]> {
  return {
    waitReady: pglite.waitReady,
    get ready() {
      return pglite.ready;
    },
    get closed() {
      return pglite.closed;
    },
    close: () => pglite.close(),
    transaction: (run) => pglite.transaction(run),
    query: async (text, values, options) => {
      await setImmediate();
      return await pglite.query(text, values, options);
    },
  };
}

function connectServer(url: string, options: SqlOptions, timeoutMs: number): Connected {
  const pool = new Pool({
    connectionString: url,
    max: options.connectionsMax ?? 8,
    statement_timeout: timeoutMs,
    // The server's own deadline comes first; this one holds when the server is silent.
    query_timeout: timeoutMs + 1_000,
    connectionTimeoutMillis: timeoutMs,
    idle_in_transaction_session_timeout: 60_000,
    application_name: `crossharbour-${options.schema}`,
    keepAlive: true,
    types: { getTypeParser: (oid, format): TypeParser => parserOf(oid) ?? (types.getTypeParser(oid, format) as TypeParser) },
  });
  // Without listeners a connection that is lost would end the process: the pool hears of one that is idle, and nobody of one in use, whose statement fails as well.
  pool.on("error", (error) => options.log.error("sql-connection-lost", { reason: error.name }));
  pool.on("connect", (client) => client.on("error", () => undefined));
  return { dialect: new PostgresDialect({ pool }), close: () => pool.end() };
}

type TypeParser = (text: string) => unknown;

function parserOf(oid: number): TypeParser | undefined {
  switch (oid) {
    case INT8:
      return BigInt;
    case DATE:
      return (text) => text;
    default:
      return undefined;
  }
}
