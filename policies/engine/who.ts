import type { Agreement, Place, Share } from "./bundle.ts";
import { listColumns } from "./cells.ts";
import { listTakers } from "./graph.ts";
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
  /** The share of the field; of an argument, an input field or a value, of a field that takes it. */
  readonly share: Share | undefined;
  /** Where the agreement says it: of an argument, an input field or a value, where it lists it. */
  readonly place: Place | undefined;
}

/**
 * Lists who may read a field, or give an argument, an input field or an enum's value, at a moment, with a case where one is required.
 *
 * @returns Undefined when the graph doesn't have the field.
 */
export function listReaders(policy: Policy, coordinate: string, nowMs: number): readonly Reader[] | undefined {
  const { graph, terms } = policy;
  const takers = listTakers(graph, coordinate).map(({ field }) => field.coordinate);
  const isKnown = graph.fields.has(coordinate) || graph.arguments.has(coordinate) || graph.shared.has(coordinate) || takers.length > 0;
  if (!isKnown) return undefined;
  const fields = takers.length > 0 ? takers : [coordinate.split("(")[0] ?? coordinate];
  return listColumns(policy).flatMap((column): readonly Reader[] => {
    const question = { ...column, nowMs, caseReference: undefined };
    const decision = policy.decideFor(question, true).get(coordinate);
    if (decision === undefined || decision.kind === "deny") return [];
    const without = policy.decideFor(question, false).get(coordinate);
    const basis = terms.find(({ ref }) => ref === decision.by);
    const agreement = basis?.agreement;
    const share = fields.map((field) => basis?.shares.get(field)).find((found) => found !== undefined);
    const place = agreement?.arguments.find((listed) => listed.coordinate === coordinate)?.place ?? share?.place;
    return [{ ...column, decision, isCaseNeeded: without?.kind !== decision.kind, agreement, share, place }];
  });
}
