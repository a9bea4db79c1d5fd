import type DataLoader from "dataloader";
import type { Resolvers } from "../kit/department.ts";
import { inputError } from "../kit/errors.ts";
import { isDistrictCode } from "../kit/keys.ts";
import { alignOne, createLoader } from "../kit/loaders.ts";
import { dateScalar, moneyScalar } from "../kit/scalars.ts";
import { anyOf, type SqlSource } from "../kit/sql.ts";
import type { Estate, Estates } from "./estates.ts";
import type { ApplicationRow, HousingTables } from "./tables.ts";

/** Loaders of one request. */
export interface HousingLoaders {
  readonly application: DataLoader<string, ApplicationRow | null>;
}

/** Makes the loaders of one request: all applications asked for in one turn are one statement. */
export function createHousingLoaders(source: SqlSource<HousingTables>): HousingLoaders {
  return {
    application: createLoader(async (numbers) => {
      const rows = await source.read(source.db.selectFrom("applications").selectAll().where("number", "=", anyOf(numbers)));
      return alignOne(numbers, rows, ({ number }) => number);
    }),
  };
}

interface Context {
  readonly housing: HousingLoaders;
}

interface NumberArgument {
  readonly number: unknown;
}

interface District {
  readonly code: string;
}

const NUMBERS_MAX = 1_000;

/** Resolvers of schema/departments/housing.graphql. Fields of District resolve from the code alone; members are references. */
export function createHousingResolvers({ byId, byDistrict }: Estates) {
  const estatesIn = ({ code }: District): readonly Estate[] => byDistrict.get(code) ?? [];
  return {
    Date: dateScalar,
    Money: moneyScalar,
    Query: {
      prhApplication: (_root: unknown, { number }: NumberArgument, context: Context) => findApplication(number, context),
      prhApplications: (_root: unknown, { numbers }: { readonly numbers: readonly string[] }, context: Context) => {
        if (numbers.length > NUMBERS_MAX) throw inputError(`At most ${NUMBERS_MAX} application numbers at a time.`);
        return numbers.map((number) => findApplication(number, context));
      },
      estate: (_root: unknown, { id }: { readonly id: string }) => byId.get(id) ?? null,
    },
    PrhApplication: {
      __resolveReference: ({ number }: NumberArgument, context: Context) => findApplication(number, context),
      submittedOn: ({ submitted_on }: ApplicationRow) => submitted_on,
      district: ({ district }: ApplicationRow) => ({ code: district }),
      members: ({ members }: ApplicationRow) => members.map((ref) => ({ ref })),
      householdIncome: ({ income_cents }: ApplicationRow) => income_cents,
    },
    District: {
      __resolveReference: ({ code }: { readonly code: unknown }) => (isDistrictCode(code) ? { code } : null),
      estates: estatesIn,
      rentalFlats: (district: District) => estatesIn(district).reduce((sum, { flats }) => sum + flats, 0),
    },
    Estate: {
      __resolveReference: ({ id }: { readonly id: unknown }) => (typeof id === "string" ? (byId.get(id) ?? null) : null),
      name: ({ nameEn, nameTc }: Estate) => ({ en: nameEn, tc: nameTc }),
      district: ({ district }: Estate) => ({ code: district }),
    },
  } satisfies Resolvers;
}

/** Texts that are no application numbers aren't looked for. */
async function findApplication(number: unknown, { housing }: Context): Promise<ApplicationRow | null> {
  return typeof number === "string" && /^HD-PRH-\d{7}$/.test(number) ? await housing.application.load(number) : null;
}
