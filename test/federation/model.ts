import { type Chance, hashTexts } from "./chance.ts";

/** Types that fields of random federations have. */
export type FieldKind = "Int" | "String" | "Enum" | "Value" | "Entity" | "Node" | "Union";

/** A field of a random federation. */
export interface ModelField {
  readonly name: string;
  readonly kind: FieldKind;
  /** For entities: the type's name. */
  readonly target: string;
  /** Wrappers from the outside: "[" for a list, "!" for non-null after what stands outside of it. */
  readonly wrap: "" | "!" | "[]" | "[!]" | "[!]!" | "[[]]";
  readonly hasArgument: boolean;
  /** Subgraphs that resolve it. */
  readonly owners: readonly string[];
  /** Leaf fields of the same entity in other subgraphs that it is computed from. */
  readonly requires: readonly string[];
}

/** An entity type of a random federation. */
export interface ModelEntity {
  readonly name: string;
  readonly fields: readonly ModelField[];
  /** Subgraphs that know the type, with the keys they can look it up by. */
  readonly subgraphs: ReadonlyMap<string, readonly ("id" | "code" | "pos { x }")[]>;
}

/** A random federation, in one piece: the monolith and the subgraphs are both read from it. */
export interface Model {
  readonly subgraphs: readonly string[];
  readonly entities: readonly ModelEntity[];
  readonly roots: readonly ModelField[];
  readonly instances: number;
  readonly seed: number;
}

const leafKinds = ["Int", "String", "Enum", "Value"] as const;
const wraps = ["", "", "!", "[]", "[!]", "[!]!", "[[]]"] as const;

/** Makes a federation; not each of them composes. */
export function makeModel(chance: Chance, seed: number): Model {
  const subgraphs = ["a", "b", "c", "d"].slice(0, 2 + chance.int(3));
  const names = ["P", "Q", "R"].slice(0, 1 + chance.int(3));
  const entities = names.map((name) => makeEntity(chance, { name, names, subgraphs }));
  const roots = Array.from({ length: 2 + chance.int(2) }, (_, index) =>
    makeField(chance, {
      name: `root${index}`,
      kinds: ["Entity", "Entity", "Node", "Union", "Value"],
      names,
      owners: [chance.one(subgraphs)],
    }),
  );
  const servable = entities.map((entity) => ({ ...entity, fields: entity.fields.filter((field) => isServable(field, entities)) }));
  return { subgraphs, entities: servable, roots: roots.filter((root) => isServable(root, entities)), instances: 3, seed };
}

/** A subgraph can only return objects of types that it knows; an interface or the union may turn out as any of them. */
function isServable(field: ModelField, entities: readonly ModelEntity[]): boolean {
  const targets =
    field.kind === "Entity"
      ? entities.filter(({ name }) => name === field.target)
      : field.kind === "Node" || field.kind === "Union"
        ? entities
        : [];
  return targets.every((target) => field.owners.every((owner) => target.subgraphs.has(owner)));
}

interface EntityOptions {
  readonly name: string;
  readonly names: readonly string[];
  readonly subgraphs: readonly string[];
}

function makeEntity(chance: Chance, { name, names, subgraphs }: EntityOptions): ModelEntity {
  const hosts = chance.some(subgraphs, 0.8);
  const known = hosts.length < 2 ? subgraphs : hosts;
  const keys = new Map(known.map((subgraph, index) => [subgraph, index === 0 ? (["id", "code"] as const) : makeKeys(chance)] as const));
  const fields: ModelField[] = [];
  const count = 3 + chance.int(4);
  for (let index = 0; index < count; index += 1) {
    const isShared = chance.is(0.2);
    const owners = isShared ? known.slice(0, 2) : [chance.one(known)];
    const kinds = chance.is(0.5) ? leafKinds : (["Entity", "Node", "Union"] as const);
    const field = makeField(chance, { name: `f${index}`, kinds, names, owners });
    const sources = fields.filter(
      (source) =>
        !source.hasArgument &&
        source.requires.length === 0 &&
        (source.kind === "Int" || source.kind === "String") &&
        source.owners.every((owner) => !owners.includes(owner)),
    );
    const canRequire = owners.length === 1 && (field.kind === "Int" || field.kind === "String") && sources.length > 0 && chance.is(0.6);
    fields.push(
      canRequire
        ? { ...field, wrap: "", hasArgument: false, requires: sources.slice(0, 1 + chance.int(2)).map((source) => source.name) }
        : field,
    );
  }
  return { name, fields, subgraphs: keys };
}

