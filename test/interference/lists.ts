import type { Chance } from "../federation/chance.ts";
import { hashTexts } from "../federation/chance.ts";
import type { Model, ModelEntity, ModelField } from "../federation/model.ts";
import { type Instance, instanceOf, instances } from "../federation/model.ts";

/** Root fields of one subgraph that list, filter, sort, page and count the objects of one type by values of their fields. */
export interface Listing {
  readonly subgraph: string;
  readonly entity: string;
  /** Names of the root fields. */
  readonly list: string;
  readonly count: string;
  /** Fields that may be sorted and filtered by. The first is also what pages are cut by. */
  readonly fields: readonly ModelField[];
}

/** Filters compare the bucket that a value falls into. */
const buckets = 5;

/** Chooses what can be listed. */
export function makeListings(chance: Chance, { entities }: Model): readonly Listing[] {
  return entities.flatMap((entity, index) => {
    const [subgraph, fields] = chance.one(candidates(entity));
    return fields.length === 0 ? [] : [{ subgraph, entity: entity.name, list: `list${index}`, count: `count${index}`, fields }];
  });
}

function candidates(entity: ModelEntity): (readonly [string, readonly ModelField[]])[] {
  const known = [...entity.subgraphs.keys()].filter((host) => !entity.stubs.has(host));
  return known.map((host) => [host, entity.fields.filter((field) => isComparable(field, host)).slice(0, 6)] as const);
}

function isComparable({ subgraphs, kind, wrap, argument, override, requires, isHidden }: ModelField, host: string): boolean {
  return (
    subgraphs.includes(host) &&
    (kind === "Int" || kind === "String") &&
    !wrap.startsWith("[") &&
    argument === "" &&
    override === undefined &&
    requires.length === 0 &&
    !isHidden
  );
}

/** The SDL that listings add to a subgraph. */
export function listingSdl(listings: readonly Listing[], subgraph: string): string {
  return listings
    .filter((listing) => listing.subgraph === subgraph)
    .map(({ entity, list, count, fields }) => {
      const filters = fields.map(({ name }) => `${name}: Int`).join(" ");
      return [
        `extend type Query { ${list}(order: ${entity}Order, where: ${entity}Where, first: Int = 3, after: Int): [${entity}] ${count}(where: ${entity}Where): Int }`,
        `enum ${entity}Order { ${fields.map(({ name }) => `BY_${name}`).join(" ")} }`,
        `input ${entity}Where { ${filters} either: [${entity}Where!] }`,
      ].join("\n");
    })
    .join("\n");
}

/** What each input of a listing reads: coordinates of inputs with the field that they tell about. */
export function inputsOfListing({ entity, list, fields }: Listing): ReadonlyMap<string, string> {
  const [first] = fields;
  return new Map([
    ...fields.flatMap(({ name }) => [
      [`${entity}Order.BY_${name}`, `${entity}.${name}`] as const,
      [`${entity}Where.${name}`, `${entity}.${name}`] as const,
    ]),
    [`Query.${list}(after:)`, `${entity}.${first?.name ?? ""}`],
  ]);
}

/** How a listing reads a field of an object. */
export type ReadValue = (field: ModelField, instance: Instance) => unknown;

type Filter = Readonly<Record<string, unknown>>;

/** Answers a root field of a listing; undefined when the field is none. */
export function answerListing(
  listings: readonly Listing[],
  { name, args }: { readonly name: string; readonly args: Readonly<Record<string, unknown>> },
  read: ReadValue,
): { readonly value: unknown } | undefined {
  const listing = listings.find(({ list, count }) => name === list || name === count);
  if (listing === undefined) return undefined;
  const { fields, entity, subgraph } = listing;
  const [pageField] = fields;
  const all = Array.from({ length: instances }, (_, index) => instanceOf(entity, index, subgraph));
  const where = args["where"] as Filter | null | undefined;
  let found = all.filter((instance) => meets(listing, where, (field) => read(field, instance)));
  if (name === listing.count) return { value: found.length };
  const order = fields.find((field) => `BY_${field.name}` === args["order"]);
  if (order !== undefined) found = found.toSorted((one, other) => compare(read(order, one), read(order, other)));
  const after = args["after"];
  if (typeof after === "number" && pageField !== undefined)
    found = found.filter((instance) => bucketOf(read(pageField, instance)) >= after % buckets);
  const first = args["first"];
  return { value: typeof first === "number" ? found.slice(0, Math.max(0, first)) : found };
}

function meets(listing: Listing, where: Filter | null | undefined, read: (field: ModelField) => unknown): boolean {
  if (where === undefined || where === null) return true;
  const isMet = listing.fields.every((field) => {
    const least = where[field.name];
    return typeof least !== "number" || bucketOf(read(field)) >= least % buckets;
  });
  const either = where["either"] as readonly Filter[] | null | undefined;
  return isMet && (either === undefined || either === null || either.length === 0 || either.some((one) => meets(listing, one, read)));
}

function bucketOf(value: unknown): number {
  return hashTexts(JSON.stringify(value ?? null)) % buckets;
}

function compare(one: unknown, other: unknown): number {
  return bucketOf(one) - bucketOf(other);
}
