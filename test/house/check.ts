import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { type Counts, formatCounts, readCounts } from "./counts.ts";

/** One step of the whole check: an npm script that must end with status 0. */
interface Step {
  readonly title: string;
  readonly command: readonly string[];
}

const resultsFolder = "test/output";
const resultsFile = `${resultsFolder}/results.json`;

const steps: readonly Step[] = [
  { title: "format", command: ["run", "--silent", "format:check"] },
  { title: "lint", command: ["run", "--silent", "lint"] },
  { title: "types", command: ["run", "--silent", "types"] },
  { title: "unused", command: ["run", "--silent", "unused"] },
  {
    title: "tests",
    command: ["test", "--silent", "--", "--reporter=default", "--reporter=json", `--outputFile.json=${resultsFile}`],
  },
];

/** Runs every step, also after one that failed, so that one run shows all there is to correct. */
function runSteps(): readonly string[] {
  return steps.filter(({ title, command }) => !runStep(title, command)).map(({ title }) => title);
}

function runStep(title: string, command: readonly string[]): boolean {
  console.log(`\n=== ${title}: npm ${command.join(" ")}`);
  const result = spawnSync("npm", command, { stdio: ["ignore", "inherit", "inherit"] });
  if (result.error !== undefined) {
    console.error(result.error.message);
  }
  return result.status === 0;
}

// Results of an earlier run must not be counted as this run's.
mkdirSync(resultsFolder, { recursive: true });
rmSync(resultsFile, { force: true });

const failedSteps = runSteps();
const counts: Counts = readCounts(resultsFile, failedSteps);
console.log(failedSteps.length === 0 ? "\nEvery step passed." : `\nFailed steps: ${failedSteps.join(", ")}.`);
console.log(formatCounts(counts));
process.exitCode = failedSteps.length === 0 && counts.failed === 0 && counts.passed > 0 ? 0 : 1;
