import type { Problem, Question } from "./bundle.ts";
import type { Policy } from "./policy.ts";
import { decide, entitlementFor } from "./policy.ts";
import type { Decision } from "./words.ts";

/** What `checkCases` found. */
export interface CaseReport {
  /** How many questions were asked. Without any, nothing was checked. */
  readonly asked: number;
  readonly problems: readonly Problem[];
}

/** Asks every question of `cases/*.yaml` and compares the decisions with those that their authors expect. */
export function checkCases(policy: Policy): CaseReport {
  const { questions } = policy.bundle;
  return { asked: questions.length, problems: questions.flatMap((question) => checkQuestion(policy, question)) };
}

function checkQuestion(policy: Policy, question: Question): readonly Problem[] {
  const { bureau, purpose, caseReference, atMs, coordinate, place, title } = question;
  // A misspelt name would be denied, and a case that expects a denial would pass for the wrong reason.
  if (!policy.bundle.bureaus.has(bureau)) return [{ ...place, message: `The case "${title}" asks for ${bureau}, which is no bureau.` }];
  if (!policy.bundle.purposes.has(purpose)) return [{ ...place, message: `The case "${title}" asks for ${purpose}, which is no purpose.` }];
  if (!isKnown(policy, coordinate))
    return [{ ...place, message: `The case "${title}" asks for ${coordinate}, which the graph doesn't have.` }];
  const decision = decide(entitlementFor(policy, { bureau, purpose, caseReference, nowMs: atMs }), coordinate);
  const found = describeDecision(decision);
  const by = decision.kind === "deny" ? undefined : decision.by?.agreement;
  const problems: Problem[] = [];
  if (found !== question.expected) {
    problems.push({
      ...place,
      message: `The case "${title}" expects \`${question.expected}\` of ${coordinate}; the decision is \`${found}\`.`,
    });
  } else if (question.by !== undefined && question.by !== by) {
    problems.push({ ...place, message: `The case "${title}" expects ${coordinate} by ${question.by}; it is by ${by ?? "no agreement"}.` });
  }
  return problems;
}

/** A decision in the words of a case: `allow` or `mask KIND`, with ` where` after it if conditions must hold, or `deny REASON`. */
export function describeDecision(decision: Decision): string {
  switch (decision.kind) {
    case "allow":
      return decision.where === undefined ? "allow" : "allow where";
    case "mask":
      return `mask ${decision.mask.kind}${decision.where === undefined ? "" : " where"}`;
    case "deny":
      return `deny ${decision.reason}`;
  }
}

function isKnown({ graph }: Policy, coordinate: string): boolean {
  return (
    graph.fields.has(coordinate) ||
    graph.arguments.has(coordinate) ||
    graph.shared.has(coordinate) ||
    [...graph.arguments.values()].some(({ inputs }) => inputs.includes(coordinate))
  );
}
