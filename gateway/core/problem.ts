import type { ErrorCode } from "./errors.ts";
import type { JsonObject } from "./joined.ts";

/** Something that went wrong with a part of an answer, as far as a caller may know. */
export interface Problem {
  readonly code: ErrorCode;
  /** Response keys from the root, "@" for a list. The path depends on the operation alone, so rows can't be counted by errors. */
  readonly path: readonly string[];
  /** The subgraph that caused it, where one did. */
  readonly subgraph: string | undefined;
  /** The objects that it is about, where the operation is under conditions and it isn't about a call from the root as a whole. */
  readonly about?: Concern;
}

/** Objects of replies, or one field of them. */
export interface Concern {
  readonly objects: readonly JsonObject[];
  /** Response key in the answer; undefined for the objects themselves. */
  readonly key: string | undefined;
  /** Whether they are all that a call was made for, so that it says nothing of any one of them. */
  readonly isWhole?: boolean;
}

/** Whether one path begins with the other. */
export function isOnOneLine(left: readonly string[], right: readonly string[]): boolean {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    if (left[index] !== right[index]) return false;
  }
  return true;
}
