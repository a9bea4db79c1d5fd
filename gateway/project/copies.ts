import type { JsonObject, Layers } from "../core/joined.ts";

/** Where an object stands in an answer that is being written. */
export interface Copy {
  readonly layers: Layers;
  readonly start: number;
  readonly end: number;
  /** How often something had been taken back by then. */
  readonly takenBack: number;
}

/** What was written of entities that are met again, by where in the operation and by entity. */
export type Copies = Map<object, Map<JsonObject, Copy>>;

/** Starts to keep what is written of one answer. */
export function createCopies(): Copies {
  return new Map();
}
