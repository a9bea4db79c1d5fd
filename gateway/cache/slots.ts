import type { KeyFields } from "../../schema/entities.ts";
import { isJsonObject, type JsonObject } from "../core/joined.ts";

/**
 * Epochs stand in a table of fixed size for each subgraph. Slot 0 is the subgraph's own; types and tags have the next ones, entities the rest. What shares a
 * slot is invalidated together: that costs a miss and nothing else.
 */
export const SLOTS = 4_096;

/** The slot of everything that a subgraph said. */
export const SUBGRAPH_SLOT = 0;

const entitySlotsFrom = 512;

/** The slot that changes when a type is invalidated as a whole. */
export function typeSlot(typeName: string): number {
  return 1 + (hash(`type ${typeName}`) % (entitySlotsFrom - 1));
}

/** The slot that changes when a type, or any one entity of it, is invalidated. */
export function someSlot(typeName: string): number {
  return 1 + (hash(`some ${typeName}`) % (entitySlotsFrom - 1));
}

/** The slot of a tag. */
export function tagSlot(tag: string): number {
  return 1 + (hash(`tag ${tag}`) % (entitySlotsFrom - 1));
}

/**
 * The slot of one entity.
 *
 * @param key What `keyText` gave.
 */
export function entitySlot(typeName: string, key: string): number {
  return entitySlotsFrom + (hash(`entity ${typeName} ${key}`) % (SLOTS - entitySlotsFrom));
}

/**
 * Writes the values that an object has for a key. Numbers and strings are written alike, as an ID may come as either: a department that invalidates
 * 5 means "5" too.
 *
 * @returns Undefined when a field of the key isn't there.
 */
export function keyText(fields: KeyFields, object: JsonObject): string | undefined {
  if (fields.length === 0) return undefined;
  const parts: string[] = [];
  for (const { name, below } of fields) {
    const value = object[name];
    const text = below === undefined ? leafText(value) : isJsonObject(value) ? keyText(below, value) : undefined;
    if (text === undefined) return undefined;
    parts.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${parts.join(",")}}`;
}

function leafText(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
    case "boolean":
      return JSON.stringify(String(value));
    default:
      return value === null ? '"null"' : undefined;
  }
}

/** FNV-1a over UTF-16 units, then mixed, as slots take the low bits. @see http://www.isthe.com/chongo/tech/comp/fnv/ */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value ^= text.charCodeAt(index);
    value = Math.imul(value, 0x01000193);
  }
  value ^= value >>> 15;
  value = Math.imul(value, 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
