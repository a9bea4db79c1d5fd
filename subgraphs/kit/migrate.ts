import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type RawBuilder, sql, type Transaction } from "kysely";
import type { SqlSource } from "./sql.ts";

/** One numbered change of a department's tables. Never changed after it was released; a new one follows instead. */
export interface Migration {
  /** From 1 on without gaps. */
  readonly number: number;
  readonly name: string;
  /** One SQL statement each; table names without schema mean the department's. */
  readonly statements: readonly string[];
}

/** The first filling of the tables. */
export interface Seed<Tables> {
  /** What the data are, such as "synthetic population, 20000 persons, seed 1": tables filled with something else are refused. */
  readonly key: string;
  /** Fills the tables; tells its progress as a share from 0 to 1. */
  readonly run: (tx: Transaction<Tables>, progress: (share: number) => void) => Promise<void>;
}

/** Options of {@link prepareTables}. */
export interface PrepareOptions<Tables> {
  readonly migrations: readonly Migration[];
  readonly seed: Seed<Tables>;
  /** Gets lines such as `seeding transport 40%`. */
  readonly say: (line: string) => void;
  /** How long to wait for another process that prepares the same tables, in milliseconds; 5 minutes when not given. */
  readonly waitMs?: number;
}

/** Rows of one insert. More make the text of one parameter large, fewer make more statements. */
const ROWS_MAX = 500;
const POLL_MS = 200;

/**
 * Brings the tables of a department's schema to the newest migration and fills them once, all in one transaction under an advisory lock:
 * a process that is killed meanwhile leaves nothing behind, and two that start together don't meet.
 *
 * @throws {Error} When a released migration was changed, the tables are newer than this program, or they were filled with other data.
 */
export async function prepareTables<Tables>(source: SqlSource<Tables>, options: PrepareOptions<Tables>): Promise<void> {
  await source.db.transaction().execute(async (tx) => {
    await lockTables(tx, source, options);
    await sql`create schema if not exists ${sql.id(source.schema)}`.execute(tx);
    await sql`set local search_path to ${sql.id(source.schema)}`.execute(tx);
    await migrate(tx, options.migrations);
    await seed(tx, source, options);
  });
}

/** Inserts rows of a table by column name; columns that the rows don't have become null. */
export async function insertRows<Tables>(
  tx: Transaction<Tables>,
  table: string & keyof Tables,
  rows: Iterable<Readonly<Record<string, unknown>>>,
): Promise<void> {
  let batch: Readonly<Record<string, unknown>>[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length === ROWS_MAX) {
      // A transaction has one connection, which runs one statement after the other.
      // oxlint-disable-next-line no-await-in-loop
      await insertBatch(table, batch).execute(tx);
      batch = [];
    }
  }
  if (batch.length > 0) await insertBatch(table, batch).execute(tx);
}

/** Passes rows on and tells how many of about `total` have gone by. */
export function* withProgress<Row>(rows: Iterable<Row>, total: number, progress: (share: number) => void): Generator<Row, void, void> {
  let count = 0;
  progress(0);
  for (const row of rows) {
    yield row;
    count += 1;
    if (count % ROWS_MAX === 0) progress(Math.min(1, count / total));
  }
  progress(1);
}

function insertBatch(table: string, rows: readonly unknown[]): RawBuilder<unknown> {
  const name = sql.id(table);
  return sql`insert into ${name} select * from json_populate_recordset(null::${name}, ${JSON.stringify(rows)}::json)`;
}

async function lockTables<Tables>(tx: Transaction<Tables>, source: SqlSource<Tables>, options: PrepareOptions<Tables>): Promise<void> {
  const key = createHash("sha256").update(`crossharbour ${source.schema}`).digest().readBigInt64BE().toString();
  const triesMax = Math.ceil((options.waitMs ?? 300_000) / POLL_MS);
  for (let attempt = 0; attempt < triesMax; attempt += 1) {
    // oxlint-disable-next-line no-await-in-loop
    const { rows } = await sql<{ isMine: boolean }>`select pg_try_advisory_xact_lock(${key}::bigint) as "isMine"`.execute(tx);
    if (rows[0]?.isMine === true) return;
    if (attempt === 0) options.say(`waiting for another process that prepares ${source.schema}`);
    // oxlint-disable-next-line no-await-in-loop
    await sleep(POLL_MS);
  }
  throw new Error(`Another process has been preparing the tables of ${source.schema} for too long; end it and start again.`);
}

async function migrate<Tables>(tx: Transaction<Tables>, migrations: readonly Migration[]): Promise<void> {
  await sql`create table if not exists migrations (number int primary key, name text not null, digest text not null, applied timestamptz not null default now())`.execute(
    tx,
  );
  const { rows } = await sql<{ number: number; digest: string }>`select number, digest from migrations order by number`.execute(tx);
  for (const { number, digest } of rows) {
    const migration = migrations.find((candidate) => candidate.number === number);
    if (migration === undefined)
      throw new Error(`The tables have migration ${number}, which this program doesn't know: use a newer program.`);
    if (digestOf(migration) !== digest)
      throw new Error(`Migration ${number} (${migration.name}) was changed after it had been applied: add a new one instead.`);
  }
  for (const migration of migrations.slice(rows.length)) {
    // oxlint-disable-next-line no-await-in-loop
    await applyMigration(tx, migration);
  }
}

async function applyMigration<Tables>(tx: Transaction<Tables>, migration: Migration): Promise<void> {
  for (const statement of migration.statements) {
    // oxlint-disable-next-line no-await-in-loop
    await sql.raw(statement).execute(tx);
  }
  const { number, name } = migration;
  await sql`insert into migrations (number, name, digest) values (${number}, ${name}, ${digestOf(migration)})`.execute(tx);
}

function digestOf({ name, statements }: Migration): string {
  return createHash("sha256")
    .update(JSON.stringify([name, statements]))
    .digest("hex");
}

async function seed<Tables>(tx: Transaction<Tables>, source: SqlSource<Tables>, options: PrepareOptions<Tables>): Promise<void> {
  await sql`create table if not exists seeds (key text primary key, seeded timestamptz not null default now())`.execute(tx);
  const { rows } = await sql<{ key: string }>`select key from seeds`.execute(tx);
  const { key, run } = options.seed;
  if (rows[0] !== undefined) {
    if (rows[0].key === key) return;
    throw new Error(
      `The tables of ${source.schema} hold "${rows[0].key}", not "${key}". Give the settings they were made with, or remove them.`,
    );
  }
  await run(tx, createProgress(source.schema, options.say));
  await sql`insert into seeds (key) values (${key})`.execute(tx);
}

/** Says each tenth once. */
function createProgress(schema: string, say: (line: string) => void): (share: number) => void {
  let said = -1;
  return (share) => {
    const tenths = Math.floor(share * 10);
    if (tenths <= said) return;
    said = tenths;
    say(`seeding ${schema} ${tenths * 10}%`);
  };
}
