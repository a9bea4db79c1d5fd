import type { Agreement, Share } from "./bundle.ts";
import { listColumns } from "./cells.ts";
import type { Policy } from "./policy.ts";
import type { Decision } from "./words.ts";

/** A bureau that may read a field for a purpose, and why. */
export interface Reader {
  readonly bureau: string;
  readonly purpose: string;
  readonly decision: Extract<Decision, { readonly kind: "allow" | "mask" }>;
  readonly isCaseNeeded: boolean;
  /** What it rests on; undefined for an OPEN field, which every caller may read. */
  readonly agreement: Agreement | undefined;
  readonly share: Share | undefined;
}

/**
 * Lists who may read a field at a moment, with a case where one is required.
 *
 * @returns Undefined when the graph doesn't have the field.
 */
export function listReaders(policy: Policy, coordinate: string, nowMs: number): readonly Reader[] | undefined {
  const { graph, terms } = policy;
  if (!graph.fields.has(coordinate) && !graph.arguments.has(coordinate) && !graph.shared.has(coordinate)) return undefined;
  const field = coordinate.split("(")[0] ?? coordinate;
  return listColumns(policy).flatMap((column): readonly Reader[] => {
    const question = { ...column, nowMs, caseReference: undefined };
    const decision = policy.decideFor(question, true).get(coordinate);
    if (decision === undefined || decision.kind === "deny") return [];
    const without = policy.decideFor(question, false).get(coordinate);
    const basis = terms.find(({ ref }) => ref === decision.by);
    return [
      { ...column, decision, isCaseNeeded: without?.kind !== decision.kind, agreement: basis?.agreement, share: basis?.shares.get(field) },
    ];
  });
}
