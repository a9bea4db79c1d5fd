import type DataLoader from "dataloader";
import type { Resolvers } from "../kit/department.ts";
import { companyRefOf, isUbi, ubiOf } from "../kit/keys.ts";
import { createLoader } from "../kit/loaders.ts";
import { moneyScalar } from "../kit/scalars.ts";
import { keysMax, type RegisteredProperty, type Registry } from "./registry.ts";

/** Loaders of one request: keys asked for in one turn make one call to the Registry. */
export interface LandsLoaders {
  readonly ownsDomestic: DataLoader<string, boolean>;
  readonly ownedBy: DataLoader<string, readonly RegisteredProperty[]>;
  readonly property: DataLoader<string, RegisteredProperty | null>;
}

/** Makes the loaders of one request. */
export function createLandsLoaders(registry: Registry): LandsLoaders {
  const options = { batchMax: keysMax };
  return {
    ownsDomestic: createLoader(registry.ownsDomestic, options),
    ownedBy: createLoader(registry.ownedBy, options),
    property: createLoader(registry.properties, options),
  };
}

interface Context {
  readonly lands: LandsLoaders;
}

interface Person {
  readonly ref: string;
}

interface Company {
  readonly ubi: string;
}

interface PrnArgument {
  readonly prn: unknown;
}

/** Resolvers of schema/departments/lands.graphql. Every field of Person and Company resolves from the key alone. */
export const landsResolvers = {
  Money: moneyScalar,
  Query: {
    property: (_root: unknown, { prn }: PrnArgument, { lands }: Context) => findProperty(prn, lands),
  },
  Party: { __resolveType: (party: Person | Company) => ("ubi" in party ? "Company" : "Person") },
  Person: {
    __resolveReference: ({ ref }: { readonly ref: unknown }) => (isReference(ref) ? { ref } : null),
    ownsDomesticProperty: ({ ref }: Person, _args: unknown, { lands }: Context) => lands.ownsDomestic.load(ref),
    properties: ({ ref }: Person, _args: unknown, { lands }: Context) => lands.ownedBy.load(ref),
  },
  Company: {
    __resolveReference: ({ ubi }: { readonly ubi: unknown }) => (isUbi(ubi) ? { ubi } : null),
    ref: ({ ubi }: Company) => companyRefOf(ubi),
    properties: ({ ubi }: Company, _args: unknown, { lands }: Context) => lands.ownedBy.load(companyRefOf(ubi)),
  },
  Property: {
    __resolveReference: ({ prn }: PrnArgument, { lands }: Context) => findProperty(prn, lands),
    district: ({ district }: RegisteredProperty) => ({ code: district }),
    owners: ({ owners }: RegisteredProperty) => owners.map(({ ref, share }) => ({ party: partyOf(ref), share })),
    consideration: ({ considerationCents }: RegisteredProperty) => considerationCents,
  },
} satisfies Resolvers;

/** The Registry knows owners by one kind of reference, whether they are persons or companies. */
function partyOf(ref: string): Person | Company {
  const ubi = ubiOf(ref);
  return ubi === undefined ? { ref } : { ubi };
}

const refCharsMax = 64;

/** The Registry refuses a whole call for one wrong key, so wrong keys don't get there: nothing is registered under them. */
function isReference(ref: unknown): ref is string {
  return typeof ref === "string" && ref.length > 0 && ref.length <= refCharsMax;
}

async function findProperty(prn: unknown, lands: LandsLoaders): Promise<RegisteredProperty | null> {
  return typeof prn === "string" && /^\d{8}$/.test(prn) ? lands.property.load(prn) : null;
}
