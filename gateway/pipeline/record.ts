import type { AgreementRef, Decision, DenyReason, Entitlement } from "../../policies/engine/words.ts";
import type { Caller } from "../core/caller.ts";
import type { ClearedOperation } from "../core/cleared.ts";
import type { HubError } from "../core/errors.ts";
import type { AuditRecord, Outcome } from "../core/record.ts";
import type { Gist } from "./gathered.ts";

/** What was asked and how it was judged. */
export interface Judged {
  readonly entitlement: Entitlement;
  readonly operationName: string | undefined;
  /** SHA-256 in hex. */
  readonly operationHash: string;
  /** The agreements that the verdict rests on, as `agreement@version`, sorted. */
  readonly agreements: readonly string[];
  /** Governed coordinates that leave in clear, sorted. */
  readonly released: readonly string[];
  /** Governed coordinates that leave blurred, sorted. */
  readonly masked: readonly string[];
  /** Each coordinate once, sorted. */
  readonly withheld: readonly { readonly coordinate: string; readonly reason: DenyReason }[];
}

/** What a record is made of. */
export interface RecordOptions {
  readonly caller: Caller;
  readonly requestId: string;
  readonly judged: Judged;
  /** Undefined when nothing ran. */
  readonly collected: Gist | undefined;
  readonly errorCodes: readonly string[];
  readonly outcome: Outcome;
  readonly nowMs: number;
}

/**
 * Writes down who got what, why, and what was kept back.
 *
 * @returns undefined when the operation touches OPEN data alone: that is no one's secret and no one's duty to record.
 */
export function recordOf(options: RecordOptions): AuditRecord | undefined {
  const { caller, judged, collected } = options;
  const { agreements, released, masked, withheld } = judged;
  if (released.length === 0 && masked.length === 0 && withheld.length === 0) return undefined;
  return {
    time: new Date(options.nowMs).toISOString(),
    requestId: options.requestId,
    bureau: caller.bureau,
    application: caller.application,
    officer: caller.officer,
    purpose: caller.purpose,
    caseReference: caller.caseReference,
    operationName: judged.operationName,
    operationHash: judged.operationHash,
    bundleHash: judged.entitlement.bundleHash,
    entitlementId: judged.entitlement.id,
    agreements,
    // What did not run released nothing.
    released: collected === undefined ? [] : released,
    masked: collected === undefined ? [] : masked,
    withheld,
    subgraphs: collected?.subgraphs ?? [],
    cacheHits: collected?.cacheHits ?? 0,
    fetches: collected?.fetches ?? 0,
    outcome: options.outcome,
    errorCodes: [...new Set(options.errorCodes)].toSorted(),
  };
}

/** How a cleared operation was judged; undefined when the hub runs unrestricted. */
export function judgedOf(cleared: ClearedOperation): Judged | undefined {
  const { entitlement, operationName, operationHash, verdict, withheld } = cleared;
  if (entitlement === undefined) return undefined;
  return { entitlement, operationName, operationHash, ...summarise(verdict), withheld: eachOnce(withheld) };
}

/** What a refusal says was denied; undefined when the operation was refused for another reason. */
export function judgedOfRefusal(
  error: HubError,
  entitlement: Entitlement,
  asked: Pick<Judged, "operationName" | "operationHash">,
): Judged | undefined {
  const { denied } = error.facts;
  return isDeniedList(denied) ? { ...asked, entitlement, ...summarise(new Map()), withheld: eachOnce(denied) } : undefined;
}

function isDeniedList(value: unknown): value is Judged["withheld"] {
  return (
    Array.isArray(value) &&
    value.every((entry: unknown) => typeof entry === "object" && entry !== null && "coordinate" in entry && "reason" in entry)
  );
}

function agreementsOf(verdict: ReadonlyMap<string, Decision>): string[] {
  const names = new Set<string>();
  for (const decision of verdict.values()) {
    if (decision.kind !== "deny" && decision.by !== undefined) names.add(nameOf(decision.by));
  }
  return [...names].toSorted();
}

function nameOf({ agreement, version }: AgreementRef): string {
  return `${agreement}@${version}`;
}

function summarise(verdict: ReadonlyMap<string, Decision>): Pick<Judged, "agreements" | "released" | "masked"> {
  const released: string[] = [];
  const masked: string[] = [];
  for (const [coordinate, decision] of verdict) {
    if (decision.kind === "deny" || decision.by === undefined || coordinate.includes("(")) continue;
    (decision.kind === "mask" ? masked : released).push(coordinate);
  }
  return { agreements: agreementsOf(verdict), released: released.toSorted(), masked: masked.toSorted() };
}

function eachOnce(withheld: Judged["withheld"]): Judged["withheld"] {
  const byCoordinate = new Map(withheld.map(({ coordinate, reason }) => [coordinate, { coordinate, reason }]));
  return [...byCoordinate.values()].toSorted((left, right) => (left.coordinate < right.coordinate ? -1 : 1));
}
