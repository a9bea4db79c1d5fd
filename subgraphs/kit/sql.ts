import { Kysely, type LogEvent, PGliteDialect, PostgresDialect, type PostgresPool } from "kysely";
import { Pool, types } from "pg";
import { SourceError } from "./errors.ts";
import { openEmbedded } from "./embedded.ts";
import type { Log } from "./log.ts";

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
  /** An embedded PostgreSQL (PGlite) in a folder that belongs to it alone. */
  | { readonly kind: "embedded"; readonly directory: string }
  /** An embedded PostgreSQL that is gone with the process. */
  | { readonly kind: "memory" };

/** Options of {@link openSql}. */
export interface SqlOptions {
  readonly place: SqlPlace;
  /** Schema of the department's tables; the query builder names it in every statement. */
  readonly schema: string;
  readonly log: Log;
  /**
   * Deadline of a statement in milliseconds, 10 s when not given. A server cancels the statement. The embedded database runs in this process
   * and can't be interrupted: there the deadline ends the wait of a statement behind others.
   */
  readonly statementTimeoutMs?: number;
  /** Connections at most, 8 when not given; the embedded database has one. */
  readonly connectionsMax?: number;
  readonly onStatement?: OnStatement;
}

/** A department's tables behind one port, whatever PostgreSQL they lie in. */
export interface SqlSource<Tables> {
  /** Query builder in the department's schema. `date` comes as text, `int8` as bigint, `numeric` as text, `bytea` as bytes. */
  readonly db: Kysely<Tables>;
  readonly schema: string;
  /** Gives back connections and files. May be called again. */
  close(): Promise<void>;
}

/** Type numbers of PostgreSQL (pg_type.dat) whose JavaScript values differ between drivers or lose digits. */
const INT8 = 20;
const DATE = 1082;
const WAITING_MAX = 1_000;

/**
 * Opens the tables. With `onStatement` every statement is reported, so that tests can count them.
 *
 * @throws {Error} When an embedded database is in use by another process or can't be opened. A server is contacted by the first statement.
 */
export async function openSql<Tables>(options: SqlOptions): Promise<SqlSource<Tables>> {
  const timeoutMs = options.statementTimeoutMs ?? 10_000;
  const { dialect, close } =
    options.place.kind === "postgres"
      ? connectServer(options.place.url, { ...options, timeoutMs })
      : await connectEmbedded(options.place, timeoutMs);
  const { onStatement } = options;
  const base = new Kysely<Tables>({
    dialect,
    ...(onStatement === undefined ? {} : { log: (event: LogEvent) => onStatement(recordOf(event)) }),
  });
  let closing: Promise<void> | undefined;
  return {
    db: base.withSchema(options.schema),
    schema: options.schema,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** The source error that a fault of a statement amounts to; undefined for faults that aren't the database's absence or slowness. */
export function faultOfSql(error: unknown): SourceError | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const name = "the department's database";
  // Classes 08 and 57 of PostgreSQL's error codes (appendix A of its manual): connection exceptions and operator intervention.
  if (code === "57014" || error.message === "Query read timeout") return new SourceError("SOURCE_TIMEOUT", name, { cause: error });
  const isGone = /^(08|53|57P)/.test(code) || /^(ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH)/.test(code);
  if (isGone || /^(timeout exceeded when trying to connect|Connection terminated)/.test(error.message)) {
    return new SourceError("SOURCE_UNAVAILABLE", name, { cause: error });
  }
  return undefined;
}

interface Connected {
  readonly dialect: PostgresDialect | PGliteDialect;
  readonly close: () => Promise<void>;
}

function connectServer(url: string, options: SqlOptions & { readonly timeoutMs: number }): Connected {
  const { timeoutMs, connectionsMax = 8, schema, log } = options;
  const pool = new Pool({
    connectionString: url,
    max: connectionsMax,
    statement_timeout: timeoutMs,
    // The server's own deadline comes first; this one holds when the server is silent.
    query_timeout: timeoutMs + 1_000,
    connectionTimeoutMillis: timeoutMs,
    idle_in_transaction_session_timeout: 60_000,
    application_name: `crossharbour-${schema}`,
    keepAlive: true,
    types: { getTypeParser: (oid: number, format?: "text" | "binary") => parserOf(oid) ?? types.getTypeParser(oid, format as "text") },
  });
  // Without a listener a connection that is lost while idle would end the process.
  pool.on("error", (error) => log.error("sql-connection-lost", { reason: error.name }));
  const bounded: PostgresPool = {
    options: pool.options,
    connect: async () => {
      if (pool.waitingCount >= WAITING_MAX) throw new SourceError("SOURCE_UNAVAILABLE", "the department's database", { facts: { waiting: WAITING_MAX } });
      return await pool.connect();
    },
    end: () => pool.end(),
  };
  return { dialect: new PostgresDialect({ pool: bounded }), close: () => pool.end() };
}

async function connectEmbedded(place: Exclude<SqlPlace, { kind: "postgres" }>, timeoutMs: number): Promise<Connected> {
  const parsers = { [INT8]: BigInt, [DATE]: (text: string) => text };
  const { pglite, close } = await openEmbedded({ directory: place.kind === "embedded" ? place.directory : undefined, parsers });
  return { dialect: new PGliteDialect({ pglite: { ...bound(pglite), query: (...args) => inTime(pglite.query(...args), timeoutMs) } }), close };
}
