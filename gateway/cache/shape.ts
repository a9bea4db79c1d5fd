import { isJsonObject, type JsonObject } from "../core/joined.ts";

/**
 * What a selection set asks of an object, with the values of variables in place.
 *
 * Kept objects know their fields by canonical keys: a field's name and arguments, whatever it was called in the reply. So questions that differ
 * in aliases, order and fragments meet in one kept object.
 */
export interface Shape {
  /** The object's type where the schema leaves no choice. */
  readonly typeName: string | undefined;
  readonly fields: readonly ShapeField[];
}

/** One response key of a selection set. */
export interface ShapeField {
  readonly responseKey: string;
  /** The key in kept objects. */
  readonly key: string;
  /** The selections that ask for it, each under its own type conditions; those that apply to an object count together. */
  readonly variants: readonly Variant[];
  /** What variants ask for together, by the bits of those that apply; filled as they are met, and as many as there are types at most. */
  readonly combined: Map<number, Shape>;
}

/** One selection of a field. */
export interface Variant {
  /** All of them must hold. */
  readonly typeConditions: readonly string[];
  /** Undefined for a leaf. */
  readonly below: Shape | undefined;
}

/** Whether objects of one type are objects of the other, in either direction. */
export type IsRelated = (typeName: string, condition: string) => boolean;

/** The key under which objects say what they are. */
export const TYPE_KEY = "__typename";

interface Reading {
  readonly isRelated: IsRelated;
  /** About what it takes in memory, in bytes. */
  bytes: number;
}

/** A kept object, and about how many bytes it takes in memory. */
export interface Kept {
  readonly data: JsonObject;
  readonly bytes: number;
}

/** A kept object while it is made. */
type Draft = { [key: string]: unknown };

/**
 * Turns an object of a reply into one to keep.
 *
 * @param typeName What the object is, where it doesn't say so itself.
 * @returns Undefined when it can't be told which of its fields mean what.
 */
export function keepObject(
  shape: Shape,
  source: JsonObject,
  site: { typeName: string | undefined; isRelated: IsRelated },
): Kept | undefined {
  const reading: Reading = { isRelated: site.isRelated, bytes: 0 };
  const data = keep(reading, { shape, typeName: site.typeName }, source);
  return data === undefined ? undefined : { data, bytes: reading.bytes };
}

interface At {
  readonly shape: Shape;
  readonly typeName: string | undefined;
}

/** Bytes of an object, and of one member of it besides its text, rounded up. */
const objectBytes = 64;
const memberBytes = 24;

function keep(reading: Reading, { shape, typeName }: At, source: JsonObject): JsonObject | undefined {
  const type = typeOf(source, typeName ?? shape.typeName);
  const data: Draft = {};
  reading.bytes += objectBytes;
  for (const field of shape.fields) {
    const value = source[field.responseKey];
    if (value === undefined) continue;
    const applying = applyingTo(field, type, reading.isRelated);
    if (applying === undefined) return undefined;
    if (applying === 0) continue;
    const kept = keepValue(reading, belowOf(field, applying), value);
    if (kept === undefined) return undefined;
    data[field.key] = kept;
    reading.bytes += memberBytes;
  }
  return data;
}

/** @returns Undefined when it can't be kept. */
function keepValue(reading: Reading, below: Shape | undefined, value: unknown): unknown {
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    reading.bytes += objectBytes;
    for (const item of value as readonly unknown[]) {
      const kept = keepValue(reading, below, item);
      if (kept === undefined) return undefined;
      list.push(kept);
    }
    return list;
  }
  if (below !== undefined && isJsonObject(value)) return keep(reading, { shape: below, typeName: undefined }, value);
  // What stands in the place of objects and is none was never asked for; a leaf may be any JSON.
  if (below !== undefined && value !== null) return undefined;
  reading.bytes += typeof value === "string" ? value.length + memberBytes : isJsonObject(value) ? JSON.stringify(value).length * 4 : 8;
  return value;
}

function typeOf(source: JsonObject, otherwise: string | undefined): string | undefined {
  const named = source[TYPE_KEY];
  return typeof named === "string" ? named : otherwise;
}

/** Bits of a number that can be told apart; more variants than that aren't kept. */
const bitsMax = 30;

/** The bits of the variants that apply to an object of a type; undefined when that can't be told. */
function applyingTo({ variants }: ShapeField, type: string | undefined, isRelated: IsRelated): number | undefined {
  let bits = 0;
  for (const [index, { typeConditions }] of variants.entries()) {
    if (index > bitsMax || (typeConditions.length > 0 && type === undefined)) return undefined;
    if (type === undefined || typeConditions.every((condition) => isRelated(type, condition))) bits |= 1 << index;
  }
  return bits;
}

/** What the variants that apply ask for together. */
function belowOf({ variants, combined }: ShapeField, applying: number): Shape | undefined {
  const [first] = variants;
  if (variants.length === 1 || first?.below === undefined) return first?.below;
  const known = combined.get(applying);
  if (known !== undefined) return known;
  const shapes = variants.flatMap(({ below }, index) => (below !== undefined && (applying & (1 << index)) !== 0 ? [below] : []));
  const shape = combineShapes(shapes);
  combined.set(applying, shape);
  return shape;
}

/** One shape that asks for all that several ask of one object. */
export function combineShapes(shapes: readonly Shape[]): Shape {
  const fields = new Map<string, ShapeField>();
  for (const field of shapes.flatMap((shape) => shape.fields)) {
    const known = fields.get(field.responseKey);
    const variants = known === undefined ? field.variants : [...known.variants, ...field.variants];
    fields.set(field.responseKey, { ...field, variants, combined: new Map() });
  }
  return { typeName: shapes.find(({ typeName }) => typeName !== undefined)?.typeName, fields: [...fields.values()] };
}

/** What a kept object doesn't hold of what it was asked for. */
export const MISSING: unique symbol = Symbol("missing");

/**
 * Gives one field of a kept object as its question calls it.
 *
 * What an object holds can be told by looking at it: a null and an empty list are right whatever is asked of the objects that aren't there, as
 * errors are never kept.
 *
 * @returns `MISSING` when the object doesn't hold all that is asked for; undefined when the field isn't asked of an object of this type.
 */
export function serveField(field: ShapeField, data: JsonObject, site: { typeName: string | undefined; isRelated: IsRelated }): unknown {
  const applying = applyingTo(field, typeOf(data, site.typeName), site.isRelated);
  if (applying === undefined) return MISSING;
  if (applying === 0) return undefined;
  const value = data[field.key];
  return value === undefined ? MISSING : serveValue(belowOf(field, applying), value, site.isRelated);
}

function serveValue(below: Shape | undefined, value: unknown, isRelated: IsRelated): unknown {
  if (below === undefined) return value;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    for (const item of value as readonly unknown[]) {
      const served = serveValue(below, item, isRelated);
      if (served === MISSING) return MISSING;
      list.push(served);
    }
    return list;
  }
  if (!isJsonObject(value)) return value === null ? null : MISSING;
  const object: Draft = {};
  const site = { typeName: below.typeName, isRelated };
  for (const field of below.fields) {
    const served = serveField(field, value, site);
    if (served === MISSING) return MISSING;
    if (served !== undefined) object[field.responseKey] = served;
  }
  return object;
}
