import { insertRows, withProgress } from "../kit/migrate.ts";
import type { TablesPlan } from "../kit/open.ts";
import { type CompanyRecord, type CompanyStatus, type CompanyType, companiesOf, type OfficerRole } from "../kit/population/companies.ts";

/** Tables of the department. */
export interface CompaniesTables {
  readonly companies: CompanyRow;
  readonly officers: OfficerRow;
}

/** One company. */
export interface CompanyRow {
  readonly ubi: string;
  readonly name_en: string;
  readonly name_tc: string;
  readonly type: CompanyType;
  readonly status: CompanyStatus;
  /** ISO day. */
  readonly incorporated_on: string;
}

/** One officer of a company. */
export interface OfficerRow {
  readonly ubi: string;
  /** Place in the list of the company's officers, from 0. */
  readonly place: number;
  readonly ref: string;
  readonly role: OfficerRole;
  readonly name_en: string;
  readonly name_tc: string | null;
  /** ISO day of the appointment. */
  readonly since: string;
  readonly address: string;
  readonly hkid: string;
}

/** Persons for each company, about; only for the progress that is told. */
const PERSONS_PER_COMPANY = 34;

/** The department's tables, filled with the synthetic population's companies. */
export const companiesTables: TablesPlan<CompaniesTables> = {
  department: "companies",
  migrations: [
    {
      number: 1,
      name: "companies and officers",
      statements: [
        `create table companies (
          ubi text primary key,
          name_en text not null,
          name_tc text not null,
          type text not null,
          status text not null,
          incorporated_on date not null
        )`,
        `create table officers (
          ubi text not null,
          place smallint not null,
          ref text not null,
          role text not null,
          name_en text not null,
          name_tc text,
          since date not null,
          address text not null,
          hkid text not null,
          primary key (ubi, place)
        )`,
        "create index officers_by_ref on officers (ref)",
        "comment on table companies is 'synthetic: made by a seeded program, no row stands for a real company'",
        "comment on table officers is 'synthetic: made by a seeded program, no row stands for a real person'",
      ],
    },
  ],
  fill: async (tx, population, progress) => {
    const companies = [...withProgress(companiesOf(population), population.count / PERSONS_PER_COMPANY, progress)];
    await insertRows(tx, "companies", companies.map(toRow));
    await insertRows(tx, "officers", companies.flatMap(toOfficerRows));
  },
};

function toRow(company: CompanyRecord): Readonly<Record<keyof CompanyRow, string>> {
  return {
    ubi: company.ubi,
    name_en: company.nameEn,
    name_tc: company.nameTc,
    type: company.type,
    status: company.status,
    incorporated_on: company.incorporatedOn,
  };
}

function toOfficerRows({ ubi, officers }: CompanyRecord): readonly Readonly<Record<keyof OfficerRow, unknown>>[] {
  return officers.map(({ ref, role, nameEn, nameTc, since, residentialAddress, hkid }, place) => {
    return { ubi, place, ref, role, name_en: nameEn, name_tc: nameTc, since, address: residentialAddress, hkid };
  });
}
