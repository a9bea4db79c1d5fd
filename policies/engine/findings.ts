import type { Agreement, Problem, Share } from "./bundle.ts";
import { holdTogether } from "./checks.ts";
import { dayOf } from "./dates.ts";
import { compareGrants } from "./grants.ts";
import { compareMasks } from "./masks.ts";
import type { Policy } from "./policy.ts";
import type { Telling } from "./telling.ts";
import { listTelling } from "./telling.ts";
import type { Terms } from "./terms.ts";
import { findGaps } from "./terms.ts";

/** What a finding is about; a closed list. `CHECKED` of them are worth a steward's notice at every check. */
export type FindingKind =
  | "inactive"
  | "single-approval"
  | "over"
  | "expiring"
  | "review-overdue"
  | "review-due"
  | "redundant"
  | "shadowed"
  | "weaker-elsewhere"
  | "direct-identifier"
  | "argument-reads"
  | "unused";

/** Something that a reviewer should look at, with its place. None of it stops the hub. */
export interface Finding extends Problem {
  readonly kind: FindingKind;
  readonly agreement: string;
  readonly coordinate: string | undefined;
}

/** How far findings look. */
export interface FindingOptions {
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Days ahead in which an end or a review counts as near. */
  readonly daysAhead?: number;
  /** What was read lately, as `usageKey` writes it; undefined where nobody knows, and then nothing counts as unused. */
  readonly used?: ReadonlySet<string> | undefined;
}

const DAY_MS = 86_400_000;

const DAYS_AHEAD = 60;

/** Names a field that was read under an agreement. */
export function usageKey(agreement: string, coordinate: string): string {
  return `${agreement} ${coordinate}`;
}

/** Everything that a reviewer should look at in a policy that is fit to decide, by agreement. */
export function listFindings(policy: Policy, options: FindingOptions): readonly Finding[] {
  const sharers = listSharers(policy.terms);
  const telling = Map.groupBy(listTelling(policy.graph, policy.schema.apiSchema), ({ coordinate }) => coordinate);
  return policy.terms.flatMap((terms) => [
    ...findDates(terms, options),
    ...findInArguments({ policy, terms, telling }, options),
    ...terms.agreement.shares.flatMap((share) =>
      findInShare({ policy, terms, share, others: sharers.get(share.coordinate) ?? [] }, options),
    ),
  ]);
}

/** Findings that every check tells: what grants less or more than its text seems to say. */
export function isNoteworthy({ kind }: Finding): boolean {
  return kind === "inactive" || kind === "over" || kind === "review-overdue" || kind === "redundant" || kind === "shadowed";
}

/** What every caller may give and that sorts or filters by governed fields, as its name says: reading them, for anybody. */
export function listOpenArguments({ graph, schema }: Pick<Policy, "graph" | "schema">): readonly OpenArgument[] {
  return listTelling(graph, schema.apiSchema)
    .filter(({ field }) => field.isOpen)
    .map(({ coordinate, field, reads }) => ({
      coordinate,
      owners: field.owners,
      message: `${coordinate} may be given to ${field.coordinate}, which is OPEN, by every caller, and carries the name of ${reads.join(" and ")}: sorting or filtering by a field is reading it.`,
    }));
}

/** @see listOpenArguments */
export interface OpenArgument {
  readonly coordinate: string;
  /** Departments that have the field which takes it. */
  readonly owners: readonly string[];
  readonly message: string;
}

interface Arguing {
  readonly policy: Policy;
  readonly terms: Terms;
  readonly telling: ReadonlyMap<string, readonly Telling[]>;
}

/** What a recipient may give though it may not read, in clear and under no condition, the field whose name it carries. */
function findInArguments({ policy, terms, telling }: Arguing, { nowMs }: FindingOptions): readonly Finding[] {
  const { agreement } = terms;
  const isLive = terms.isActive && terms.fromMs <= nowMs && nowMs < terms.untilMs;
  if (!isLive || !agreement.arguments.some(({ coordinate }) => telling.has(coordinate))) return [];
  const question = { bureau: agreement.recipient, purpose: agreement.purpose, caseReference: undefined, nowMs };
  const decisions = policy.decideFor(question, true);
  const isHidden = (coordinate: string): boolean => {
    const decision = decisions.get(coordinate);
    return decision?.kind !== "allow" || decision.where !== undefined;
  };
  return agreement.arguments.flatMap(({ coordinate, place }): readonly Finding[] => {
    const found = (telling.get(coordinate) ?? []).filter(({ field }) => terms.shares.has(field.coordinate));
    const reads = [...new Set(found.flatMap((each) => each.reads))].filter(isHidden);
    if (reads.length === 0) return [];
    const message = `${coordinate} carries the name of ${reads.join(" and ")}, which ${agreement.recipient} may not read in clear for ${agreement.purpose}: sorting or filtering by a field is reading it.`;
    return [{ ...place, kind: "argument-reads", agreement: agreement.agreement, coordinate, message }];
  });
}

function listSharers(all: readonly Terms[]): ReadonlyMap<string, readonly Terms[]> {
  const sharers = new Map<string, Terms[]>();
  for (const terms of all) {
    for (const coordinate of terms.shares.keys()) {
      const found = sharers.get(coordinate);
      if (found === undefined) sharers.set(coordinate, [terms]);
      else found.push(terms);
    }
  }
  return sharers;
}

