import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";

/** How many tests passed and failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** The part of vitest's JSON report that is counted; see "JSON Reporter" in vitest's guide. */
const reportSchema = z.object({
  numPassedTests: z.int().nonnegative(),
  numFailedTests: z.int().nonnegative(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

/**
 * Counts the tests of vitest's JSON report. A test file that failed before its first test, a failed step other than the tests,
 * and a run that left no report or ran no test count as one failure each, so that a bad run never shows "0 failed".
 *
 * @param file Path of the report.
 * @param failedSteps Titles of the steps that failed.
 */
export function readCounts(file: string, failedSteps: readonly string[]): Counts {
  const report = existsSync(file) ? reportSchema.parse(JSON.parse(readFileSync(file, "utf8"))) : undefined;
  const passed = report?.numPassedTests ?? 0;
  const brokenFiles =
    report?.testResults.filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0) ?? [];
  const failedTests = (report?.numFailedTests ?? 0) + brokenFiles.length;
  const otherSteps = failedSteps.filter((step) => step !== "tests").length;
  const unseen = failedTests === 0 && (failedSteps.includes("tests") || passed === 0) ? 1 : 0;
  return { passed, failed: failedTests + otherSteps + unseen };
}

/** The closing line that continuous integration reads. */
export function formatCounts(counts: Counts): string {
  return `${counts.passed} passed, ${counts.failed} failed`;
}
