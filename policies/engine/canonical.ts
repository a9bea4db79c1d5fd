import { createHash } from "node:crypto";

/** What canonical text can be made of. */
export type Plain = string | number | boolean | undefined | readonly Plain[] | { readonly [key: string]: Plain };

/**
 * JSON text with keys in order and without undefined values: equal contents give equal texts.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8785 whose order of keys (UTF-16 code units) this is.
 */
export function canonicalText(value: Plain): string {
  if (value === undefined) return "null";
  if (typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map((item) => canonicalText(item)).join(",")}]`;
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  return `{${keys
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(value[key])}`)
    .join(",")}}`;
}

/** SHA-256, in hex, of the canonical text. */
export function canonicalHash(value: Plain): string {
  return createHash("sha256").update(canonicalText(value), "utf8").digest("hex");
}

function isList(value: object): value is readonly Plain[] {
  return Array.isArray(value);
}
