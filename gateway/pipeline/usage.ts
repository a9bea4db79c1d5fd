import { dayOf, dayStartMs } from "../../policies/engine/dates.ts";
import type { AgreementRef, DenyReason, Limits } from "../../policies/engine/words.ts";
import type { Supergraph } from "../../schema/supergraph.ts";
import type { ClearedOperation } from "../core/cleared.ts";
import { HubError } from "../core/errors.ts";
import type { UsageCounter, UseKind } from "../core/usage.ts";
import { personalOwner, type TallyPlan } from "../project/count.ts";
import type { Counted } from "../project/tally.ts";

/** How an operation uses the agreements that it rests on. */
export interface UsePlan {
  readonly limits: readonly LimitedUse[];
  /** What is personal, of another department than the bureau's own, and shared without a basis for matching; where departments' data meets. */
  readonly unmatched: readonly Denied[];
  /** What is to be counted while the answer is written; undefined when nothing is. */
  readonly tally: TallyPlan | undefined;
}

interface Denied {
  readonly coordinate: string;
  readonly reason: DenyReason;
}

interface LimitedUse {
  readonly by: AgreementRef;
  readonly limits: Limits;
  /** What the agreement releases in this operation. */
  readonly coordinates: readonly string[];
}

/**
 * From how many persons on a comparison of their data in two departments is a matching procedure.
 * @see Personal Data (Privacy) Ordinance (Cap. 486), section 2(1), "matching procedure".
 */
const matchingPersonsMin = 10;

/** Finds what an operation uses. @returns Undefined when nothing of it is limited and nothing is matched: the usual case, which costs nothing. */
export function planUse(
  cleared: ClearedOperation,
  { catalogue, entityKeys }: Pick<Supergraph, "catalogue" | "entityKeys">,
): UsePlan | undefined {
  const { entitlement } = cleared;
  if (entitlement === undefined) return undefined;
  const uses = new Map<string, { readonly by: AgreementRef; readonly coordinates: string[] }>();
  const owners = new Set<string>();
  const unmatched: Denied[] = [];
  for (const [coordinate, decision] of cleared.verdict) {
    if (decision.kind === "deny" || decision.by === undefined) continue;
    const { agreement } = decision.by;
    const use = uses.get(agreement) ?? { by: decision.by, coordinates: [] };
    uses.set(agreement, use);
    use.coordinates.push(coordinate);
    const owner = personalOwner(catalogue, coordinate);
    if (owner === undefined) continue;
    owners.add(owner);
    const isBased = entitlement.obligations.get(agreement)?.matching !== undefined;
    if (owner !== entitlement.bureau && !isBased) unmatched.push({ coordinate, reason: "MATCHING" });
  }
  const limits = [...uses].flatMap(([agreement, { by, coordinates }]): LimitedUse[] => {
    const found = entitlement.obligations.get(agreement)?.limits;
    return found === undefined ? [] : [{ by, limits: found, coordinates }];
  });
  const isMatching = owners.size > 1 && unmatched.length > 0;
  const limited = new Set(
    limits.flatMap(({ by, limits: { subjectsPerRequest, subjectsPerDay } }) =>
      (subjectsPerRequest ?? subjectsPerDay) === undefined ? [] : by.agreement,
    ),
  );
  if (limits.length === 0 && !isMatching) return undefined;
  const isCounting = limited.size > 0 || isMatching;
  return {
    limits,
    unmatched: isMatching ? unmatched : [],
    tally: isCounting ? { limited, isMatching, catalogue, keys: entityKeys } : undefined,
  };
}

/** What a request's use is held against. */
export interface UseOptions {
  readonly plan: UsePlan;
  readonly usage: UsageCounter;
  /** When the request came, in epoch milliseconds: what it reads counts for that day. */
  readonly nowMs: number;
}

/**
 * Counts a request before it runs.
 *
 * @throws {HubError} AGREEMENT_LIMIT, USAGE_UNAVAILABLE.
 */
export async function countRequest(options: UseOptions): Promise<void> {
  for (const use of options.plan.limits) {
    // In order: what a first agreement refuses is not counted against a second.
    // oxlint-disable-next-line no-await-in-loop
    await count(options, use, { kind: "requests", amount: 1, max: use.limits.requestsPerDay });
  }
}

/**
 * Counts whom an answer tells of, before it leaves.
 *
 * @throws {HubError} AGREEMENT_LIMIT, USAGE_UNAVAILABLE; UNAUTHORIZED_FIELD_OR_TYPE with the reason MATCHING.
 */
export async function countSubjects(options: UseOptions, counted: Counted): Promise<void> {
  const { limits, unmatched } = options.plan;
  if (unmatched.length > 0 && counted.matched >= matchingPersonsMin) throw matchingError(unmatched);
  for (const use of limits) {
    const amount = counted.subjects.get(use.by.agreement) ?? 0;
    const { subjectsPerRequest: max } = use.limits;
    if (max !== undefined && amount > max) throw limitError(use, { limit: "subjectsPerRequest", max });
  }
  for (const use of limits) {
    const amount = counted.subjects.get(use.by.agreement) ?? 0;
    // oxlint-disable-next-line no-await-in-loop
    await count(options, use, { kind: "subjects", amount, max: use.limits.subjectsPerDay });
  }
}

interface Amount {
  readonly kind: UseKind;
  readonly amount: number;
  /** Undefined where there is no limit. */
  readonly max: number | undefined;
}

async function count({ usage, nowMs }: UseOptions, use: LimitedUse, { kind, amount, max }: Amount): Promise<void> {
  if (max === undefined || amount === 0) return;
  const day = dayOf(nowMs);
  if (await usage.count({ agreement: use.by.agreement, kind, amount, max, day })) return;
  throw limitError(use, { limit: `${kind}PerDay`, max, endsAtMs: dayStartMs(day) + dayMs });
}

const dayMs = 24 * 60 * 60 * 1_000;

interface Reached {
  readonly limit: string;
  readonly max: number;
  /** Undefined for a limit that does not end. */
  readonly endsAtMs?: number;
}

function limitError({ by, coordinates }: LimitedUse, { limit, max, endsAtMs }: Reached): HubError {
  const name = `${by.agreement}@${by.version}`;
  const ends = endsAtMs === undefined ? undefined : new Date(endsAtMs).toISOString();
  const help = ends === undefined ? "Ask for fewer at once." : `It can be used again from ${ends}.`;
  const denied = coordinates.map((coordinate): Denied => ({ coordinate, reason: "LIMIT" }));
  return new HubError("AGREEMENT_LIMIT", `The agreement ${name} allows ${limit} ${max}, and this would be more. ${help}`, {
    agreement: name,
    limit,
    max,
    ...(ends === undefined ? {} : { endsAt: ends }),
    denied,
  });
}

function matchingError(denied: readonly Denied[]): HubError {
  const message =
    "Nothing leaves, since the operation matches personal data of departments for ten persons or more, and the agreements on what it asks " +
    "of other departments name no basis for a matching procedure (Cap. 486, section 30).";
  return new HubError("UNAUTHORIZED_FIELD_OR_TYPE", message, { denied });
}
