import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { formatCounts, readCounts } from "./counts.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "counts-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function count(report: unknown, failedSteps: readonly string[]): string {
  const file = join(folder, "results.json");
  if (report !== undefined) {
    writeFileSync(file, JSON.stringify(report));
  }
  return formatCounts(readCounts(file, failedSteps));
}

const passedFile = { status: "passed", assertionResults: [{}, {}] };
const brokenFile = { status: "failed", assertionResults: [] };

test("a run that left no report counts as a failure", () => {
  expect(count(undefined, ["tests"])).toBe("0 passed, 1 failed");
  expect(count(undefined, [])).toBe("0 passed, 1 failed");
});

test("a run that saw no test counts as a failure", () => {
  expect(count({ numPassedTests: 0, numFailedTests: 0, testResults: [] }, [])).toBe("0 passed, 1 failed");
});

test("a test file that did not load counts as a failure, beside failed tests and other failed steps", () => {
  const report = { numPassedTests: 2, numFailedTests: 3, testResults: [passedFile, brokenFile] };
  expect(count(report, ["tests"])).toBe("2 passed, 4 failed");
  expect(count(report, ["lint", "tests", "types"])).toBe("2 passed, 6 failed");
});

test("a test run that failed with every test passed counts as a failure", () => {
  expect(count({ numPassedTests: 2, numFailedTests: 0, testResults: [passedFile] }, ["tests"])).toBe("2 passed, 1 failed");
});

test("a good run counts its tests", () => {
  expect(count({ numPassedTests: 2, numFailedTests: 0, testResults: [passedFile] }, [])).toBe("2 passed, 0 failed");
});
