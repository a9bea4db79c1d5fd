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
  if (list.every((item) => typeof item === "string")) {
    // The same text in one native call; nearly all lists of a record are lists of strings.
    return JSON.stringify(list);
  }
  let text = "[";
  for (const item of list) {
    text += text.length === 1 ? toCanonicalText(item) : `,${toCanonicalText(item)}`;
  }
  return `${text}]`;
}

function objectText(object: { readonly [name: string]: Json | undefined }): string {
  let text = "{";
  for (const name of Object.keys(object).sort()) {
    const value = object[name];
    if (value !== undefined) {
      text += `${text.length === 1 ? "" : ","}${JSON.stringify(name)}:${toCanonicalText(value)}`;
    }
  }
  return `${text}}`;
}
