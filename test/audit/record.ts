import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { AuditRecord } from "../../gateway/core/record.ts";

/** An audit record that differs from others by its request id. */
export function makeRecord(requestId: string): AuditRecord {
  return {
    time: "2026-11-24T03:00:00.000Z",
    requestId,
    bureau: "housing",
    application: "housing-app",
    officer: "of-3f2a91c07b",
    purpose: "prh-eligibility",
    caseReference: undefined,
    operationName: "Eligibility",
    operationHash: "0a".repeat(32),
    bundleHash: "0b".repeat(32),
    entitlementId: "0c".repeat(32),
    agreements: ["HD-IMMD-2026-01@1", "HD-TD-2026-03@1"],
    released: ["Person.absenceDays", "Vehicle.class"],
    masked: ["Vehicle.mark"],
    withheld: [{ coordinate: "Person.income", reason: "WITHHELD" }],
    subgraphs: ["immigration", "transport"],
    cacheHits: 0,
    fetches: 3,
    outcome: "PARTIAL",
    errorCodes: ["UNAUTHORIZED_FIELD_OR_TYPE"],
  };
}

/** An empty folder for one test, removed after it. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "crossharbour-journal-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
