import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parse, visit } from "graphql";
import { loadCommitted } from "../cli/folders.ts";
import { clearOperation } from "../gateway/access/clear.ts";
import { checkLimits, measureOperation } from "../gateway/access/measure.ts";
import { validateOperation } from "../gateway/access/validate.ts";
import { defaultLimits } from "../gateway/core/limits.ts";
import { entitlementFor } from "../policies/engine/policy.ts";
import { writeTable } from "./table.ts";

/** A vetting of one household, of 45 fields; some are masked and some withheld. */
const operation = `query Vetting($number: ID!) {
  prhApplication(number: $number) {
    number status householdIncome
    members {
      ref name { en tc } dateOfBirth residentStatus absenceDays(months: 12) hkid
      ownsDomesticProperty properties { prn district { code name { en tc } } consideration }
      vehicles { mark class make valueBand licenceExpiry owner { ref name { en tc } } }
      incomeBand income
    }
  }
  districts { code name { en tc } population estates { name { en tc } } }
}`;

const roundsEach = 2_000;

/**
 * Measures what the access path costs an operation that was never asked before: limits, validation, judging and clearing. One that was asked
 * before costs none of it, as it is found prepared.
 */
export async function runClearing(nowMs: number): Promise<string> {
  const policy = await loadCommitted({ schema: pathOf("../schema"), policies: pathOf("../policies") });
  const { apiSchema: schema } = policy.schema;
  const document = parse(operation);
  let fields = 0;
  visit(document, {
    Field() {
      fields += 1;
    },
  });
  const question = { bureau: "housing", purpose: "prh-eligibility", caseReference: "HD-PRH-0000123", nowMs };
  const limits = defaultLimits();
  const steps: readonly (readonly [string, () => unknown])[] = [
    ["entitlement, compiled anew", () => entitlementFor(policy, question)],
    ["limits", () => checkLimits(measureOperation(document, undefined), limits)],
    ["validation", () => validateOperation(schema, document)],
    [
      "judging and clearing",
      () =>
        clearOperation({ schema, document, operationName: undefined, entitlement: entitlementFor(policy, question), onDenied: "withhold" }),
    ],
  ];
  const rows = steps.map(([name, work]) => {
    const cold = timeUs(work);
    const warm = Array.from({ length: roundsEach }, () => timeUs(work)).toSorted((left, right) => left - right)[roundsEach / 2] ?? 0;
    return [name, cold.toFixed(0), warm.toFixed(1)];
  });
  return writeTable([[`an operation of ${fields} fields`, "first, us", `median of ${roundsEach}, us`], ...rows]);
}

function timeUs(work: () => unknown): number {
  const startMs = performance.now();
  work();
  return (performance.now() - startMs) * 1_000;
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