function makeKeys(chance: Chance): readonly ("id" | "code" | "pos { x }")[] {
  return chance.one([["id"], ["code"], ["id", "code"], ["code", "id"]] as const);
}

interface FieldOptions {
  readonly name: string;
  readonly kinds: readonly FieldKind[];
  readonly names: readonly string[];
  readonly owners: readonly string[];
}

function makeField(chance: Chance, { name, kinds, names, owners }: FieldOptions): ModelField {
  const kind = chance.one(kinds);
  return { name, kind, target: chance.one(names), wrap: chance.one(wraps), hasArgument: chance.is(0.3), owners, requires: [] };
}

/** A field's type as SDL. */
export function typeOf(field: ModelField): string {
  const inner = { Int: "Int", String: "String", Enum: "Colour", Value: "Value", Entity: field.target, Node: "Node", Union: "Any" }[
    field.kind
  ];
  switch (field.wrap) {
    case "":
      return inner;
    case "!":
      return `${inner}!`;
    case "[]":
      return `[${inner}]`;
    case "[!]":
      return `[${inner}!]`;
    case "[!]!":
      return `[${inner}!]!`;
    case "[[]]":
      return `[[${inner}]]`;
  }
}

/** An object of an entity type, as resolvers pass it on. */
export interface Instance {
  readonly __typename: string;
  readonly id: string;
  readonly [key: string]: unknown;
}

/** The value of a field of one object: it depends on the model's seed, the object, the field and its argument alone. */
export function valueOf(
  model: Model,
  field: ModelField,
  at: { readonly owner: string; readonly id: string; readonly argument: number | undefined; readonly inputs: readonly unknown[] },
): unknown {
  const path = [String(model.seed), at.owner, at.id, field.name, String(at.argument ?? ""), JSON.stringify(at.inputs)];
  const make = (...more: string[]): unknown => {
    const bits = hashTexts(...path, ...more);
    if (bits % 7 === 0) return null;
    return scalarOf(model, field, bits);
  };
  const bits = hashTexts(...path, "outer");
  switch (field.wrap) {
    case "":
      return make();
    case "!":
      return bits % 11 === 0 ? null : (make() ?? scalarOf(model, field, bits));
    case "[]":
    case "[!]":
    case "[!]!":
      return bits % 9 === 0 ? null : Array.from({ length: bits % 4 }, (_, index) => make(String(index)));
    case "[[]]":
      return Array.from({ length: bits % 3 }, (_, outer) =>
        hashTexts(...path, String(outer)) % 5 === 0
          ? null
          : Array.from({ length: 2 }, (_item, index) => make(String(outer), String(index))),
      );
  }
}

function scalarOf(model: Model, field: ModelField, bits: number): unknown {
  const pick = Math.floor(bits / 16);
  switch (field.kind) {
    case "Int":
      return pick % 1_000;
    case "String":
      return `s${pick % 1_000}"\\é`;
    case "Enum":
      return pick % 2 === 0 ? "RED" : "BLUE";
    case "Value":
      return { n: pick % 100, t: pick % 3 === 0 ? null : `t${pick % 10}` };
    case "Entity":
      return instanceOf(field.target, pick % model.instances);
    case "Node":
    case "Union":
      return instanceOf(model.entities[pick % model.entities.length]?.name ?? "P", pick % model.instances);
  }
}

export function instanceOf(name: string, index: number): Instance {
  return { __typename: name, id: String(index), code: `c${index}`, pos: { x: index } };
}

/** The object that a key means; undefined when there is none. */
export function findInstance(model: Model, name: string, key: Readonly<Record<string, unknown>>): Instance | undefined {
  for (let index = 0; index < model.instances; index += 1) {
    const instance = instanceOf(name, index);
    if (key["id"] === instance.id || (key["id"] === undefined && key["code"] === instance["code"])) return instance;
  }
  return undefined;
}
