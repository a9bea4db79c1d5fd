import { type Chance, hashTexts } from "./chance.ts";
import { makeEntities, makeMedia, makeRoots } from "./shapes.ts";

/** Types that fields of random federations have. Any is a union; Node, Media and Shape are interfaces, and Media has a key. */
export type FieldKind = "Int" | "String" | "Colour" | "Shade" | "Value" | "Shape" | "Entity" | "Node" | "Any" | "Media";

/** A field of a random federation. */
export interface ModelField {
  readonly name: string;
  /** The type that declares it: what its value depends on, whichever type it is asked of. */
  readonly owner: string;
  readonly kind: FieldKind;
  /** The types of the objects that it holds. */
  readonly targets: readonly string[];
  /** Its type with T in place of the named one: `[T!]`. */
  readonly wrap: string;
  readonly argument: "" | "x: Int = 3" | "by: Filter = { n: 2 }" | "colour: Colour" | "many: [Int!]";
  /** Subgraphs that resolve it. */
  readonly subgraphs: readonly string[];
  /** Selections of the same object's fields in other subgraphs that it is computed from. */
  readonly requires: readonly string[];
  /** A field of its entity that this field's subgraph provides. */
  readonly provides: string | undefined;
  /** The subgraph that it was taken over from; a label makes that a matter of the draw. */
  readonly override: { readonly from: string; readonly label: string | undefined } | undefined;
  /** Whether another subgraph provides it somewhere, which makes it shareable. */
  readonly isProvided: boolean;
  /** Whether callers don't see it. */
  readonly isHidden: boolean;
  /** Whether it never fails, and is null only where it may be. */
  readonly isCalm: boolean;
}

/** Keys of entities. */
export type Key = "id" | "code" | "id code" | "pos { x }";

/** An entity type of a random federation. */
export interface ModelEntity {
  readonly name: string;
  readonly fields: readonly ModelField[];
  /** Subgraphs that know the type, with the keys they can look it up by. */
  readonly subgraphs: ReadonlyMap<string, readonly Key[]>;
  /** Subgraphs that only refer to it. */
  readonly stubs: ReadonlySet<string>;
}

/** An entity interface, and the subgraph that adds fields to it without knowing its types. */
export interface ModelMedia {
  readonly home: string;
  readonly objects: string;
  readonly members: readonly string[];
  /** The field that each member has in its home. */
  readonly own: ModelField;
  /** The fields that the other subgraph adds. */
  readonly added: readonly ModelField[];
}

/** A random federation, in one piece: the monolith and the subgraphs are both read from it. */
export interface Model {
  readonly seed: number;
  readonly subgraphs: readonly string[];
  readonly entities: readonly ModelEntity[];
  readonly media: ModelMedia | undefined;
  readonly queries: readonly ModelField[];
  readonly mutations: readonly ModelField[];
  /** Whether each field has one subgraph and each key is known everywhere, so that it can be foretold what a lost call takes with it. */
  readonly isPlain: boolean;
  /** Whether types that implement an interface narrow a field of it. */
  readonly isNarrowing: boolean;
}

/** Objects of each entity type. */
export const instances = 3;

/** Makes a federation; not each of them composes. */
export function makeModel(chance: Chance, seed: number, { isNarrowing }: Pick<Model, "isNarrowing">): Model {
  const subgraphs = ["a", "b", "c", "d", "e"].slice(0, 2 + chance.int(4));
  const isPlain = chance.is(0.3);
  const names = ["P", "Q", "R"].slice(0, 1 + chance.int(3));
  const frame = makeMedia(chance, { subgraphs, names, isPlain });
  const parts = makeRoots(chance, {
    subgraphs,
    entities: makeEntities(chance, { subgraphs, names, isPlain, media: frame }),
    isPlain,
    media: frame,
  });
  return { seed, subgraphs, isPlain, isNarrowing, ...parts };
}

/** Every field by the type that has it and its name; the members of Media have its fields. */
export function fieldsOf(model: Model): ReadonlyMap<string, ModelField> {
  const fields = new Map<string, ModelField>();
  for (const field of model.queries) fields.set(`Query.${field.name}`, field);
  for (const field of model.mutations) fields.set(`Mutation.${field.name}`, field);
  for (const entity of model.entities) for (const field of entity.fields) fields.set(`${entity.name}.${field.name}`, field);
  const { media } = model;
  if (media === undefined) return fields;
  for (const type of ["Media", ...media.members])
    for (const field of [media.own, ...media.added]) fields.set(`${type}.${field.name}`, field);
  return fields;
}

/** A field's declaration, without directives. */
export function declare(field: ModelField): string {
  const inner = field.kind === "Entity" ? (field.targets[0] ?? "P") : field.kind;
  return `${field.name}${field.argument === "" ? "" : `(${field.argument})`}: ${field.wrap.replace("T", inner)}`;
}

/** An object of an entity type, as resolvers pass it on. */
export interface Instance {
  readonly __typename: string;
  /** The entity's own type, where a subgraph knows it as Media only. */
  readonly type: string;
  readonly index: number;
  /** The subgraph whose field it came from. */
  readonly via: string;
  /** A field that comes with it. */
  readonly provides: string | undefined;
  /** What the hub sent for it. */
  readonly representation: Readonly<Record<string, unknown>> | undefined;
}

export function instanceOf(type: string, index: number, via = ""): Instance {
  return { __typename: type, type, index, via, provides: undefined, representation: undefined };
}

/** The value of a key field, or of a field that every Node has. */
export function keyValue({ type, index, via }: Instance, name: string): unknown {
  switch (name) {
    case "id":
      return `${type}${index}`;
    case "code":
      return `c${index}`;
    case "pos":
      return { __typename: "Pos", x: index };
    case "kin":
      return hashTexts("kin", type, String(index)) % 4 === 0 ? null : instanceOf(type, (index + 1) % instances, via);
    case "tag":
      return hashTexts(type, String(index)) % 2 === 0 ? null : `tag-${index}`;
    default:
      return undefined;
  }
}

/** The object that a representation means; undefined when there is none. */
export function findInstance(model: Model, representation: Readonly<Record<string, unknown>>): Instance | undefined {
  const { __typename: typeName, id, code, pos } = representation;
  if (typeof typeName !== "string") return undefined;
  for (const { name } of model.entities) {
    if (name !== typeName && typeName !== "Media") continue;
    for (let index = 0; index < instances; index += 1) {
      const instance = instanceOf(name, index);
      const isKnown =
        (id === undefined || id === keyValue(instance, "id")) &&
        (code === undefined || code === keyValue(instance, "code")) &&
        (pos === undefined || (pos as { x: unknown }).x === index);
      if (isKnown && (id ?? code ?? pos) !== undefined) return { ...instance, __typename: typeName, representation };
    }
  }
  return undefined;
}
