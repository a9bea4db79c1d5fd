import type DataLoader from "dataloader";
import type { Resolvers } from "../kit/department.ts";
import { isPersonRef } from "../kit/keys.ts";
import { alignMany, createLoader } from "../kit/loaders.ts";
import { dateScalar } from "../kit/scalars.ts";
import { anyOf, type SqlSource } from "../kit/sql.ts";
import type { ConsentRow, ConsentTables } from "./tables.ts";

/** Loaders of one request. */
export interface ConsentLoaders {
  /** A person's consents, the latest first. Nobody's is an empty list. */
  readonly consents: DataLoader<string, readonly ConsentRow[]>;
}

/** Makes the loaders of one request: all persons asked for in one turn are one statement. */
export function createConsentLoaders(source: SqlSource<ConsentTables>): ConsentLoaders {
  const query = source.db.selectFrom("consents").selectAll().orderBy("ref").orderBy("since", "desc").orderBy("purpose");
  return {
    consents: createLoader(async (refs) => alignMany(refs, await source.read(query.where("ref", "=", anyOf(refs))), ({ ref }) => ref)),
  };
}

interface Context {
  readonly consent: ConsentLoaders;
}

/** Resolvers of schema/departments/consent.graphql. Fields of Person resolve from the reference alone. */
export const consentResolvers = {
  Date: dateScalar,
  Person: {
    __resolveReference: ({ ref }: { readonly ref: unknown }) => (isPersonRef(ref) ? { ref } : null),
    consents: ({ ref }: { readonly ref: string }, _args: unknown, { consent }: Context) => consent.consents.load(ref),
  },
} satisfies Resolvers;
