import type { Bundle, Problem } from "./bundle.ts";
import { canonicalHash } from "./canonical.ts";
import { checkBundle } from "./checks.ts";
import { conditionsContent, maskContent } from "./content.ts";
import { decideAll } from "./decide.ts";
import type { Graph, PolicySchema } from "./graph.ts";
import { readGraph } from "./graph.ts";
import type { CasePattern } from "./pattern.ts";
import type { Terms } from "./terms.ts";
import { readTerms } from "./terms.ts";
import type { Decision, Entitlement, Obligations } from "./words.ts";

/** Entitlements that one policy keeps at a time. A bureau has one for each purpose, each set of matching cases and each span between dates. */
const KEPT_MAX = 1000;

const NOT_IN_AGREEMENT: Decision = Object.freeze({ kind: "deny", reason: "NOT_IN_AGREEMENT" });

/** Who asks, for what, and when. */
export interface EntitlementQuestion {
  readonly bureau: string;
  readonly purpose: string;
  /** The `Hub-Case` header, where the caller sent one. */
  readonly caseReference: string | undefined;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** A bundle that fits a graph. */
export interface Policy {
  readonly bundle: Bundle;
  readonly schema: PolicySchema;
  readonly graph: Graph;
  readonly terms: readonly Terms[];
  /** @see entitlementFor */
  readonly entitle: (question: EntitlementQuestion) => Entitlement;
  /** The entitlement as it would be with a case reference for every agreement that requires one. */
  readonly entitleWithCase: (question: EntitlementQuestion) => Entitlement;
  /** The decisions of `entitle`, or of `entitleWithCase` where `isCaseGiven`, without an entitlement around them: reviewers ask for thousands. */
  readonly decideFor: (question: EntitlementQuestion, isCaseGiven: boolean) => ReadonlyMap<string, Decision>;
}

/** What `compileBundle` gives. */
export type CompiledBundle = { readonly ok: true; readonly policy: Policy } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Holds a bundle against a supergraph and makes it ready to decide; or says, with file and line, why it isn't fit. */
export function compileBundle(bundle: Bundle, supergraph: PolicySchema): CompiledBundle {
  const graph = readGraph(supergraph);
  const problems = checkBundle(bundle, graph, supergraph);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, policy: createPolicy(bundle, supergraph, graph) };
}

/**
 * What a bureau may read for a purpose at a moment. OPEN fields are in every entitlement, also of a bureau or purpose that nobody knows:
 * whether the caller is registered is asked elsewhere.
 *
 * Equal questions get the same object until the next date changes it.
 */
export function entitlementFor(policy: Policy, question: EntitlementQuestion): Entitlement {
  return policy.entitle(question);
}

/** Looks one coordinate up: what the entitlement doesn't hold is denied. */
export function decide(entitlement: Entitlement, coordinate: string): Decision {
  return entitlement.decisions.get(coordinate) ?? NOT_IN_AGREEMENT;
}

/** What one bureau's agreements have in common. */
interface Party {
  readonly terms: readonly Terms[];
  /** Epoch milliseconds at which one of the active agreements begins or ends, in order. */
  readonly instants: readonly number[];
  /** Patterns of cases by purpose; nothing for a purpose whose agreements require no case. */
  readonly patterns: ReadonlyMap<string, readonly CasePattern[]>;
}

function createPolicy(bundle: Bundle, schema: PolicySchema, graph: Graph): Policy {
  const terms = bundle.agreements.map((agreement) => readTerms(agreement));
  const parties = new Map<string, Party>();
  for (const [bureau, own] of Map.groupBy(terms, ({ agreement }) => agreement.recipient)) parties.set(bureau, createParty(own));
  const kept = new Map<string, Entitlement>();

  function entitle(question: EntitlementQuestion, matches: (pattern: CasePattern) => boolean): Entitlement {
    const party = parties.get(question.bureau) ?? createParty([]);
    const patterns = party.patterns.get(question.purpose);
    const matching = patterns === undefined ? [] : [...new Set(patterns.filter(matches).map(({ source }) => source))].sort();
    const key = JSON.stringify([question.bureau, question.purpose, spanOf(party.instants, question.nowMs), matching]);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const decisions = decideAll(graph, party.terms, { purpose: question.purpose, nowMs: question.nowMs, matches });
    const entitlement = createEntitlement({ bundle, party, question }, decisions);
    const oldest = kept.keys().next();
    if (kept.size >= KEPT_MAX && oldest.done !== true) kept.delete(oldest.value);
    kept.set(key, entitlement);
    return entitlement;
  }

  return {
    bundle,
    schema,
    graph,
    terms,
    entitle: (question) => entitle(question, (pattern) => pattern.matches(question.caseReference)),
    entitleWithCase: (question) => entitle(question, () => true),
    decideFor: ({ bureau, purpose, nowMs, caseReference }, isCaseGiven) =>
      decideAll(graph, parties.get(bureau)?.terms ?? [], {
        purpose,
        nowMs,
        matches: (pattern) => isCaseGiven || pattern.matches(caseReference),
      }),
  };
}

function createParty(terms: readonly Terms[]): Party {
  const instants = terms.filter(({ isActive }) => isActive).flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]);
  const patterns = new Map<string, CasePattern[]>();
  for (const { agreement, pattern } of terms) {
    if (pattern !== undefined) patterns.set(agreement.purpose, [...(patterns.get(agreement.purpose) ?? []), pattern]);
  }
  return { terms, instants: [...new Set(instants)].sort((one, other) => one - other), patterns };
}

/** How many instants have passed: between two of them nothing changes. */
function spanOf(instants: readonly number[], nowMs: number): number {
  const next = instants.findIndex((instant) => nowMs < instant);
  return next === -1 ? instants.length : next;
}

interface Circumstances {
  readonly bundle: Bundle;
  readonly party: Party;
  readonly question: EntitlementQuestion;
}

function createEntitlement({ bundle, party, question }: Circumstances, decisions: ReadonlyMap<string, Decision>): Entitlement {
  const obligations = obligationsOf(party, decisions);
  const content = {
    bureau: question.bureau,
    purpose: question.purpose,
    bundleHash: bundle.hash,
    changesAtMs: party.instants.find((instant) => question.nowMs < instant),
  };
  const id = canonicalHash({
    ...content,
    decisions: Object.fromEntries([...decisions].map(([coordinate, decision]) => [coordinate, plainDecision(decision)])),
    obligations: [...obligations.values()].map(({ by, limits, matching }) => ({
      by: { ...by },
      limits: limits === undefined ? undefined : { ...limits },
      matching: matching === undefined ? undefined : { ...matching },
    })),
  });
  return Object.freeze({ ...content, id, decisions, obligations });
}

function obligationsOf({ terms }: Party, decisions: ReadonlyMap<string, Decision>): ReadonlyMap<string, Obligations> {
  const refs = new Set([...decisions.values()].map((decision) => (decision.kind === "deny" ? undefined : decision.by)));
  const bound = terms.filter(({ ref, agreement }) => refs.has(ref) && (agreement.limits !== undefined || agreement.matching !== undefined));
  return new Map(bound.map(({ ref, agreement: { limits, matching } }) => [ref.agreement, Object.freeze({ by: ref, limits, matching })]));
}

function plainDecision(decision: Decision) {
  if (decision.kind === "deny") return { ...decision };
  const by = decision.by === undefined ? undefined : { ...decision.by };
  const mask = decision.kind === "mask" ? maskContent(decision.mask) : undefined;
  return { kind: decision.kind, by, mask, where: conditionsContent(decision.where) };
}
