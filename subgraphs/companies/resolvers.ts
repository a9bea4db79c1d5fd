import type DataLoader from "dataloader";
import type { Resolvers } from "../kit/department.ts";
import { inputError } from "../kit/errors.ts";
import { companyRefOf, isPersonRef, isUbi } from "../kit/keys.ts";
import { alignMany, alignOne, createLoader } from "../kit/loaders.ts";
import { dateScalar } from "../kit/scalars.ts";
import { anyOf, type SqlSource } from "../kit/sql.ts";
import type { CompaniesTables, CompanyRow, OfficerRow } from "./tables.ts";

/** Loaders of one request. */
export interface CompaniesLoaders {
  readonly company: DataLoader<string, CompanyRow | null>;
  /** A company's officers, directors first. */
  readonly officers: DataLoader<string, readonly OfficerRow[]>;
  /** What a person is in companies, by their identifiers. */
  readonly directorships: DataLoader<string, readonly OfficerRow[]>;
}

/** Makes the loaders of one request: all keys of one kind that are asked for in one turn are one statement. */
export function createCompaniesLoaders(source: SqlSource<CompaniesTables>): CompaniesLoaders {
  const { db } = source;
  const officers = db.selectFrom("officers").selectAll().orderBy("ubi").orderBy("place");
  return {
    company: createLoader(async (ubis) => {
      const rows = await source.read(db.selectFrom("companies").selectAll().where("ubi", "=", anyOf(ubis)));
      return alignOne(ubis, rows, ({ ubi }) => ubi);
    }),
    officers: createLoader(async (ubis) => alignMany(ubis, await source.read(officers.where("ubi", "=", anyOf(ubis))), ({ ubi }) => ubi)),
    directorships: createLoader(async (refs) =>
      alignMany(refs, await source.read(officers.where("ref", "=", anyOf(refs))), ({ ref }) => ref),
    ),
  };
}

interface Context {
  readonly companies: CompaniesLoaders;
}

interface Company {
  readonly ubi: string;
}

const UBIS_MAX = 1_000;

/** Resolvers of schema/departments/companies.graphql. Fields of Company and Person resolve from the key alone. */
export const companiesResolvers = {
  Date: dateScalar,
  Query: {
    company: (_root: unknown, { ubi }: { readonly ubi: unknown }, context: Context) => findCompany(ubi, context),
    companies: (_root: unknown, { ubis }: { readonly ubis: readonly string[] }, context: Context) => {
      if (ubis.length > UBIS_MAX) throw inputError(`At most ${UBIS_MAX} identifiers of companies at a time.`);
      return ubis.map((ubi) => findCompany(ubi, context));
    },
  },
  Company: {
    __resolveReference: ({ ubi }: { readonly ubi: unknown }) => (isUbi(ubi) ? { ubi } : null),
    ref: ({ ubi }: Company) => companyRefOf(ubi),
    name: companyField(({ name_en, name_tc }) => ({ en: name_en, tc: name_tc })),
    type: companyField(({ type }) => type),
    status: companyField(({ status }) => status),
    incorporatedOn: companyField(({ incorporated_on }) => incorporated_on),
    officers: async ({ ubi }: Company, _args: unknown, { companies }: Context) => {
      const officers = await companies.officers.load(ubi);
      // Every company has an officer.
      return officers.length === 0 ? null : officers;
    },
  },
  Officer: {
    name: ({ name_en, name_tc }: OfficerRow) => ({ en: name_en, tc: name_tc }),
    residentialAddress: ({ address }: OfficerRow) => address,
    identification: ({ hkid }: OfficerRow) => hkid,
  },
  Person: {
    __resolveReference: ({ ref }: { readonly ref: unknown }) => (isPersonRef(ref) ? { ref } : null),
    directorships: ({ ref }: { readonly ref: string }, _args: unknown, { companies }: Context) => companies.directorships.load(ref),
  },
  Directorship: {
    company: ({ ubi }: OfficerRow): Company => ({ ubi }),
  },
} satisfies Resolvers;

/** A field of the company's row; null for a company that isn't in the register. */
function companyField<Value>(read: (row: CompanyRow) => Value) {
  return async ({ ubi }: Company, _args: unknown, { companies }: Context): Promise<Value | null> => {
    const row = await companies.company.load(ubi);
    return row === null ? null : read(row);
  };
}

/** Texts that are no identifiers aren't looked for. */
async function findCompany(ubi: unknown, { companies }: Context): Promise<Company | null> {
  return isUbi(ubi) && (await companies.company.load(ubi)) !== null ? { ubi } : null;
}
