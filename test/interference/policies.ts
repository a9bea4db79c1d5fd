import { decideNaively } from "../../policies/engine/naive.ts";
import { parseBundle } from "../../policies/engine/parse.ts";
import { compileBundle, type EntitlementQuestion, type Policy } from "../../policies/engine/policy.ts";
import type { Decision } from "../../policies/engine/words.ts";
import type { Supergraph } from "../../schema/supergraph.ts";
import type { Chance } from "../federation/chance.ts";
import { type AgreementFile, draftAgreements, filesOf, withoutOracles } from "./agreements.ts";
import { nowMs } from "./classify.ts";
import type { Listing } from "./lists.ts";

/** Agreements in force for a random federation. */
export interface Policies {
  readonly policy: Policy;
  readonly agreements: readonly AgreementFile[];
}

/** What the rules say of a coordinate, by the evaluator that shares nothing with the one that requests are judged by. */
export type Decide = (question: EntitlementQuestion, coordinate: string) => Decision;

/** Makes agreements that fit a federation. */
export function makePolicies(chance: Chance, supergraph: Supergraph, listings: readonly Listing[]): Policies {
  const drafted = compileFitting(draftAgreements(chance, supergraph), supergraph);
  const decide = deciderOf(drafted.policy);
  const agreements = withoutOracles(drafted.agreements, listings, ({ recipient, purpose }, coordinate) =>
    // Whichever case the recipient names.
    ["A-1", "B-1", undefined].every((caseReference) => {
      const decision = decide({ bureau: recipient, purpose, caseReference, nowMs }, coordinate);
      return decision.kind === "allow" && decision.where === undefined;
    }),
  );
  return compileFitting(agreements, supergraph);
}

/** @see Decide */
export function deciderOf({ bundle, schema }: Policy): Decide {
  return (question, coordinate) => decideNaively({ bundle, schema, question }, coordinate);
}

/** Leaves out agreements that are mistakes next to others. */
function compileFitting(drafted: readonly AgreementFile[], supergraph: Supergraph): Policies {
  let agreements = drafted;
  for (;;) {
    const parsed = parseBundle(filesOf(agreements));
    const result = parsed.ok ? compileBundle(parsed.bundle, supergraph) : parsed;
    if (result.ok && "policy" in result) return { policy: result.policy, agreements };
    const problems = "problems" in result ? result.problems : [];
    const wrong = new Set(problems.map(({ file }) => file));
    const left = agreements.filter((_, index) => !wrong.has(`agreements/${index}.yaml`));
    if (left.length === agreements.length) throw new Error(`No agreement is to blame: ${problems.map(({ message }) => message).join(" ")}`);
    agreements = left;
  }
}
