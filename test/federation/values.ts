import { hashTexts } from "./chance.ts";
import { fieldsOf, type Instance, instanceOf, instances, keyValue, type Model, type ModelField } from "./model.ts";

/** What goes wrong while an operation runs. */
export type Faults =
  | { readonly kind: "none" }
  /** Some fields throw, whoever resolves them. */
  | { readonly kind: "fields"; readonly salt: number }
  /** Every call of a subgraph fails. */
  | { readonly kind: "dead"; readonly subgraph: string }
  /** A subgraph doesn't know some of the entities that it is asked for. */
  | { readonly kind: "lost"; readonly subgraph: string; readonly salt: number };

/** A model with what goes wrong in it and the state that mutations change. */
export interface World {
  readonly model: Model;
  readonly fields: ReadonlyMap<string, ModelField>;
  readonly faults: Faults;
  /** Whether there is but one server, which knows the type of everything. */
  readonly isWhole: boolean;
  /** Changed by each mutation in a way that tells their order. */
  counter: number;
}

export function createWorld(model: Model, faults: Faults, isWhole: boolean): World {
  return { model, fields: fieldsOf(model), faults, isWhole, counter: 1 };
}

/** Which object's field, and how it was asked for. */
export interface At {
  readonly field: ModelField;
  readonly source: Instance | undefined;
  readonly args: Readonly<Record<string, unknown>>;
  /** What the required fields hold. */
  readonly inputs: readonly unknown[];
  /** The subgraph that answers. */
  readonly via: string;
}

/** The value of a field: it depends on the model's seed, the object, the field, its arguments and inputs alone; of a mutation, on those before it. */
export function valueOf(world: World, at: At): unknown {
  const { field, source, args, inputs } = at;
  if (field.owner === "Mutation") return changeOf(world, at);
  const object = source === undefined ? "" : `${source.type}${source.index}`;
  const path = [String(world.model.seed), field.owner, object, field.name, JSON.stringify(args), JSON.stringify(inputs)];
  return wrapped({ world, at }, field.wrap, path);
}

function changeOf(world: World, at: At): unknown {
  const { field, args } = at;
  world.counter = (world.counter * 3 + (hashTexts(field.name, JSON.stringify(args)) % 1_000)) % 1_000_003;
  if (field.kind === "Int") return world.counter;
  return wrapped({ world, at }, field.wrap, [field.name, String(world.counter)]);
}

interface Making {
  readonly world: World;
  readonly at: At;
}

function wrapped(making: Making, wrap: string, path: readonly string[]): unknown {
  const bits = hashTexts(...path, wrap);
  const isRequired = wrap.endsWith("!");
  const isNull = isRequired ? !making.at.field.isCalm && bits % 31 === 0 : bits % 7 === 0;
  if (isNull) return null;
  const inner = isRequired ? wrap.slice(0, -1) : wrap;
  if (!inner.startsWith("[")) return single(making, path);
  const length = Math.floor(bits / 8) % (inner.startsWith("[[") ? 3 : 4);
  return Array.from({ length }, (_, index) => wrapped(making, inner.slice(1, -1), [...path, String(index)]));
}

function single({ world, at }: Making, path: readonly string[]): unknown {
  const { field } = at;
  const pick = Math.floor(hashTexts(...path, "one") / 16);
  switch (field.kind) {
    case "Int":
      return pick % 1_000;
    case "String":
      return `s${pick % 1_000}"\\é`;
    case "Colour":
      return pick % 2 === 0 ? "RED" : "BLUE";
    case "Shade":
      return ["DARK", "LIGHT", "GREY"][pick % shadesOf(field)];
    case "Value":
      return valueObject(pick);
    case "Shape":
      return pick % 2 === 0 ? valueObject(pick) : dotObject(pick);
    default: {
      const type = field.targets[pick % field.targets.length] ?? "P";
      if (type === "Value") return valueObject(pick);
      const index = Math.floor(pick / 8) % instances;
      const isObject = !world.isWhole && field.kind === "Media" && world.model.media?.objects === at.via;
      const typeName = isObject ? "Media" : type;
      return { ...instanceOf(type, index, at.via), __typename: typeName, provides: field.provides };
    }
  }
}

function dotObject(pick: number): unknown {
  return { __typename: "Dot", n: pick % 9, d: pick % 5 === 0 ? null : pick % 17, twin: twinOf(pick, dotObject) };
}

/** A field of an interface that each of its types narrows to itself. */
function twinOf(pick: number, make: (pick: number) => unknown): unknown {
  return pick > 0 && pick % 3 === 0 ? make(Math.floor(pick / 3)) : null;
}

