import type { Agreement, Place, Share } from "./bundle.ts";
import { listTakers } from "./graph.ts";
import type { EntitlementQuestion, Policy } from "./policy.ts";
import { decide, entitlementFor } from "./policy.ts";
import type { Terms } from "./terms.ts";
import { findGaps } from "./terms.ts";
import type { Decision, Entitlement } from "./words.ts";

/** What `explainField` is asked. */
export interface ExplainRequest extends EntitlementQuestion {
  /** A field, an argument, an input field or an enum's value, such as `Person.income`, `Person.income(year:)`, `Filter.born` or `Order.UP`. */
  readonly field: string;
}

/** An agreement that shares the field with somebody; of an input field or value, a field that takes it. */
export interface Candidate {
  readonly agreement: Agreement;
  readonly share: Share;
  /** Where the agreement says it: of an argument, an input field or a value that it lists, where it lists it; else where it shares the field. */
  readonly place: Place;
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
  /** What the field is computed from, the fields of the possible types for a field of an interface, or the arguments that take an input. */
  readonly parts: readonly { readonly coordinate: string; readonly decision: Decision }[];
}

/** A field that a decision is about, with the arguments and inputs that an agreement must list besides. */
interface Site {
  readonly field: string;
  readonly needs: readonly string[];
}

/**
 * Explains the decision on a field, an argument, an input field or an enum's value.
 *
 * @returns Undefined when the graph doesn't have it.
 */
export function explainField(policy: Policy, request: ExplainRequest): Explanation | undefined {
  const { graph, schema } = policy;
  const coordinate = request.field;
  const fieldName = coordinate.split("(")[0] ?? coordinate;
  const field = graph.fields.get(fieldName);
  const shared = graph.shared.get(coordinate);
  const takers = listTakers(graph, coordinate);
  const isKnown =
    field === undefined ? shared !== undefined || takers.length > 0 : coordinate === fieldName || graph.arguments.has(coordinate);
  if (!isKnown) return undefined;
  const entitlement = entitlementFor(policy, request);
  const decision = decide(entitlement, coordinate);
  const sites: readonly Site[] =
    takers.length > 0
      ? takers.map((taker) => ({ field: taker.field.coordinate, needs: [taker.argument.coordinate, coordinate] }))
      : [{ field: fieldName, needs: coordinate === fieldName ? [] : [coordinate] }];
  const obstacles = decision.kind === "deny" ? obstaclesOf(policy, entitlement, coordinate) : [];
  const candidates = policy.terms
    .flatMap((terms) => candidateOf(terms, sites, request))
    .map((candidate) => (candidate.gaps.length === 0 ? { ...candidate, gaps: obstacles } : candidate))
    .toSorted((one, other) => distance(one, request) - distance(other, request));
  const rest = takers.length > 0 ? takers.map(({ argument }) => argument.coordinate) : (shared ?? field?.requires ?? []);
  return {
    coordinate,
    decision,
    summary: summarise(decision, request, { isOpen: field?.isOpen === true, isInput: takers.length > 0 }),
    level: schema.catalogue.fields.get(fieldName)?.classification.level,
    owners: field?.owners ?? [],
    candidates,
    withheldBy: policy.terms.filter((terms) => isWithholding(terms, fieldName, request)).map(({ agreement }) => agreement),
    parts: rest.map((part) => ({ coordinate: part, decision: decide(entitlement, part) })),
  };
}

/** Agreements by which an argument that can hold an input may be given, and which don't list the input: it is judged by all of them. */
function obstaclesOf({ graph, terms }: Policy, entitlement: Entitlement, input: string): readonly string[] {
  const gaps = listTakers(graph, input).flatMap(({ argument: { coordinate } }) => {
    const decision = decide(entitlement, coordinate);
    const basis = decision.kind === "deny" ? undefined : terms.find(({ ref }) => ref === decision.by);
    return basis === undefined || basis.arguments.has(input)
      ? []
      : [`${basis.agreement.agreement}, by which ${coordinate} may be given, doesn't list ${input}`];
  });
  return [...new Set(gaps)];
}

/** What stands between under one agreement; of several fields that take an input, under the one that lacks least. */
function candidateOf(terms: Terms, sites: readonly Site[], request: ExplainRequest): readonly Candidate[] {
  const gaps = gapsOf(terms, request);
  const found = sites.flatMap(({ field, needs }): readonly Candidate[] => {
    const share = terms.shares.get(field);
    if (share === undefined) return [];
    const missing = needs.filter((need) => !terms.arguments.has(need)).map((need) => `it doesn't list ${need} under arguments`);
    const { agreement } = terms;
    const place = agreement.arguments.find(({ coordinate }) => coordinate === request.field)?.place ?? share.place;
    return [{ agreement, share, place, gaps: [...gaps, ...missing] }];
  });
  return found.toSorted((one, other) => one.gaps.length - other.gaps.length).slice(0, 1);
}

function gapsOf({ agreement, isActive, fromMs, untilMs, pattern }: Terms, request: ExplainRequest): readonly string[] {
  const { bureau, purpose, nowMs, caseReference } = request;
  const gaps: string[] = [];
  if (agreement.recipient !== bureau) gaps.push(`its recipient is ${agreement.recipient}, not ${bureau}`);
  if (agreement.purpose !== purpose) gaps.push(`its purpose is ${agreement.purpose}, not ${purpose}`);
  if (!isActive) gaps.push(`it is inactive: ${findGaps(agreement).join(", ")}`);
  if (nowMs < fromMs) gaps.push(`it takes effect on ${agreement.valid.from}`);
  if (nowMs >= untilMs) gaps.push(`it ended on ${agreement.valid.until}`);
  if (pattern !== undefined && !pattern.matches(caseReference)) {
    gaps.push(
      caseReference === undefined
        ? `it requires a case reference like ${pattern.source}`
        : `the case reference doesn't match ${pattern.source}`,
    );
  }
  return gaps;
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

interface Kind {
  readonly isOpen: boolean;
  /** An input field or an enum's value. */
  readonly isInput: boolean;
}

function summarise(decision: Decision, { bureau, purpose, field }: ExplainRequest, { isOpen, isInput }: Kind): string {
  const who = `${bureau} for ${purpose}`;
  const verb = isInput || field.includes("(") ? "use" : "read";
  if (decision.kind === "allow") {
    if (decision.by !== undefined)
      return `${who} may ${verb} ${field}${verb === "read" ? " in clear" : ""}, by ${decision.by.agreement} version ${decision.by.version}.`;
    const why = isInput ? "an OPEN field takes it" : isOpen ? "it is OPEN" : "every possible type's field is OPEN";
    return `${who} may ${verb} ${field}: ${why}.`;
  }
  if (decision.kind === "mask") {
    return `${who} may ${verb} ${field} under the mask ${decision.mask.kind}, by ${decision.by.agreement} version ${decision.by.version}.`;
  }
  return `${who} may not ${verb} ${field}: ${isInput ? inputReasonText(decision, field) : reasonText(decision, field)}`;
}

function inputReasonText({ reason }: Extract<Decision, { readonly kind: "deny" }>, input: string): string {
  return reason === "ARGUMENT_NOT_ALLOWED"
    ? `an agreement by which an argument that can hold it may be given doesn't list ${input} under arguments.`
    : "this bureau may give no argument that can hold it.";
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
