import type { Agreement, Share } from "./bundle.ts";
import { conditionKey } from "./condition.ts";
import { dayStartMs } from "./dates.ts";
import type { CasePattern } from "./pattern.ts";
import { readCasePattern } from "./pattern.ts";
import type { AgreementRef, Condition } from "./words.ts";

/** Least number of different posts that must have approved an agreement. */
const POSTS_MIN = 2;

/** An agreement, ready to be asked. */
export interface Terms {
  readonly agreement: Agreement;
  readonly ref: AgreementRef;
  readonly isActive: boolean;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Undefined where no case is required. */
  readonly pattern: CasePattern | undefined;
  readonly shares: ReadonlyMap<string, Share>;
  readonly withholds: ReadonlySet<string>;
  /** Fields that it shares or withholds, each once. */
  readonly mentions: readonly string[];
  /** Arguments, input fields and enum values. */
  readonly arguments: ReadonlySet<string>;
  /** What must hold of the objects of a type, by type; each condition once, in the order of its key. */
  readonly where: ReadonlyMap<string, readonly Condition[]>;
}

/**
 * Where an agreement of a bureau stands at a moment, for a purpose and a case: it grants; it would with a matching case; it isn't valid
 * yet, or not any more; it holds, but for another purpose; or it has nothing to say.
 */
export type Standing = "granting" | "case" | "early" | "late" | "purpose" | "silent";

/** A moment and a purpose with what is known of the case. */
export interface Moment {
  readonly purpose: string;
  readonly nowMs: number;
  readonly matches: (pattern: CasePattern) => boolean;
}

/** What keeps an agreement from being active, in words; empty when nothing does. */
export function findGaps(agreement: Agreement): readonly string[] {
  const posts = new Set(agreement.approvals.map(({ post }) => post.trim().toLowerCase()));
  const gaps: string[] = [];
  if (agreement.legalBasis === undefined) gaps.push("no legal basis");
  if (agreement.review === undefined) gaps.push("no review date");
  if (posts.size < POSTS_MIN) gaps.push(`approvals of ${posts.size} instead of ${POSTS_MIN} different posts`);
  return gaps;
}

/** Makes an agreement of a parsed bundle ready. */
export function readTerms(agreement: Agreement): Terms {
  const pattern = agreement.casePattern === undefined ? undefined : readCasePattern(agreement.casePattern);
  const shares = new Map(agreement.shares.map((share) => [share.coordinate, share]));
  const withholds = new Set(agreement.withholds.map(({ coordinate }) => coordinate));
  return {
    agreement,
    ref: Object.freeze({ agreement: agreement.agreement, version: agreement.version }),
    isActive: findGaps(agreement).length === 0,
    fromMs: dayStartMs(agreement.valid.from),
    untilMs: dayStartMs(agreement.valid.until),
    // Parsing has refused patterns that can't be read; should one come here all the same, no case matches it.
    pattern: typeof pattern === "string" ? { source: pattern, matches: () => false } : pattern,
    shares,
    withholds,
    mentions: [...new Set([...shares.keys(), ...withholds])],
    arguments: new Set(agreement.arguments.map(({ coordinate }) => coordinate)),
    where: readWhere(agreement),
  };
}

function readWhere({ where }: Agreement): ReadonlyMap<string, readonly Condition[]> {
  const byType = Map.groupBy(
    where.map(({ condition }) => condition),
    ({ type }) => type,
  );
  return new Map([...byType].map(([type, conditions]) => [type, uniqueConditions(conditions)]));
}

/** Of conditions that say the same in another order, the first stays. */
function uniqueConditions(conditions: readonly Condition[]): readonly Condition[] {
  const byKey = new Map(conditions.toReversed().map((condition) => [conditionKey(condition), condition]));
  return Object.freeze([...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, condition]) => condition));
}

/** Says where an agreement stands. The bureau is taken to be its recipient. */
export function standingOf(terms: Terms, moment: Moment): Standing {
  if (!terms.isActive) return "silent";
  const isEarly = moment.nowMs < terms.fromMs;
  const isLate = moment.nowMs >= terms.untilMs;
  if (terms.agreement.purpose !== moment.purpose) return isEarly || isLate ? "silent" : "purpose";
  if (isEarly) return "early";
  if (isLate) return "late";
  return terms.pattern === undefined || moment.matches(terms.pattern) ? "granting" : "case";
}
