import { insertRows, withProgress } from "../kit/migrate.ts";
import type { TablesPlan } from "../kit/open.ts";
import { refsOf } from "../kit/population/households.ts";
import { type IncomeRecord, incomesOf } from "../kit/population/incomes.ts";

/** Tables of the department. */
export interface RevenueTables {
  readonly persons: { readonly ref: string };
  readonly incomes: IncomeRow;
}

/** What is on record of one person for one year of assessment. */
export interface IncomeRow {
  readonly ref: string;
  /** The year in which the year of assessment begins. */
  readonly year: number;
  /** Assessable income in cents. */
  readonly assessable_cents: bigint;
  /** Rent paid for the home as its tenant, in cents. */
  readonly rent_cents: bigint;
}

/** Records that a person has, about; only for the progress that is told. */
const RECORDS_PER_PERSON = 2.5;

/** The department's tables, filled with the synthetic population's incomes. Persons without income are known, too. */
export const revenueTables: TablesPlan<RevenueTables> = {
  department: "revenue",
  migrations: [
    {
      number: 1,
      name: "incomes",
      statements: [
        "create table persons (ref text primary key)",
        `create table incomes (
          ref text not null,
          year smallint not null,
          assessable_cents bigint not null check (assessable_cents >= 0),
          rent_cents bigint not null check (rent_cents >= 0),
          primary key (ref, year)
        )`,
        "comment on table persons is 'synthetic: made by a seeded program, no row stands for a real person'",
        "comment on table incomes is 'synthetic: made by a seeded program, no row stands for a real income'",
      ],
    },
  ],
  fill: async (tx, population, progress) => {
    await insertRows(tx, "persons", toRefRows(refsOf(population)));
    await insertRows(tx, "incomes", toRows(withProgress(incomesOf(population), population.count * RECORDS_PER_PERSON, progress)));
  },
};

function* toRefRows(refs: Iterable<string>): Generator<RevenueTables["persons"], void, void> {
  for (const ref of refs) yield { ref };
}

function* toRows(incomes: Iterable<IncomeRecord>): Generator<Readonly<Record<keyof IncomeRow, string | number>>, void, void> {
  for (const { ref, year, assessableCents, rentCents } of incomes) {
    yield { ref, year, assessable_cents: assessableCents, rent_cents: rentCents };
  }
}
