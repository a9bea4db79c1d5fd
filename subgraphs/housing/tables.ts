import { insertRows, withProgress } from "../kit/migrate.ts";
import type { TablesPlan } from "../kit/open.ts";
import { type ApplicationRecord, type ApplicationStatus, applicationsOf } from "../kit/population/applications.ts";

/** Tables of the department. */
export interface HousingTables {
  readonly applications: ApplicationRow;
}

/** One application for public rental housing. */
export interface ApplicationRow {
  readonly number: string;
  /** ISO day. */
  readonly submitted_on: string;
  readonly status: ApplicationStatus;
  /** Letter code of the preferred district. */
  readonly district: string;
  /** Monthly income that the household declared, in cents. */
  readonly income_cents: bigint;
  /** References of the household's members, the applicant first. */
  readonly members: readonly string[];
}

/** The department's tables, filled with the synthetic population's applications. */
export const housingTables: TablesPlan<HousingTables> = {
  department: "housing",
  migrations: [
    {
      number: 1,
      name: "applications",
      statements: [
        `create table applications (
          number text primary key,
          submitted_on date not null,
          status text not null,
          district text not null,
          income_cents bigint not null check (income_cents >= 0),
          members text[] not null check (cardinality(members) between 1 and 6)
        )`,
        "comment on table applications is 'synthetic: made by a seeded program, no row stands for a real household'",
      ],
    },
  ],
  fill: async (tx, population, progress) => {
    const applications = [...applicationsOf(population)];
    await insertRows(tx, "applications", withProgress(applications.map(toRow), applications.length, progress));
  },
};

function toRow(application: ApplicationRecord): Readonly<Record<keyof ApplicationRow, unknown>> {
  return {
    number: application.number,
    submitted_on: application.submittedOn,
    status: application.status,
    district: application.district,
    income_cents: application.incomeCents,
    members: application.memberRefs,
  };
}
