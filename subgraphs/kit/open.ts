import type { Transaction } from "kysely";
import type { DepartmentOptions } from "./department.ts";
import { type Migration, prepareTables } from "./migrate.ts";
import { describePopulation, type Population } from "./population/households.ts";
import { faultOfSql, openSql, placeOf, type SqlSource } from "./sql.ts";

/** A department's tables and how they are first filled. */
export interface TablesPlan<Tables> {
  /** The department; also the schema of its tables. */
  readonly department: string;
  readonly migrations: readonly Migration[];
  /** Fills the tables from the synthetic population; tells its progress as a share from 0 to 1. */
  readonly fill: (tx: Transaction<Tables>, population: Population, progress: (share: number) => void) => Promise<void>;
}

/** Opens a department's tables where the settings say, migrated and filled. @throws {Error} See `openSql` and `prepareTables`. */
export async function openTables<Tables>(options: DepartmentOptions, plan: TablesPlan<Tables>): Promise<SqlSource<Tables>> {
  const { settings, log, say, onStatement, sharedDatabase } = options;
  const source = await openSql<Tables>({
    place: placeOf(settings, sharedDatabase?.name ?? plan.department),
    schema: plan.department,
    log,
    ...(sharedDatabase === undefined ? {} : { openEmbedded: sharedDatabase.open }),
    ...(onStatement === undefined ? {} : { onStatement }),
  });
  const population: Population = { seed: settings.SEED, count: settings.POPULATION };
  try {
    const seed = {
      key: describePopulation(population),
      run: (tx: Transaction<Tables>, progress: (share: number) => void) => plan.fill(tx, population, progress),
    };
    await prepareTables(source, { migrations: plan.migrations, seed, say });
    return source;
  } catch (error) {
    await source.close();
    throw faultOfSql(error) ?? error;
  }
}