function findDates({ agreement }: Terms, { nowMs, daysAhead = DAYS_AHEAD }: FindingOptions): readonly Finding[] {
  const { place, valid, review, approvals } = agreement;
  const name = nameOf(agreement);
  const [today, horizon] = [dayOf(nowMs), dayOf(nowMs + daysAhead * DAY_MS)];
  const findings: Finding[] = [];
  const add = (kind: FindingKind, message: string): number =>
    findings.push({ ...place, kind, agreement: agreement.agreement, coordinate: undefined, message });
  const gaps = findGaps(agreement);
  if (gaps.length > 0) add("inactive", `${name} is inactive: ${gaps.join(", ")}.`);
  if (approvals.length === 1) add("single-approval", `${name} has one approval.`);
  if (valid.until <= today) add("over", `${name} is over since ${valid.until}.`);
  else {
    if (valid.until <= horizon) add("expiring", `${name} ends on ${valid.until}.`);
    if (review !== undefined && review <= today) add("review-overdue", `${name} was to be reviewed by ${review}.`);
    else if (review !== undefined && review <= horizon) add("review-due", `${name} is to be reviewed by ${review}.`);
  }
  return findings;
}

interface Sharing {
  readonly policy: Policy;
  readonly terms: Terms;
  readonly share: Share;
  /** Every agreement that shares the field, this one too. */
  readonly others: readonly Terms[];
}

function findInShare({ policy, terms, share, others }: Sharing, { nowMs, used }: FindingOptions): readonly Finding[] {
  const { agreement } = terms;
  const { coordinate, mask, declassifies } = share;
  const name = nameOf(agreement);
  const findings: Finding[] = [];
  const add = (kind: FindingKind, message: string): number =>
    findings.push({ ...share.place, kind, agreement: agreement.agreement, coordinate, message });
  if (policy.graph.fields.get(coordinate)?.isOpen === true) {
    if (declassifies.length === 0) add("redundant", `${coordinate} is OPEN: every caller may read it, and ${name} adds nothing.`);
    return findings;
  }
  const isLive = terms.isActive && terms.fromMs <= nowMs && nowMs < terms.untilMs;
  if (!isLive) return findings;
  const shadow = findShadow(policy.terms, terms, share);
  if (shadow !== undefined) add("shadowed", `${coordinate} in ${name} has no effect: ${shadow}.`);
  const weaker = others.find((other) => isWeaker(other, terms, share) && other.fromMs <= nowMs && nowMs < other.untilMs);
  if (weaker !== undefined) {
    const twin = weaker.shares.get(coordinate);
    add(
      "weaker-elsewhere",
      `${coordinate} is masked less in ${nameOf(weaker.agreement)} (${twin?.place.file ?? ""}:${twin?.place.line ?? 0}).`,
    );
  }
  const entry = policy.schema.catalogue.fields.get(coordinate);
  if (entry?.classification.identifier === "DIRECT" && mask === undefined)
    add("direct-identifier", `${coordinate} names a person by itself, and ${name} shares it in clear.`);
  if (used !== undefined && !used.has(usageKey(agreement.agreement, coordinate)))
    add("unused", `${coordinate} was not read under ${name}.`);
  return findings;
}

/** Why a grant never decides, while it holds now; undefined where it does. */
function findShadow(all: readonly Terms[], terms: Terms, share: Share): string | undefined {
  for (const other of all) {
    const isTogether =
      other.isActive &&
      other.agreement.recipient === terms.agreement.recipient &&
      other.agreement.purpose === terms.agreement.purpose &&
      holdTogether(other.agreement, terms.agreement);
    if (!isTogether) continue;
    if (other.withholds.has(share.coordinate) && covers(other, terms)) return `${nameOf(other.agreement)} withholds it`;
    const twin = other.shares.get(share.coordinate);
    if (other === terms || twin === undefined || !covers(other, terms)) continue;
    const isAlways = other.pattern === undefined || other.pattern.source === terms.pattern?.source;
    if (isAlways && compareGrants({ share: twin, terms: other }, { share, terms }) === "stricter") {
      return `${nameOf(other.agreement)} is stricter (${twin.place.file}:${twin.place.line})`;
    }
  }
  return undefined;
}

/** Whether one agreement holds on every day on which another does. */
function covers(one: Terms, other: Terms): boolean {
  return one.fromMs <= other.fromMs && other.untilMs <= one.untilMs;
}

/** Only what others get counts: within one bureau and purpose the strictest mask wins. */
function isWeaker(other: Terms, terms: Terms, { coordinate, mask }: Share): boolean {
  const isSame = other.agreement.recipient === terms.agreement.recipient && other.agreement.purpose === terms.agreement.purpose;
  // A department's own data is its own.
  const isOwn = other.agreement.provider === other.agreement.recipient;
  if (mask === undefined || isSame || isOwn || !other.isActive) return false;
  return compareMasks(other.shares.get(coordinate)?.mask, mask) === "looser";
}

function nameOf({ agreement, version }: Agreement): string {
  return `${agreement} version ${version}`;
}
