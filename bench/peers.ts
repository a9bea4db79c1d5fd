import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { type Mode, type Slice, summarise } from "./figures.ts";
import { type Workload, workloads } from "./graph/workloads.ts";
import { describeMachine, keepReport } from "./machine.ts";
import { type Market, openMarket } from "./market.ts";
import { type Asked, type Contender, checkAnswer, createRequests, measureSlice, type Question, type SliceOptions } from "./measure.ts";
import { writeReport } from "./report.ts";
import { labelOf, type Target, targets } from "./targets.ts";

/** How the comparison is run. */
export interface PeersOptions {
  readonly workloads: readonly string[];
  /** Names of targets; all when empty. The hub is always measured. */
  readonly peers: readonly string[];
  readonly modes: readonly Mode[];
  readonly sharing: readonly ("on" | "off")[];
  readonly seconds: number;
  readonly rounds: number;
  readonly warmSeconds: number;
  readonly concurrency: number;
  /** Whether the tables are written into docs/performance.md. */
  readonly isWritten: boolean;
  readonly nodeOptions: readonly string[];
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

const peersFolder = fileURLToPath(new URL("peers/", import.meta.url));

/** Measures the hub and its peers in interleaved rounds. @returns the tables. */
export async function runPeers(options: PeersOptions): Promise<string> {
  const chosen = chooseTargets(options);
  if (chosen.some(({ isPeer }) => isPeer)) await installPeers(options);
  const cores = pinItself();
  const market = await openMarket({ cores, nodeOptions: options.nodeOptions, signal: options.signal });
  try {
    const missing: string[] = [];
    const questions = questionsOf(options);
    const requestsOf = createRequests(market);
    const contenders = await startContenders({ options, market, chosen, missing, requestsOf });
    const scene: Running = { options, market, contenders, questions, requestsOf, missing };
    await warmAll(scene);
    const slices = await measureRounds(scene);
    const report = writeReport({ figures: summarise(slices), missing, facts: factsOf(options, cores !== undefined) });
    if (options.isWritten) await keepReport("peers", report);
    return report;
  } finally {
    options.say("stops everything");
    await market.close();
  }
}

function chooseTargets({ peers, sharing }: PeersOptions): readonly Target[] {
  const unknown = peers.filter((name) => !targets.some((target) => target.name === name));
  if (unknown.length > 0)
    throw new Error(`There is no peer ${unknown.join(", ")}; known are ${[...new Set(targets.map(({ name }) => name))].join(", ")}.`);
  return targets.filter(
    (target) =>
      (peers.length === 0 || target.name === "hub" || peers.includes(target.name)) &&
      (target.sharing === "none" || sharing.includes(target.sharing)),
  );
}

/** The load is made in this process, so it keeps away from the gateways' core. */
export function pinItself(): { readonly gateway: number; readonly rest: number } | undefined {
  if (availableParallelism() < 2) return undefined;
  try {
    execFileSync("taskset", ["-a", "-p", "-c", "1", String(process.pid)], { stdio: "ignore" });
    return { gateway: 0, rest: 1 };
  } catch {
    return undefined;
  }
}

async function installPeers({ say, signal }: PeersOptions): Promise<void> {
  const installed = `${peersFolder}node_modules/.package-lock.json`;
  if (existsSync(installed)) return;
  say("installs the peers in bench/peers with npm ci; this takes some minutes and happens once");
  await new Promise<void>((resolve, reject) => {
    const child = spawn("npm", ["ci", "--no-audit", "--no-fund"], { cwd: peersFolder, stdio: ["ignore", "ignore", "inherit"], signal });
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`npm ci in bench/peers ended with ${code}.`))));
  });
}

function questionsOf({ workloads: names, modes }: PeersOptions): readonly Question[] {
  return workloads.filter(({ name }) => names.includes(name)).flatMap((workload) => modes.map((mode) => ({ workload, mode })));
}

interface Scene {
  readonly options: PeersOptions;
  readonly market: Market;
  readonly requestsOf: ReturnType<typeof createRequests>;
}

