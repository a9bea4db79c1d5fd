import type DataLoader from "dataloader";
import type { Resolvers } from "../kit/department.ts";
import { isPersonRef } from "../kit/keys.ts";
import { alignMany, alignOne, createLoader } from "../kit/loaders.ts";
import { dateScalar, moneyScalar } from "../kit/scalars.ts";
import { anyOf, type SqlSource } from "../kit/sql.ts";
import type { ApplicationRow, SchemeRow, WelfareTables } from "./tables.ts";

type Scheme = Omit<SchemeRow, "ref">;

/** Loaders of one request. */
export interface WelfareLoaders {
  /** A person's schemes by code; null for a person whom the department doesn't know. */
  readonly schemes: DataLoader<string, readonly Scheme[] | null>;
  readonly application: DataLoader<string, ApplicationRow | null>;
}

/** Makes the loaders of one request: all keys of one kind that are asked for in one turn are one statement. */
export function createWelfareLoaders(source: SqlSource<WelfareTables>): WelfareLoaders {
  const schemes = source.db
    .selectFrom("persons")
    .leftJoin("schemes", "schemes.ref", "persons.ref")
    .select(["persons.ref", "schemes.code", "schemes.monthly_cents", "schemes.since"])
    .orderBy("persons.ref")
    .orderBy("schemes.code");
  return {
    schemes: createLoader(async (refs) => {
      const rows = await source.read(schemes.where("persons.ref", "=", anyOf(refs)));
      return alignMany(refs, rows, ({ ref }) => ref).map((group) => (group.length === 0 ? null : group.flatMap(schemeOf)));
    }),
    application: createLoader(async (numbers) => {
      const rows = await source.read(source.db.selectFrom("applications").selectAll().where("number", "=", anyOf(numbers)));
      return alignOne(numbers, rows, ({ number }) => number);
    }),
  };
}

interface Context {
  readonly welfare: WelfareLoaders;
}

interface NumberArgument {
  readonly number: unknown;
}

/** Resolvers of schema/departments/welfare.graphql. Fields of Person resolve from the reference alone. */
export const welfareResolvers = {
  Date: dateScalar,
  Money: moneyScalar,
  Query: {
    allowanceApplication: (_root: unknown, { number }: NumberArgument, context: Context) => findApplication(number, context),
  },
  AllowanceApplication: {
    __resolveReference: ({ number }: NumberArgument, context: Context) => findApplication(number, context),
    submittedOn: ({ submitted_on }: ApplicationRow) => submitted_on,
    applicant: ({ applicant_ref }: ApplicationRow) => ({ ref: applicant_ref }),
  },
  Person: {
    __resolveReference: ({ ref }: { readonly ref: unknown }) => (isPersonRef(ref) ? { ref } : null),
    schemes: ({ ref }: { readonly ref: string }, _args: unknown, { welfare }: Context) => welfare.schemes.load(ref),
  },
  Scheme: {
    monthlyAmount: ({ monthly_cents }: Scheme) => monthly_cents,
  },
} satisfies Resolvers;

/** The outer join gives a person without a scheme one row of nulls. */
function schemeOf({ code, monthly_cents, since }: { readonly [Key in keyof Scheme]: Scheme[Key] | null }): readonly Scheme[] {
  return code === null || monthly_cents === null || since === null ? [] : [{ code, monthly_cents, since }];
}

/** Texts that are no application numbers aren't looked for. */
async function findApplication(number: unknown, { welfare }: Context): Promise<ApplicationRow | null> {
  return typeof number === "string" && /^SW-OAA-\d{7}$/.test(number) ? await welfare.application.load(number) : null;
}
