import { isPlain, quote } from "../core/quote.ts";

/** The distinct representations of one call. */
export interface Representations {
  count(): number;
  /** All of them as JSON, with something between. */
  join(separator: string): string;
  /** Each as JSON. */
  texts(): readonly string[];
}

/** The representations while a walk finds them. Adding one returns its index. */
export interface GrowingRepresentations extends Representations {
  addText(text: string): number;
  /** Adds the one that a string makes. While no string needs an escape, what stands around them is written when all are known. */
  addLeaf(leaf: string): number;
}

/** What stands around the only string of a representation, its quotation marks included. */
export interface Surroundings {
  readonly before: string;
  readonly after: string;
}

/** Starts with none. */
export function createRepresentations({ before, after }: Surroundings): GrowingRepresentations {
  // As long as that is all there is, leaves alone; else texts alone.
  let isOfLeaves = true;
  let parts: string[] = [];

  function toTexts(): string[] {
    if (isOfLeaves) parts = parts.map((leaf) => `${before}${leaf}${after}`);
    isOfLeaves = false;
    return parts;
  }

  return {
    // A function, as each object with a getter gets a hidden class of its own, which lives in the old generation and keeps all that the getter sees.
    count: () => parts.length,
    join: (separator) =>
      isOfLeaves && parts.length > 0 ? `${before}${parts.join(`${after}${separator}${before}`)}${after}` : parts.join(separator),
    texts: toTexts,
    addText: (text) => toTexts().push(text) - 1,
    addLeaf(leaf): number {
      if (isOfLeaves && isPlain(leaf)) return parts.push(leaf) - 1;
      return toTexts().push(`${before}${quote(leaf).slice(1, -1)}${after}`) - 1;
    },
  };
}
