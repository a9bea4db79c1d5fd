import { insertRows, withProgress } from "../kit/migrate.ts";
import type { TablesPlan } from "../kit/open.ts";
import { type ConsentRecord, consentsOf } from "../kit/population/consents.ts";

/** Tables of the department. */
export interface ConsentTables {
  readonly consents: ConsentRow;
}

/** One person's consent to one purpose. */
export interface ConsentRow extends ConsentRecord {}

/** Consents that a person has given, about; only for the progress that is told. */
const CONSENTS_PER_PERSON = 0.25;

/** The department's table, filled with the synthetic population's consents. */
export const consentTables: TablesPlan<ConsentTables> = {
  department: "consent",
  migrations: [
    {
      number: 1,
      name: "consents",
      statements: [
        `create table consents (
          ref text not null,
          purpose text not null,
          since date not null,
          until date not null check (until >= since),
          primary key (ref, purpose, since)
        )`,
        "comment on table consents is 'synthetic: made by a seeded program, no row stands for a real consent'",
      ],
    },
  ],
  fill: async (tx, population, progress) => {
    const rows = withProgress(consentsOf(population), population.count * CONSENTS_PER_PERSON, progress);
    await insertRows(tx, "consents", toRows(rows));
  },
};

function* toRows(consents: Iterable<ConsentRecord>): Generator<Readonly<Record<keyof ConsentRow, string>>, void, void> {
  for (const { ref, purpose, since, until } of consents) yield { ref, purpose, since, until };
}
