import { decide } from "../../policies/engine/policy.ts";
import type { Decision, Entitlement } from "../../policies/engine/words.ts";

const ALLOWED: Decision = Object.freeze({ kind: "allow", by: undefined });

const UNCONDITIONED: Decision = Object.freeze({ kind: "deny", reason: "CONDITION_NOT_SUPPORTED" });

/** What an entitlement says of a coordinate: denied unless it says otherwise. Without an entitlement the hub runs unrestricted. */
export function decisionOn(entitlement: Entitlement | undefined, coordinate: string): Decision {
  if (entitlement === undefined) return ALLOWED;
  const decision = decide(entitlement, coordinate);
  // Nothing evaluates conditions on objects here, so what is released under one is not released at all.
  return decision.kind !== "deny" && decision.where !== undefined ? UNCONDITIONED : decision;
}
