import type DataLoader from "dataloader";
import type { Resolvers } from "../kit/department.ts";
import { inputError } from "../kit/errors.ts";
import { isPersonRef } from "../kit/keys.ts";
import { alignOne, createLoader } from "../kit/loaders.ts";
import { dateScalar } from "../kit/scalars.ts";
import { anyOf, type SqlSource } from "../kit/sql.ts";
import type { ImmigrationTables, PersonRow } from "./tables.ts";
import type { ControlPoint, TrafficFiles } from "./traffic.ts";

/** Loaders of one request. */
export interface ImmigrationLoaders {
  readonly person: DataLoader<string, PersonRow | null>;
}

/** Makes the loaders of one request: all persons asked for in one turn are one statement. */
export function createImmigrationLoaders(source: SqlSource<ImmigrationTables>): ImmigrationLoaders {
  return {
    person: createLoader(async (refs) => {
      const rows = await source.read(source.db.selectFrom("persons").selectAll().where("ref", "=", anyOf(refs)));
      return alignOne(refs, rows, ({ ref }) => ref);
    }),
  };
}

interface Context {
  readonly immigration: ImmigrationLoaders;
}

interface Person {
  readonly ref: string;
}

interface TrafficArguments {
  readonly controlPoint?: string | null;
  readonly from: string;
  readonly until: string;
}

const MONTHS_DEFAULT = 12;
const MONTHS_MAX = 120;
const DAYS_MAX = 366;
const DAY_MS = 86_400_000;

/** Resolvers of schema/departments/immigration.graphql. Every field of Person resolves from the reference alone. */
export function createImmigrationResolvers(files: TrafficFiles) {
  return {
    Date: dateScalar,
    Query: {
      person: async (_root: unknown, { ref }: { readonly ref: unknown }, context: Context) =>
        isPersonRef(ref) && (await context.immigration.person.load(ref)) !== null ? { ref } : null,
      controlPoints: () => [...files.controlPoints.values()],
      passengerTraffic: (_root: unknown, args: TrafficArguments) => findTraffic(files, args),
    },
    // The other parties are companies, which this department never names.
    Party: { __resolveType: () => "Person" },
    Person: {
      __resolveReference: ({ ref }: { readonly ref: unknown }) => (isPersonRef(ref) ? { ref } : null),
      name: personField(({ name_en, name_tc }) => ({ en: name_en, tc: name_tc })),
      hkid: personField(({ hkid }) => hkid),
      dateOfBirth: personField(({ date_of_birth }) => date_of_birth),
      sex: personField(({ sex }) => sex),
      residentStatus: personField(({ resident_status }) => resident_status),
      absenceDays: async ({ ref }: Person, { months }: { readonly months?: number | null }, context: Context) => {
        const count = readMonths(months);
        const row = await context.immigration.person.load(ref);
        return row === null ? null : row.absences.subarray(0, count).reduce((sum, days) => sum + days, 0);
      },
    },
    ControlPoint: {
      __resolveReference: ({ id }: { readonly id: unknown }): ControlPoint | null =>
        typeof id === "string" ? (files.controlPoints.get(id) ?? null) : null,
    },
  } satisfies Resolvers;
}

/** A field of the person's row; null for a person whom the department doesn't know. */
function personField<Value>(read: (row: PersonRow) => Value) {
  return async ({ ref }: Person, _args: unknown, { immigration }: Context): Promise<Value | null> => {
    const row = await immigration.person.load(ref);
    return row === null ? null : read(row);
  };
}

function readMonths(months: number | null | undefined): number {
  const count = months ?? MONTHS_DEFAULT;
  if (count < 1 || count > MONTHS_MAX) throw inputError(`\`months\` must be 1 to ${MONTHS_MAX}.`);
  return count;
}

function findTraffic({ controlPoints, traffic }: TrafficFiles, { controlPoint, from, until }: TrafficArguments) {
  const days = (Date.parse(until) - Date.parse(from)) / DAY_MS;
  if (days < 0) throw inputError("`until` must not be before `from`.");
  if (days > DAYS_MAX) throw inputError(`\`from\` and \`until\` must be at most ${DAYS_MAX} days apart.`);
  if (typeof controlPoint === "string" && !controlPoints.has(controlPoint))
    throw inputError("There is no control point with this identifier.");
  return traffic.filter(
    ({ date, controlPoint: { id } }) => date >= from && date < until && (typeof controlPoint !== "string" || id === controlPoint),
  );
}
