import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
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
  { title: "tests", command: ["test", "--silent"] },
];

/** Longest that a step may take, in milliseconds. The longest one takes a quarter of it. */
const stepMs = 45 * 60_000;

/** Runs every step, also after one that failed, so that one run shows all there is to correct. */
async function runSteps(): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const step of steps) {
    // One after the other, or their outputs would mix.
    if (!(await runStep(step))) failed.push(step.title);
  }
  return failed;
}

async function runStep({ title, command }: Step): Promise<boolean> {
  console.log(`\n=== ${title}: npm ${command.join(" ")}`);
  const child = spawn("npm", command, {
    detached: true,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, TEST_RESULTS: resultsFile },
  });
  const timer = setTimeout(() => {
    console.error(`\nThe step did not end within ${stepMs / 60_000} minutes. These processes run:\n${listProcesses()}`);
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, stepMs);
  try {
    const [status] = (await once(child, "exit")) as [number | null];
    return status === 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** What runs, and what in the kernel it waits for, to tell why a step does not end. */
function listProcesses(): string {
  return spawnSync("ps", ["-eo", "pid,ppid,stat,wchan:24,etimes,args", "--cols", "180"], { encoding: "utf8", timeout: 10_000 }).stdout;
}

// Results of an earlier run must not be counted as this run's.
mkdirSync(resultsFolder, { recursive: true });
rmSync(resultsFile, { force: true });

const failedSteps = await runSteps();
const counts: Counts = readCounts(resultsFile, failedSteps);
console.log(failedSteps.length === 0 ? "\nEvery step passed." : `\nFailed steps: ${failedSteps.join(", ")}.`);
console.log(formatCounts(counts));
process.exitCode = failedSteps.length === 0 && counts.failed === 0 && counts.passed > 0 ? 0 : 1;
