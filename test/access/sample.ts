import type { DocumentNode } from "graphql";
import { buildSchema, parse, validate } from "graphql";
import type { ClearOptions } from "../../gateway/access/clear.ts";
import { clearOperation } from "../../gateway/access/clear.ts";
import type { ClearedOperation } from "../../gateway/core/cleared.ts";
import { HubError } from "../../gateway/core/errors.ts";
import type { Decision, DenyReason, Entitlement } from "../../policies/engine/words.ts";

/** A small graph with every kind of type. */
export const schema = buildSchema(`
  directive @trace(level: TraceLevel) on FIELD | QUERY | FRAGMENT_SPREAD | INLINE_FRAGMENT
  enum TraceLevel { LOW HIGH }
  interface Animal { name: String owner: Person friends: [Animal!] }
  type Dog implements Animal { name: String owner: Person friends: [Animal!] breed: String chip: String }
  type Cat implements Animal { name: String owner: Person friends: [Animal!] lives: Int chip: String }
  union Asset = Dog | Car
  type Car { mark: String value: Int owner: Person }
  type Person {
    ref: ID
    name: String
    income: Int
    pets(order: Order, filter: PetFilter): [Animal!]
    cars(licensedOnly: Boolean, first: Int): [Car!]
    assets: [[Asset!]!]
    mother: Person
  }
  enum Order { NAME INCOME }
  input PetFilter { name: String income: Int order: Order either: [PetFilter!] }
  type Query { person(ref: ID): Person people(refs: [ID!], order: Order): [Person!] animal: Animal asset: Asset today: String }
  type Mutation { rename(ref: ID, name: String): Person }
`);

/** Every coordinate of the sample that can be decided on. */
export function coordinatesOfSample(): string[] {
  const coordinates: string[] = ["@trace", "@trace(level:)"];
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith("__")) continue;
    if ("getValues" in type) coordinates.push(...type.getValues().map((value) => `${type.name}.${value.name}`));
    if (!("getFields" in type)) continue;
    for (const field of Object.values(type.getFields())) {
      coordinates.push(`${type.name}.${field.name}`);
      for (const argument of "args" in field ? field.args : []) coordinates.push(`${type.name}.${field.name}(${argument.name}:)`);
    }
  }
  return coordinates;
}

/** An entitlement that allows all of the sample but what is named. */
export function entitle(denied: Readonly<Record<string, DenyReason>> = {}): Entitlement {
  const decisions = new Map<string, Decision>();
  for (const coordinate of coordinatesOfSample()) decisions.set(coordinate, { kind: "allow", by: { agreement: "A-1", version: 1 } });
  for (const [coordinate, reason] of Object.entries(denied)) {
    if (!decisions.has(coordinate)) throw new Error(`The sample has no ${coordinate}.`);
    decisions.set(coordinate, { kind: "deny", reason });
  }
  return {
    id: "e",
    bureau: "housing",
    purpose: "prh-eligibility",
    bundleHash: "b",
    decisions,
    obligations: new Map(),
    changesAtMs: undefined,
  };
}

/** An entitlement that allows all of the sample but what is named. */
export function without(...coordinates: string[]): Entitlement {
  return entitle(Object.fromEntries(coordinates.map((coordinate) => [coordinate, "NOT_IN_AGREEMENT" as const])));
}

/** Parses a document and checks that it is valid. */
export function read(text: string): DocumentNode {
  const document = parse(text);
  const errors = validate(schema, document);
  if (errors.length > 0) throw new Error(`The test's own document is invalid: ${errors.map((error) => error.message).join(" ")}`);
  return document;
}

/** Clears a text for an entitlement. */
export function clear(text: string, entitlement: Entitlement | undefined, more: Partial<ClearOptions> = {}): ClearedOperation {
  return clearOperation({ schema, document: read(text), operationName: undefined, entitlement, onDenied: "withhold", ...more });
}

/** A text on one line, to compare documents by. */
export function flat(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** The error that an action throws. */
export function refusalOf(action: () => unknown): HubError {
  try {
    action();
  } catch (error) {
    if (error instanceof HubError) return error;
    throw error;
  }
  throw new Error("Nothing was refused.");
}
