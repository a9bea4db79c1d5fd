import { conditionInWords } from "./condition.ts";
import { maskInWords } from "./masks.ts";
import type { EntitlementQuestion, Policy } from "./policy.ts";
import type { Decision } from "./words.ts";

/** A bureau and a purpose for which it may ask. */
export interface Column {
  readonly bureau: string;
  readonly purpose: string;
}

/** What a bureau may do with a coordinate for a purpose. */
export interface Cell extends Column {
  readonly coordinate: string;
  readonly level: string;
  /** With a case reference wherever one is required. */
  readonly decision: Decision;
  /** Whether the decision is another one without a case. */
  readonly isCaseNeeded: boolean;
}

/** Every bureau and purpose that an application or an agreement names, sorted. */
export function listColumns({ bundle }: Pick<Policy, "bundle">): readonly Column[] {
  const pairs = new Set([
    ...[...bundle.applications.values()].flatMap(({ bureau, purposes }) => purposes.map((purpose) => `${bureau} ${purpose}`)),
    ...bundle.agreements.map(({ recipient, purpose }) => `${recipient} ${purpose}`),
  ]);
  return [...pairs].sort().map((pair) => {
    const [bureau = "", purpose = ""] = pair.split(" ");
    return { bureau, purpose };
  });
}

/** Governed fields and their arguments, with the field's level, by coordinate. */
export function listGoverned({
  graph,
  schema,
}: Pick<Policy, "graph" | "schema">): readonly { readonly coordinate: string; readonly level: string }[] {
  return [...graph.fields.values()]
    .filter(({ isOpen }) => !isOpen)
    .flatMap((field) => {
      const level = schema.catalogue.fields.get(field.coordinate)?.classification.level ?? "CONFIDENTIAL";
      return [field.coordinate, ...field.arguments.map(({ coordinate }) => coordinate)].map((coordinate) => ({ coordinate, level }));
    });
}

const NOT_IN_AGREEMENT: Decision = Object.freeze({ kind: "deny", reason: "NOT_IN_AGREEMENT" });

/** The whole matrix: a cell for each column and each governed coordinate, denied ones included. */
export function listCells(policy: Policy, nowMs: number): readonly Cell[] {
  const rows = listGoverned(policy);
  return listColumns(policy).flatMap((column) => {
    const question: EntitlementQuestion = { ...column, nowMs, caseReference: undefined };
    const [withCase, without] = [policy.decideFor(question, true), policy.decideFor(question, false)];
    return rows.map(({ coordinate, level }): Cell => {
      const decision = withCase.get(coordinate) ?? NOT_IN_AGREEMENT;
      const isCaseNeeded = wordFor(without.get(coordinate) ?? NOT_IN_AGREEMENT) !== wordFor(decision);
      return { ...column, coordinate, level, decision, isCaseNeeded };
    });
  });
}

/** `allow`, `mask` or `-`, with `?` after it where conditions must hold. */
export function wordFor(decision: Decision): string {
  return decision.kind === "deny" ? "-" : `${decision.kind}${decision.where === undefined ? "" : "?"}`;
}

/** A decision in words, with everything that it says but the agreement. */
export function decisionInWords(decision: Decision): string {
  if (decision.kind === "deny") return `denied (${decision.reason})`;
  const form = decision.kind === "mask" ? maskInWords(decision.mask) : "in clear";
  return decision.where === undefined ? form : `${form}, where ${decision.where.map(conditionInWords).join(" and ")}`;
}

/** The agreement and version that a decision rests on; undefined where none does. */
export function basisOf(decision: Decision): string | undefined {
  return decision.kind === "deny" || decision.by === undefined ? undefined : `${decision.by.agreement}@${decision.by.version}`;
}
