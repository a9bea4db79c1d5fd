import type DataLoader from "dataloader";
import type { Resolvers } from "../kit/department.ts";
import { isPersonRef } from "../kit/keys.ts";
import { alignMany, createLoader } from "../kit/loaders.ts";
import { moneyScalar } from "../kit/scalars.ts";
import { anyOf, type SqlSource } from "../kit/sql.ts";
import { bandOf, type YearAmounts } from "./band.ts";
import type { RevenueTables } from "./tables.ts";

/** What is on record of one person: a year of assessment with its amounts. */
interface Year extends YearAmounts {
  readonly year: number;
}

/** Loaders of one request. */
export interface RevenueLoaders {
  /** A person's years, the latest first; null for a person whom the department doesn't know. */
  readonly years: DataLoader<string, readonly Year[] | null>;
}

/** Makes the loaders of one request: all persons asked for in one turn are one statement. */
export function createRevenueLoaders(source: SqlSource<RevenueTables>): RevenueLoaders {
  const query = source.db
    .selectFrom("persons")
    .leftJoin("incomes", "incomes.ref", "persons.ref")
    .select(["persons.ref", "incomes.year", "incomes.assessable_cents", "incomes.rent_cents"])
    .orderBy("persons.ref")
    .orderBy("incomes.year", "desc");
  return {
    years: createLoader(async (refs) => {
      const rows = await source.read(query.where("persons.ref", "=", anyOf(refs)));
      return alignMany(refs, rows, ({ ref }) => ref).map((group) => (group.length === 0 ? null : group.flatMap(yearOf)));
    }),
  };
}

interface Context {
  readonly revenue: RevenueLoaders;
}

interface Person {
  readonly ref: string;
  /** The Land Registry's answer, which comes with the representation where `incomeBand` is asked for. */
  readonly ownsDomesticProperty?: boolean | null;
}

/** Resolvers of schema/departments/revenue.graphql. Fields of Person resolve from the reference, the band also from `ownsDomesticProperty`. */
export const revenueResolvers = {
  Money: moneyScalar,
  Person: {
    __resolveReference: ({ ref, ownsDomesticProperty }: { readonly ref: unknown; readonly ownsDomesticProperty?: boolean | null }) =>
      isPersonRef(ref) ? { ref, ownsDomesticProperty } : null,
    income: async ({ ref }: Person, { year }: { readonly year?: number | null }, { revenue }: Context) => {
      const years = await revenue.years.load(ref);
      const found = typeof year === "number" ? years?.find((one) => one.year === year) : years?.[0];
      return found?.assessableCents ?? null;
    },
    incomeBand: async ({ ref, ownsDomesticProperty }: Person, _args: unknown, { revenue }: Context) => {
      const years = await revenue.years.load(ref);
      return years === null ? null : bandOf(years[0], ownsDomesticProperty);
    },
  },
} satisfies Resolvers;

/** The outer join gives a person without income one row of nulls. */
function yearOf(row: {
  readonly year: number | null;
  readonly assessable_cents: bigint | null;
  readonly rent_cents: bigint | null;
}): readonly Year[] {
  const { year, assessable_cents: assessableCents, rent_cents: rentCents } = row;
  return year === null || assessableCents === null || rentCents === null ? [] : [{ year, assessableCents, rentCents }];
}