function valueObject(pick: number): unknown {
  const list = Array.from({ length: pick % 3 }, (_, index) => (pick + index) % 50);
  const deep = pick % 11 === 0 ? null : { __typename: "Deep", d: pick % 6 === 0 ? null : `d${pick % 10}`, list };
  return { __typename: "Value", n: pick % 100, t: pick % 3 === 0 ? null : `t${pick % 10}`, deep, twin: twinOf(pick, valueObject) };
}

/** How many of the shades all subgraphs that resolve a field know: an enum of answers alone may differ between them. */
function shadesOf({ subgraphs, override }: ModelField): number {
  return [...subgraphs, ...(override === undefined ? [] : [override.from])].every(knowsGrey) ? 3 : 2;
}

export function knowsGrey(subgraph: string): boolean {
  return subgraph === "b" || subgraph === "d";
}

/** What a field of an object comes to. */
export type Outcome = "value" | "error" | "null";

/** Foretells what faults do to a field. Those of calls and entities can be foretold in plain models alone. */
export function outcomeOf(world: World, field: ModelField, source: Instance | undefined): Outcome {
  const { faults } = world;
  switch (faults.kind) {
    case "none":
      return "value";
    case "fields":
      return isFailing(faults.salt, field, source) ? "error" : "value";
    case "dead":
      if (field.subgraphs.includes(faults.subgraph)) return "error";
      return sourcesOf(world, field, source).every((needed) => outcomeOf(world, needed, source) === "value") ? "value" : "error";
    case "lost": {
      const isFetched = source !== undefined && (!field.subgraphs.includes(source.via) || field.requires.length > 0);
      if (isFetched && field.subgraphs.includes(faults.subgraph) && isLost(faults.salt, source)) return "null";
      return sourcesOf(world, field, source).every((needed) => outcomeOf(world, needed, source) === "value") ? "value" : "null";
    }
  }
}

function sourcesOf(world: World, field: ModelField, source: Instance | undefined): readonly ModelField[] {
  return field.requires.flatMap((selection) => world.fields.get(`${source?.type}.${nameOf(selection)}`) ?? []);
}

function isFailing(salt: number, field: ModelField, source: Instance | undefined): boolean {
  if (field.isCalm && field.wrap.endsWith("!")) return false;
  return hashTexts("fault", String(salt), field.owner, field.name, String(source?.type), String(source?.index)) % 6 === 0;
}

/** Whether a subgraph that loses entities doesn't know this one. */
export function isLost(salt: number, { type, index }: Instance): boolean {
  return hashTexts("lost", String(salt), type, String(index)) % 2 === 0;
}

/** The field that a `@requires` selection begins with. */
export function nameOf(selection: string): string {
  return selection.split(" ", 1)[0] ?? selection;
}

/** Takes from a value what a `@requires` selection names; what isn't there is told by a word. */
export function pickInput(value: unknown, selection: string): unknown {
  const names = selection.match(/\w+|[{}]/g)?.slice(1) ?? [];
  return pick(value, parseNames(names.slice(1)));
}

type Names = readonly { readonly name: string; readonly below: Names }[];

/** @param words What follows an opening brace; they are used up to the brace that closes it. */
function parseNames(words: string[]): Names {
  const names: { name: string; below: Names }[] = [];
  for (let word = words.shift(); word !== undefined && word !== "}"; word = words.shift()) {
    if (word === "{") names.push({ name: names.pop()?.name ?? "", below: parseNames(words) });
    else names.push({ name: word, below: [] });
  }
  return names;
}

function pick(value: unknown, names: Names): unknown {
  if (value === undefined) return "(missing)";
  if (value === null || names.length === 0) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => pick(item, names));
  return Object.fromEntries(names.map(({ name, below }) => [name, pick((value as Record<string, unknown>)[name], below)]));
}

/** What a monolith's computed field reads of the same object. */
export function inputsOf(world: World, field: ModelField, source: Instance | undefined): unknown[] {
  return field.requires.map((selection) => {
    const needed = world.fields.get(`${source?.type}.${nameOf(selection)}`);
    if (needed === undefined || outcomeOf(world, needed, source) !== "value") return null;
    const inputs = inputsOf(world, needed, source);
    return pickInput(valueOf(world, { field: needed, source, args: {}, inputs, via: "" }), selection);
  });
}

/** A key field's value, or undefined. */
export function plainValue(source: unknown, name: string): unknown {
  const object = source as Instance & Record<string, unknown>;
  return object.type === undefined ? object[name] : keyValue(object, name);
}
