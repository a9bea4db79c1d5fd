import type { Share } from "./bundle.ts";
import { conditionKey } from "./condition.ts";
import type { Strictness } from "./masks.ts";
import { compareMasks } from "./masks.ts";
import type { Terms } from "./terms.ts";
import type { Condition } from "./words.ts";

const NONE: readonly Condition[] = Object.freeze([]);

/** One field as one agreement grants it. */
export interface Granted {
  readonly share: Share;
  readonly terms: Terms;
}

/** What an agreement asks of the object that a field is on; empty when nothing. */
export function conditionsOn(coordinate: string, terms: Terms): readonly Condition[] {
  return terms.where.get(coordinate.slice(0, coordinate.indexOf("."))) ?? NONE;
}

/** Compares two grants of one field by mask and conditions; undefined where each hides something that the other doesn't. */
export function compareGrants(one: Granted, other: Granted): Strictness {
  const masks = compareMasks(one.share.mask, other.share.mask);
  const conditions = compareConditions(conditionsOn(one.share.coordinate, one.terms), conditionsOn(other.share.coordinate, other.terms));
  if (masks === "equal") return conditions;
  return conditions === "equal" || conditions === masks ? masks : undefined;
}

function compareConditions(one: readonly Condition[], other: readonly Condition[]): Strictness {
  const [keys, otherKeys] = [new Set(one.map(conditionKey)), new Set(other.map(conditionKey))];
  const holdsOther = [...otherKeys].every((key) => keys.has(key));
  const isHeld = [...keys].every((key) => otherKeys.has(key));
  if (holdsOther && isHeld) return "equal";
  if (holdsOther) return "stricter";
  return isHeld ? "looser" : undefined;
}
