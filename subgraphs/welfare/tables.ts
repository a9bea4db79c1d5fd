import { insertRows, withProgress } from "../kit/migrate.ts";
import type { TablesPlan } from "../kit/open.ts";
import { refsOf } from "../kit/population/households.ts";
import {
  type AllowanceRecord,
  type AllowanceStatus,
  allowancesOf,
  type SchemeCode,
  type SchemeRecord,
  schemesOf,
} from "../kit/population/welfare.ts";

/** Tables of the department. */
export interface WelfareTables {
  readonly persons: { readonly ref: string };
  readonly schemes: SchemeRow;
  readonly applications: ApplicationRow;
}

/** A scheme from which one person is paid. */
export interface SchemeRow {
  readonly ref: string;
  readonly code: SchemeCode;
  readonly monthly_cents: bigint;
  /** ISO day of the first payment. */
  readonly since: string;
}

/** One application for the Old Age Allowance. */
export interface ApplicationRow {
  readonly number: string;
  readonly applicant_ref: string;
  /** ISO day. */
  readonly submitted_on: string;
  readonly status: AllowanceStatus;
}

/** Schemes that a person has, about; only for the progress that is told. */
const SCHEMES_PER_PERSON = 0.15;

/** The department's tables, filled with the synthetic population's schemes and applications. Persons without a scheme are known, too. */
export const welfareTables: TablesPlan<WelfareTables> = {
  department: "welfare",
  migrations: [
    {
      number: 1,
      name: "schemes and applications",
      statements: [
        "create table persons (ref text primary key)",
        `create table schemes (
          ref text not null,
          code text not null,
          monthly_cents bigint not null check (monthly_cents > 0),
          since date not null,
          primary key (ref, code)
        )`,
        `create table applications (
          number text primary key,
          applicant_ref text not null,
          submitted_on date not null,
          status text not null
        )`,
        "comment on table persons is 'synthetic: made by a seeded program, no row stands for a real person'",
        "comment on table schemes is 'synthetic: made by a seeded program, no row stands for a real payment'",
        "comment on table applications is 'synthetic: made by a seeded program, no row stands for a real application'",
      ],
    },
  ],
  fill: async (tx, population, progress) => {
    await insertRows(tx, "persons", toRefRows(refsOf(population)));
    await insertRows(tx, "applications", toApplicationRows(allowancesOf(population)));
    await insertRows(tx, "schemes", toSchemeRows(withProgress(schemesOf(population), population.count * SCHEMES_PER_PERSON, progress)));
  },
};

function* toRefRows(refs: Iterable<string>): Generator<WelfareTables["persons"], void, void> {
  for (const ref of refs) yield { ref };
}

function* toSchemeRows(schemes: Iterable<SchemeRecord>): Generator<Readonly<Record<keyof SchemeRow, string | number>>, void, void> {
  for (const { ref, code, monthlyCents, since } of schemes) yield { ref, code, monthly_cents: monthlyCents, since };
}

function* toApplicationRows(
  applications: Iterable<AllowanceRecord>,
): Generator<Readonly<Record<keyof ApplicationRow, string>>, void, void> {
  for (const { number, applicantRef, submittedOn, status } of applications) {
    yield { number, applicant_ref: applicantRef, submitted_on: submittedOn, status };
  }
}
