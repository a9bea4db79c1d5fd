import type { Agreement, Share } from "./bundle.ts";
import type { EntitlementQuestion, Policy } from "./policy.ts";
import { decide, entitlementFor } from "./policy.ts";
import type { Terms } from "./terms.ts";
import { findGaps } from "./terms.ts";
import type { Decision } from "./words.ts";

/** What `explainField` is asked. */
export interface ExplainRequest extends EntitlementQuestion {
  /** A field or an argument, such as `Person.income` or `Person.income(year:)`. */
  readonly field: string;
}

/** An agreement that shares the field with somebody. */
export interface Candidate {
  readonly agreement: Agreement;
  readonly share: Share;
  /** What stands between the asker and the field under this agreement, in words; empty when nothing does. */
  readonly gaps: readonly string[];
}

/** Why a field can or can't be read. */
export interface Explanation {
  readonly coordinate: string;
  readonly decision: Decision;
  /** One sentence that says what was decided and why. */
  readonly summary: string;
  /** Undefined for fields of interfaces, which have no classification of their own. */
  readonly level: string | undefined;
  readonly owners: readonly string[];
  /** Agreements that share the field, the nearest to granting it first. */
  readonly candidates: readonly Candidate[];
  /** Agreements that withhold the field from the asker. */
  readonly withheldBy: readonly Agreement[];
  /** What the field is computed from, or the fields of the possible types for a field of an interface, with their decisions. */
  readonly parts: readonly { readonly coordinate: string; readonly decision: Decision }[];
}

/**
 * Explains the decision on a field or an argument.
 *
 * @returns Undefined when the graph doesn't have it.
 */
export function explainField(policy: Policy, request: ExplainRequest): Explanation | undefined {
  const { graph, schema } = policy;
  const fieldName = request.field.split("(")[0] ?? request.field;
  const field = graph.fields.get(fieldName);
  const shared = graph.shared.get(request.field);
  const isKnown = field === undefined ? shared !== undefined : request.field === fieldName || graph.arguments.has(request.field);
  if (!isKnown) return undefined;
  const entitlement = entitlementFor(policy, request);
  const decision = decide(entitlement, request.field);
  const candidates = policy.terms
    .flatMap((terms) => candidateOf(terms, fieldName, request))
    .toSorted((one, other) => distance(one, request) - distance(other, request));
  const parts = (shared ?? field?.requires ?? []).map((coordinate) => ({ coordinate, decision: decide(entitlement, coordinate) }));
  return {
    coordinate: request.field,
    decision,
    summary: summarise(decision, request, field?.isOpen === true),
    level: schema.catalogue.fields.get(fieldName)?.classification.level,
    owners: field?.owners ?? [],
    candidates,
    withheldBy: policy.terms.filter((terms) => isWithholding(terms, fieldName, request)).map(({ agreement }) => agreement),
    parts,
  };
}

function candidateOf(terms: Terms, field: string, request: ExplainRequest): readonly Candidate[] {
  const share = terms.shares.get(field);
  if (share === undefined) return [];
  const { agreement, pattern } = terms;
  const { bureau, purpose, nowMs, caseReference } = request;
  const gaps: string[] = [];
  if (agreement.recipient !== bureau) gaps.push(`its recipient is ${agreement.recipient}, not ${bureau}`);
  if (agreement.purpose !== purpose) gaps.push(`its purpose is ${agreement.purpose}, not ${purpose}`);
  if (!terms.isActive) gaps.push(`it is inactive: ${findGaps(agreement).join(", ")}`);
  if (nowMs < terms.fromMs) gaps.push(`it takes effect on ${agreement.valid.from}`);
  if (nowMs >= terms.untilMs) gaps.push(`it ended on ${agreement.valid.until}`);
  if (pattern !== undefined && !pattern.matches(caseReference)) {
    gaps.push(
      caseReference === undefined
        ? `it requires a case reference like ${pattern.source}`
        : `the case reference doesn't match ${pattern.source}`,
    );
  }
  if (request.field !== field && !terms.arguments.has(request.field)) gaps.push(`it doesn't list ${request.field} under arguments`);
  return [{ agreement, share, gaps }];
}

/** Another bureau's agreement is farther away than one for another purpose, which is farther than one that lacks a date, a case or an argument. */
function distance({ agreement, gaps }: Candidate, { bureau, purpose }: ExplainRequest): number {
  return (agreement.recipient === bureau ? 0 : 100) + (agreement.purpose === purpose ? 0 : 10) + gaps.length;
}

function isWithholding(terms: Terms, field: string, { bureau, purpose, nowMs }: ExplainRequest): boolean {
  const { agreement } = terms;
  const isHolding = terms.isActive && terms.fromMs <= nowMs && nowMs < terms.untilMs;
  return isHolding && agreement.recipient === bureau && agreement.purpose === purpose && terms.withholds.has(field);
}

function summarise(decision: Decision, { bureau, purpose, field }: ExplainRequest, isOpen: boolean): string {
  const who = `${bureau} for ${purpose}`;
  const verb = field.includes("(") ? "use" : "read";
  if (decision.kind === "allow") {
    if (decision.by !== undefined)
      return `${who} may ${verb} ${field}${verb === "read" ? " in clear" : ""}, by ${decision.by.agreement} version ${decision.by.version}.`;
    return `${who} may ${verb} ${field}: ${isOpen ? "it is OPEN" : "every possible type's field is OPEN"}.`;
  }
  if (decision.kind === "mask") {
    return `${who} may ${verb} ${field} under the mask ${decision.mask.kind}, by ${decision.by.agreement} version ${decision.by.version}.`;
  }
  return `${who} may not ${verb} ${field}: ${reasonText(decision, field)}`;
}

function reasonText({ reason }: Extract<Decision, { readonly kind: "deny" }>, field: string): string {
  switch (reason) {
    case "NOT_IN_AGREEMENT":
      return "no agreement shares it with this bureau.";
    case "EXPIRED":
      return "the agreement that shares it has ended.";
    case "NOT_YET_VALID":
      return "the agreement that shares it has not taken effect yet.";
    case "PURPOSE":
      return "it is shared with this bureau, but for another purpose.";
    case "WITHHELD":
      return "an agreement withholds it, whatever others share.";
    case "DERIVED_FROM_WITHHELD":
      return "it is computed from fields that the bureau may not read in clear, and no agreement declassifies them.";
    case "POLYMORPHIC_PARTIAL":
      return "the bureau may not read the field of every possible type in the same form; ask for the types one by one.";
    case "ARGUMENT_NOT_ALLOWED":
      return `the agreement that shares the field doesn't list ${field} under arguments.`;
    case "CASE_REQUIRED":
      return "the agreement that shares it requires a matching case reference.";
    case "LIMIT":
      return "the agreement's limit is used up.";
    case "MATCHING":
      return "no agreement names a basis for matching persons across departments.";
  }
}
