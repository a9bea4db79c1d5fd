import { insertRows, withProgress } from "../kit/migrate.ts";
import type { TablesPlan } from "../kit/open.ts";
import { type PersonRecord, personsOf, type ResidentStatus } from "../kit/population/persons.ts";

/** Tables of the department. */
export interface ImmigrationTables {
  readonly persons: PersonRow;
}

/** One person. */
export interface PersonRow {
  readonly ref: string;
  readonly hkid: string;
  readonly name_en: string;
  readonly name_tc: string | null;
  /** ISO day. */
  readonly date_of_birth: string;
  readonly sex: "F" | "M";
  readonly resident_status: ResidentStatus;
  /** One byte for each of the last 120 months, the newest first: days outside Hong Kong. */
  readonly absences: Uint8Array;
}

/** The department's tables, filled with the synthetic persons. */
export const immigrationTables: TablesPlan<ImmigrationTables> = {
  department: "immigration",
  migrations: [
    {
      number: 1,
      name: "persons",
      statements: [
        `create table persons (
          ref text primary key,
          hkid text not null unique,
          name_en text not null,
          name_tc text,
          date_of_birth date not null,
          sex text not null check (sex in ('F', 'M')),
          resident_status text not null,
          absences bytea not null check (octet_length(absences) = 120)
        )`,
        "comment on table persons is 'synthetic: made by a seeded program, no row stands for a real person'",
      ],
    },
  ],
  fill: async (tx, population, progress) => {
    await insertRows(tx, "persons", toRows(withProgress(personsOf(population), population.count, progress)));
  },
};

function* toRows(persons: Iterable<PersonRecord>): Generator<Readonly<Record<keyof PersonRow, string | null>>, void, void> {
  for (const person of persons) {
    yield {
      ref: person.ref,
      hkid: person.hkid,
      name_en: person.nameEn,
      name_tc: person.nameTc,
      date_of_birth: person.dateOfBirth,
      sex: person.sex,
      resident_status: person.residentStatus,
      absences: `\\x${Buffer.from(person.absences).toString("hex")}`,
    };
  }
}
