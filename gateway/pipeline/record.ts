import type { Caller } from "../core/caller.ts";
import type { ClearedOperation } from "../core/cleared.ts";
import type { AuditRecord, Outcome } from "../core/record.ts";
import type { Collected } from "../fetch/run.ts";

/** What a record is made of. */
export interface RecordOptions {
  readonly caller: Caller;
  readonly requestId: string;
  readonly cleared: ClearedOperation;
  /** Undefined when nothing ran. */
  readonly collected: Collected | undefined;
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
  const { caller, cleared, collected } = options;
  const { entitlement } = cleared;
  if (entitlement === undefined) return undefined;
  const { agreements, released, masked } = summarise(cleared);
  if (released.length === 0 && masked.length === 0 && cleared.withheld.length === 0) return undefined;
  return {
    time: new Date(options.nowMs).toISOString(),
    requestId: options.requestId,
    bureau: caller.bureau,
    application: caller.application,
    officer: caller.officer,
    purpose: caller.purpose,
    caseReference: caller.caseReference,
    operationName: cleared.operationName,
    operationHash: cleared.operationHash,
    bundleHash: entitlement.bundleHash,
    entitlementId: entitlement.id,
    agreements,
    released,
    masked,
    withheld: withheldCoordinates(cleared),
    subgraphs: collected?.subgraphs ?? [],
    cacheHits: collected?.cacheHits ?? 0,
    fetches: collected?.fetches ?? 0,
    outcome: options.outcome,
    errorCodes: [...new Set(options.errorCodes)].toSorted(),
  };
}

function summarise({ verdict }: ClearedOperation): Pick<AuditRecord, "agreements" | "released" | "masked"> {
  const agreements = new Set<string>();
  const released: string[] = [];
  const masked: string[] = [];
  for (const [coordinate, decision] of verdict) {
    if (decision.kind === "deny" || decision.by === undefined || coordinate.includes("(")) continue;
    agreements.add(`${decision.by.agreement}@${decision.by.version}`);
    (decision.kind === "mask" ? masked : released).push(coordinate);
  }
  return { agreements: [...agreements].toSorted(), released: released.toSorted(), masked: masked.toSorted() };
}

function withheldCoordinates({ withheld }: ClearedOperation): AuditRecord["withheld"] {
  const byCoordinate = new Map(withheld.map(({ coordinate, reason }) => [coordinate, { coordinate, reason }]));
  return [...byCoordinate.values()].toSorted((left, right) => (left.coordinate < right.coordinate ? -1 : 1));
}
