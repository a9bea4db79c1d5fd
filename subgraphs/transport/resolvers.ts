import type DataLoader from "dataloader";
import type { Resolvers } from "../kit/department.ts";
import { inputError } from "../kit/errors.ts";
import { isDistrictCode, isPersonRef } from "../kit/keys.ts";
import { alignMany, alignOne, createLoader } from "../kit/loaders.ts";
import type { RestSource } from "../kit/rest.ts";
import { dateScalar } from "../kit/scalars.ts";
import { anyOf, type SqlSource } from "../kit/sql.ts";
import type { CarPark, CarParks } from "./carparks.ts";
import { carParksMax, readVacancies, type Vacancy } from "./feed.ts";
import type { TransportTables, VehicleRow } from "./tables.ts";

/** Loaders of one request. */
export interface TransportLoaders {
  readonly vehicle: DataLoader<string, VehicleRow | null>;
  readonly ownedBy: DataLoader<string, readonly VehicleRow[]>;
  readonly vacancy: DataLoader<string, readonly Vacancy[] | null>;
}

/** What the department reads. */
export interface TransportSources {
  readonly tables: SqlSource<TransportTables>;
  readonly feed: RestSource;
}

/** Makes the loaders of one request: what is asked for in one turn is one statement, or one call of the feed. */
export function createTransportLoaders({ tables, feed }: TransportSources): TransportLoaders {
  const vehicles = tables.db.selectFrom("vehicles").selectAll().orderBy("mark");
  return {
    vehicle: createLoader(async (marks) =>
      alignOne(marks, await tables.read(vehicles.where("mark", "=", anyOf(marks))), ({ mark }) => mark),
    ),
    ownedBy: createLoader(async (refs) =>
      alignMany(refs, await tables.read(vehicles.where("owner_ref", "=", anyOf(refs))), ({ owner_ref }) => owner_ref),
    ),
    vacancy: createLoader((ids) => readVacancies(feed, ids), { batchMax: carParksMax }),
  };
}

interface Context {
  readonly transport: TransportLoaders;
}

interface MarkArgument {
  readonly mark: unknown;
}

interface IdArgument {
  readonly id: unknown;
}

interface FirstArgument {
  readonly first?: number | null;
}

const FIRST_DEFAULT = 50;
const FIRST_IN_DISTRICT_DEFAULT = 20;
const FIRST_MAX = 200;
const HONG_KONG_MS = 8 * 3_600_000;

/** Upper bounds in cents, exclusive. */
const valueBands = [
  ["UNDER_50K", 5_000_000n],
  ["FROM_50K_TO_100K", 10_000_000n],
  ["FROM_100K_TO_250K", 25_000_000n],
  ["FROM_250K_TO_500K", 50_000_000n],
] as const;

/**
 * Resolvers of schema/departments/transport.graphql. Fields of Person and District resolve from the key alone.
 *
 * @param nowMs The clock: a licence is valid up to its last day in Hong Kong.
 */
export function createTransportResolvers(carParks: CarParks, nowMs: () => number) {
  return {
    Date: dateScalar,
    Query: {
      vehicle: (_root: unknown, { mark }: MarkArgument, context: Context) => findVehicle(mark, context),
      carParks: (_root: unknown, { district, first }: FirstArgument & { readonly district?: string | null }) => {
        if (typeof district !== "string") return carParks.all.slice(0, readFirst(first, FIRST_DEFAULT));
        if (!isDistrictCode(district)) throw inputError("There is no district with this code.");
        return firstOf(carParks, district, readFirst(first, FIRST_DEFAULT));
      },
      carPark: (_root: unknown, { id }: IdArgument) => findCarPark(carParks, id),
    },
    Person: {
      __resolveReference: ({ ref }: { readonly ref: unknown }) => (isPersonRef(ref) ? { ref } : null),
      vehicles: async (
        { ref }: { readonly ref: string },
        { licensedOnly }: { readonly licensedOnly?: boolean | null },
        context: Context,
      ) => {
        const owned = await context.transport.ownedBy.load(ref);
        if (licensedOnly !== true) return owned;
        const today = new Date(nowMs() + HONG_KONG_MS).toISOString().slice(0, 10);
        return owned.filter(({ licence_expiry }) => licence_expiry >= today);
      },
    },
    Vehicle: {
      __resolveReference: ({ mark }: MarkArgument, context: Context) => findVehicle(mark, context),
      valueBand: ({ value_cents }: VehicleRow) => valueBands.find(([, below]) => value_cents < below)?.[0] ?? "OVER_500K",
      licenceExpiry: ({ licence_expiry }: VehicleRow) => licence_expiry,
      owner: ({ owner_ref }: VehicleRow) => ({ ref: owner_ref }),
    },
    District: {
      __resolveReference: ({ code }: { readonly code: unknown }) => (isDistrictCode(code) ? { code } : null),
      carParks: ({ code }: { readonly code: string }, { first }: FirstArgument) =>
        firstOf(carParks, code, readFirst(first, FIRST_IN_DISTRICT_DEFAULT)),
    },
    CarPark: {
      __resolveReference: ({ id }: IdArgument) => findCarPark(carParks, id),
      name: ({ nameEn, nameTc }: CarPark) => ({ en: nameEn, tc: nameTc }),
      address: ({ addressEn, addressTc }: CarPark) => ({ en: addressEn, tc: addressTc }),
      district: ({ district }: CarPark) => ({ code: district }),
      heightLimit: ({ heightLimitM }: CarPark) => heightLimitM,
      vacancy: ({ id }: CarPark, _args: unknown, { transport }: Context) => transport.vacancy.load(id),
    },
  } satisfies Resolvers;
}

/** Texts that are no marks aren't looked for. Letters I, O and Q are not used, as they are taken for 1 and 0. */
async function findVehicle(mark: unknown, { transport }: Context): Promise<VehicleRow | null> {
  return typeof mark === "string" && /^[A-HJ-NPR-Z]{2}[1-9]\d{0,3}$/.test(mark) ? await transport.vehicle.load(mark) : null;
}

function findCarPark(carParks: CarParks, id: unknown): CarPark | null {
  return typeof id === "string" ? (carParks.byId.get(id) ?? null) : null;
}

function firstOf(carParks: CarParks, district: string, first: number): readonly CarPark[] {
  return (carParks.byDistrict.get(district) ?? []).slice(0, first);
}

function readFirst(first: number | null | undefined, otherwise: number): number {
  const count = first ?? otherwise;
  if (count < 0 || count > FIRST_MAX) throw inputError(`\`first\` must be 0 to ${FIRST_MAX}.`);
  return count;
}
