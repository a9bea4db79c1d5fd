import { decide } from "../../policies/engine/policy.ts";
import type { Decision, Entitlement } from "../../policies/engine/words.ts";

const ALLOWED: Decision = Object.freeze({ kind: "allow", by: undefined });

/** What an entitlement says of a coordinate: denied unless it says otherwise. Without an entitlement the hub runs unrestricted. */
export function decisionOn(entitlement: Entitlement | undefined, coordinate: string): Decision {
  if (entitlement === undefined) return ALLOWED;
  return decide(entitlement, coordinate);
}
