/** A part of a key: what it is, in a letter, and its text. */
export type KeyPart = readonly [type: string, text: string];

/**
 * Writes parts so that no two different lists of parts give one text: each has its type and its length before it.
 * The text is what records are known by in memory; a store sees a keyed hash of it alone.
 */
export function encodeKey(parts: readonly KeyPart[]): string {
  let text = "";
  for (const [type, part] of parts) text += `${type}${part.length}:${part}`;
  return text;
}

/**
 * Writes a JSON value with the members of its objects in the order of their names, so that equal values give equal texts.
 * Numbers, strings, booleans and null stay apart: 1, "1", true, "true", null and "null" are six texts.
 */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalText(item)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`).join(",")}}`;
}
