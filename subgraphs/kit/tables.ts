import type { Transaction } from "kysely";
import type { DepartmentOptions } from "./department.ts";
import { insertRows, type Migration, prepareTables } from "./migrate.ts";
import type { Population } from "./population/households.ts";
import { openSql, placeOf, type SqlSource } from "./sql.ts";

/** Rows of the synthetic population for one table. */
export interface SeedTable<Tables> {
  readonly table: string & keyof Tables;
  readonly rows: (population: Population) => Iterable<Readonly<Record<string, unknown>>>;
}

/** A department's tables: how they are made and filled. */
export interface DepartmentTables<Tables> {
  readonly department: string;
  readonly migrations: readonly Migration[];
  readonly seeds: readonly SeedTable<Tables>[];
}

/** Rows after which the one who waits is told how far it is. */
const progressRows = 500;

/**
 * Opens a department's tables, brings them to the newest migration and fills them with its part of the synthetic population.
 *
 * @throws {Error} that says what to do, when the database can't be used or holds another population.
 */
export async function openTables<Tables>(tables: DepartmentTables<Tables>, options: DepartmentOptions): Promise<SqlSource<Tables>> {
  const { settings, log, say, onStatement } = options;
  const population: Population = { seed: settings.SEED, count: settings.POPULATION };
  const source = await openSql<Tables>({
    place: placeOf(settings, tables.department),
    schema: tables.department,
    log,
    ...(onStatement === undefined ? {} : { onStatement }),
  });
  try {
    await prepareTables(source, {
      migrations: tables.migrations,
      seed: {
        key: `synthetic population, ${population.count} persons, seed ${population.seed}`,
        run: (tx, progress) => fill(tx, { tables, population, progress }),
      },
      say,
    });
    return source;
  } catch (error) {
    await source.close();
    throw error;
  }
}

interface Filling<Tables> {
  readonly tables: DepartmentTables<Tables>;
  readonly population: Population;
  readonly progress: (share: number) => void;
}

async function fill<Tables>(tx: Transaction<Tables>, { tables, population, progress }: Filling<Tables>): Promise<void> {
  for (const [index, { table, rows }] of tables.seeds.entries()) {
    // A transaction has one connection, which runs one statement after the other.
    // oxlint-disable-next-line no-await-in-loop
    await insertRows(
      tx,
      table,
      counted(rows(population), (count) => progress((index + Math.min(1, count / population.count)) / tables.seeds.length)),
    );
  }
  progress(1);
}

function* counted<Row>(rows: Iterable<Row>, tell: (count: number) => void): Generator<Row> {
  let count = 0;
  for (const row of rows) {
    yield row;
    count += 1;
    if (count % progressRows === 0) tell(count);
  }
}
