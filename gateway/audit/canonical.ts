/** What JSON can hold; an undefined property counts as absent. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };

/**
 * Canonical JSON text: no blanks, properties sorted by UTF-16 code units, strings and numbers as ECMAScript writes them.
 * Equal values make equal text, whatever order their properties were added in.
 *
 * @throws {TypeError} For a number that JSON can't hold (NaN, infinities).
 * @see RFC 8785. Unlike it, a lone surrogate is not refused but written as its escape, which is just as unambiguous.
 */
export function toCanonicalText(value: Json): string {
  // Then one native call gives the same text.
  return isInOrder(value) ? JSON.stringify(value) : textOf(value);
}

/** Whether the properties of every object already stand in their order, and every number is one that JSON can hold. */
function isInOrder(value: Json | undefined): boolean {
  if (typeof value === "number") {
    return Number.isFinite(value);
  }
  if (typeof value !== "object" || value === null) {
    return value !== undefined;
  }
  if (isList(value)) {
    return value.every(isInOrder);
  }
  let last: string | undefined;
  for (const name of Object.keys(value)) {
    if ((last !== undefined && name < last) || (value[name] !== undefined && !isInOrder(value[name]))) {
      return false;
    }
    last = name;
  }
  return true;
}

function textOf(value: Json): string {
  if (typeof value === "string") {
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    return numberText(value);
  }
  if (value === null || typeof value === "boolean") {
    return String(value);
  }
  return isList(value) ? listText(value) : objectText(value);
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) {
    throw new TypeError(`JSON can't hold the number ${value}`);
  }
  return JSON.stringify(value);
}

function isList(value: readonly Json[] | { readonly [name: string]: Json | undefined }): value is readonly Json[] {
  return Array.isArray(value);
}

function listText(list: readonly Json[]): string {
  let text = "[";
  for (const item of list) {
    text += text.length === 1 ? textOf(item) : `,${textOf(item)}`;
  }
  return `${text}]`;
}

function objectText(object: { readonly [name: string]: Json | undefined }): string {
  let text = "{";
  for (const name of Object.keys(object).sort()) {
    const value = object[name];
    if (value !== undefined) {
      text += `${text.length === 1 ? "" : ","}${JSON.stringify(name)}:${textOf(value)}`;
    }
  }
  return `${text}}`;
}
