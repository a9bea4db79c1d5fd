import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { decideNaively } from "../../policies/engine/naive.ts";
import { decide, entitlementFor } from "../../policies/engine/policy.ts";
import type { Decision } from "../../policies/engine/words.ts";
import { fc } from "../services/fc.ts";
import { agreementArbitrary, compileFitting, coordinates, questionArbitrary, schema } from "./random.ts";

/** Bundles that are compared, at the least. */
const BUNDLES_MIN = 500;

test("the compiled evaluator and the naive one decide alike on random agreements, callers and instants", () => {
  const seen = new Map<string, number>();
  let bundles = 0;
  fc.assert(
    fc.property(
      fc.array(agreementArbitrary, { minLength: 1, maxLength: 10, size: "max" }),
      fc.array(questionArbitrary, { minLength: 1, maxLength: 3 }),
      (seeds, questions) => {
        const compiled = compileFitting(seeds);
        bundles += 1;
        for (const question of questions) {
          const entitlement = entitlementFor(compiled.policy, question);
          for (const coordinate of coordinates) {
            const fast = decide(entitlement, coordinate);
            const slow = decideNaively({ bundle: compiled.bundle, schema, question }, coordinate);
            count(seen, fast);
            // The assertion is slow to make, and there are a hundred thousand comparisons.
            if (!isDeepStrictEqual(plain(fast), plain(slow)))
              expect({ coordinate, question, decision: fast }).toEqual({ coordinate, question, decision: slow });
          }
        }
      },
    ),
    { numRuns: BUNDLES_MIN, verbose: fc.VerbosityLevel.Verbose },
  );
  expect(bundles).toBeGreaterThanOrEqual(BUNDLES_MIN);
  // A comparison that never came to one of the outcomes says nothing about it.
  for (const outcome of [
    "allow open",
    "allow",
    "mask",
    "conditioned",
    "through objects",
    "some",
    "today",
    "case",
    "NOT_IN_AGREEMENT",
    "EXPIRED",
    "NOT_YET_VALID",
    "PURPOSE",
    "WITHHELD",
    "DERIVED_FROM_WITHHELD",
    "POLYMORPHIC_PARTIAL",
    "ARGUMENT_NOT_ALLOWED",
    "CASE_REQUIRED",
  ]) {
    expect(seen.get(outcome) ?? 0, outcome).toBeGreaterThan(20);
  }
}, 120_000);

test("an entitlement holds until the instant that it names", () => {
  fc.assert(
    fc.property(fc.array(agreementArbitrary, { minLength: 1, maxLength: 8, size: "max" }), questionArbitrary, (seeds, question) => {
      const compiled = compileFitting(seeds);
      const { changesAtMs, decisions } = entitlementFor(compiled.policy, question);
      const last = changesAtMs === undefined ? Date.parse("2040-01-01T00:00:00Z") : changesAtMs - 1;
      for (const coordinate of coordinates) {
        const later = decideNaively({ bundle: compiled.bundle, schema, question: { ...question, nowMs: last } }, coordinate);
        const now = decisions.get(coordinate) ?? { kind: "deny", reason: "NOT_IN_AGREEMENT" };
        if (!isDeepStrictEqual(plain(now), plain(later))) expect({ coordinate, decision: now }).toEqual({ coordinate, decision: later });
      }
    }),
    { numRuns: 100, verbose: fc.VerbosityLevel.Verbose },
  );
}, 120_000);

/** The same data without class, freezing, and keys that hold undefined. */
function plain(decision: Decision): unknown {
  return JSON.parse(JSON.stringify(decision));
}

function count(seen: Map<string, number>, decision: Decision): void {
  const kind = decision.kind === "deny" ? decision.reason : decision.kind;
  const add = (outcome: string): void => void seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  for (const { path, comparison } of decision.kind === "deny" ? [] : (decision.where ?? [])) {
    add("conditioned");
    if (path.length > 1) add("through objects");
    if (comparison.kind === "some") add("some");
    for (const operand of ["today", "case"]) if (JSON.stringify(comparison).includes(`"kind":"${operand}"`)) add(operand);
  }
  add(decision.kind === "allow" && decision.by === undefined ? "allow open" : kind);
}