async function startContenders(scene: Scene & { chosen: readonly Target[]; missing: string[] }): Promise<readonly Contender[]> {
  const { options, market, chosen, missing } = scene;
  const contenders: Contender[] = [];
  for (const target of chosen) {
    options.signal.throwIfAborted();
    try {
      const contender: Contender = { target, program: await market.start(target), answerBytes: new Map() };
      const faults = await findFaults(scene, contender);
      for (const fault of faults) missing.push(fault);
      contenders.push(contender);
      options.say(`${labelOf(target)} is up${faults.length === 0 ? " and right" : `; ${faults.join("; ")}`}`);
    } catch (error) {
      const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
      if (!target.isPeer) throw error;
      options.say(error instanceof Error ? error.message : String(error));
      missing.push(`${labelOf(target)}: ${reason}`);
    }
  }
  return contenders;
}

async function findFaults({ options, market, requestsOf }: Scene, contender: Contender): Promise<readonly string[]> {
  const asked = workloads.filter(({ name }) => options.workloads.includes(name));
  const faults: string[] = [];
  for (const workload of asked) {
    const question: Question = { workload, mode: "different" };
    const fault = await checkAnswer(market, { contender, question, requestAt: requestsOf(contender, question) });
    if (fault === undefined) continue;
    if (!contender.target.isPeer) throw new Error(`${labelOf(contender.target)} answers (${workload.name}) wrongly: ${fault}`);
    faults.push(`${labelOf(contender.target)} on (${workload.name}): ${fault}`);
  }
  return faults;
}

/** Questions that a target has answered rightly. */
function canAnswer({ answerBytes }: Contender, { name }: Workload): boolean {
  return answerBytes.has(name);
}

type Running = Scene & { readonly contenders: readonly Contender[]; readonly questions: readonly Question[]; readonly missing: string[] };

async function warmAll(scene: Running): Promise<void> {
  const { options, contenders, questions, requestsOf } = scene;
  const { warmSeconds, concurrency, signal, say } = options;
  for (const contender of contenders) {
    const asked = questions.filter(({ workload }) => canAnswer(contender, workload));
    say(`warms ${labelOf(contender.target)} for ${warmSeconds} s`);
    for (const question of asked) {
      await trySlice(
        scene,
        { contender, question, requestAt: requestsOf(contender, question) },
        { seconds: warmSeconds / asked.length, concurrency, signal },
      );
    }
  }
}

/** Measures a slice; a peer that fails under load is left out of the workload from then on, and the hub ends the benchmark. */
async function trySlice({ market, options, missing }: Running, asked: Asked, slice: SliceOptions): Promise<readonly Slice[]> {
  const { contender, question } = asked;
  try {
    return [await measureSlice(market, asked, slice)];
  } catch (error) {
    if (!contender.target.isPeer || options.signal.aborted) throw error;
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    contender.answerBytes.delete(question.workload.name);
    missing.push(`${labelOf(contender.target)} on (${question.workload.name}), ${question.mode} requests, under load: ${reason}`);
    return [];
  }
}

async function measureRounds(scene: Running): Promise<readonly Slice[]> {
  const { options, contenders, questions, requestsOf } = scene;
  const { seconds, rounds, concurrency, signal, say } = options;
  const slices: Slice[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const question of questions) {
      const asked = contenders.filter((contender) => canAnswer(contender, question.workload));
      const left = (rounds - round) * asked.length * seconds * questions.length;
      say(
        `round ${round + 1} of ${rounds}: (${question.workload.name}), ${question.mode} requests; at most ${Math.ceil(left / 60)} min more`,
      );
      // Another one begins each round, so that none is always the first after a pause.
      const order = [...asked.slice(round % asked.length), ...asked.slice(0, round % asked.length)];
      for (const contender of order) {
        const requestAt = requestsOf(contender, question);
        slices.push(...(await trySlice(scene, { contender, question, requestAt }, { seconds, concurrency, signal })));
      }
    }
  }
  const places = new Map(contenders.map(({ target }, index) => [labelOf(target), index] as const));
  const placeOf = ({ target, sharing }: Slice): number => places.get(labelOf({ name: target, sharing })) ?? 0;
  return slices.toSorted((left, right) => placeOf(left) - placeOf(right));
}

function factsOf({ seconds, rounds, warmSeconds, concurrency }: PeersOptions, isPinned: boolean): readonly string[] {
  const turns = `${rounds} rounds of ${seconds} s in turn, after ${warmSeconds} s of warming up each; ${concurrency} requests in flight`;
  return [...describeMachine(isPinned), turns];
}
