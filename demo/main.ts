import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildExplorer } from "../console/build.ts";
import { type LoadedCase, loadCases } from "./cases.ts";
import { writeRequests, writeTokens, writeWelcome } from "./handout.ts";
import { ensureDepartmentKeys, ensureHubKey } from "./keys.ts";
import { lockDirectory } from "./lock.ts";
import { findTakenPorts } from "./ports.ts";
import { departments, examplesFile, hubUrl, keysDirectory, planProcesses } from "./processes.ts";
import { type DemoSettings, readDemoSettings } from "./settings.ts";
import { createSupervisor, type Supervisor } from "./supervisor.ts";

/*
 * `npm start`: the whole hub on one machine. This process only starts, watches and stops the others.
 */

const stopMs = 5_000;
const backoffMs = 500;
// Tokens are good for an hour; the files that the printed commands read are kept fresh.
const tokenRefreshMs = 45 * 60_000;

async function main(): Promise<void> {
  const startedMs = performance.now();
  const settings = readDemoSettings(process.env);
  const plan = planProcesses(settings);
  const taken = await findTakenPorts([...plan.sources, plan.hub]);
  if (taken.length > 0) {
    throw new Error(taken.join("\n"));
  }
  const unlock = await lockDirectory(settings.DATA_DIR);
  const supervisor = createSupervisor({
    logDirectory: join(settings.DATA_DIR, "logs"),
    readyTimeoutMs: settings.START_TIMEOUT_S * 1000,
    stopMs,
    backoffMs,
    say,
  });
  endOnSignals(supervisor, unlock);
  try {
    await startAll(settings, supervisor);
    say("crossharbour", `is up after ${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`);
    await handOut(settings, await loadCases());
  } catch (error) {
    await supervisor.stop();
    await unlock();
    throw error;
  }
}

async function startAll(settings: DemoSettings, supervisor: Supervisor): Promise<void> {
  const { sources, hub } = planProcesses(settings);
  const { DATA_DIR, POPULATION, SEED } = settings;
  say("crossharbour", `starts with ${POPULATION.toLocaleString("en")} synthetic persons (seed ${SEED}) in ${DATA_DIR}`);
  if (await ensureHubKey(keysDirectory(settings))) {
    say("hub", "has a new signing key");
  }
  await ensureDepartmentKeys(keysDirectory(settings), departments);
  await writeExamples(settings, await loadCases());
  const starts = sources.map(async (plan) => {
    await supervisor.start(plan);
    say(plan.name, `is ready on port ${[plan.port, ...(plan.otherPorts ?? [])].join(", ")}`);
  });
  await Promise.all([...starts, buildConsole()]);
  await supervisor.start(hub);
  say(hub.name, `is ready on port ${hub.port}`);
}

async function buildConsole(): Promise<void> {
  if (await buildExplorer()) {
    say("explorer", "was built");
  }
}

/** The explorer opens the demonstration's questions, the analyst's first. */
async function writeExamples(settings: DemoSettings, cases: readonly LoadedCase[]): Promise<void> {
  const examples = cases.map(({ operation, variables, purpose, caseReference }) => ({ operation, variables, purpose, caseReference }));
  await writeFile(examplesFile(settings), JSON.stringify(examples));
}

async function handOut(settings: DemoSettings, cases: readonly LoadedCase[]): Promise<void> {
  const { DATA_DIR: dataDirectory } = settings;
  await writeRequests(dataDirectory, cases);
  const tokens = await writeTokens(dataDirectory);
  console.log(writeWelcome(tokens, cases, { dataDirectory, hubUrl: hubUrl(settings), workingDirectory: process.cwd() }));
  setInterval(() => {
    writeTokens(dataDirectory).catch((error: unknown) => say("tokens", `could not be renewed: ${describe(error)}`));
  }, tokenRefreshMs);
}

function endOnSignals(supervisor: Supervisor, unlock: () => Promise<void>): void {
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) {
      return;
    }
    isStopping = true;
    say("crossharbour", "stops");
    supervisor
      .stop()
      .then(unlock)
      .then(() => process.exit(0))
      .catch(() => process.exit(1));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, stop);
  }
}

function say(name: string, text: string): void {
  console.log(`${name.padEnd(12)} ${text}`);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

main().catch((error: unknown) => {
  console.error(`\n${describe(error)}`);
  process.exit(1);
});
