import { availableParallelism, cpus, loadavg } from "node:os";
import { Pool } from "undici";
import { type DemoCase, demoCases } from "../demo/cases.ts";
import { type RunningDemo, startDemo } from "./demo.ts";
import { askOnce, driveLoad, type Question, quantile, type Sample } from "./load.ts";
import { type Cost, costBetween, readMeter } from "./meter.ts";
import type { BenchOptions } from "./options.ts";
import { writeTable } from "./table.ts";

interface Result {
  readonly name: string;
  readonly sample: Sample;
  readonly cost: Cost;
  /** Mean time of a request as its caller sees it, in ms. */
  readonly wallMs: number;
}

const warmupSeconds = 3;
const answerTimeoutMs = 15_000;
/** In the order in which a request goes through them; steps that the hub does not time are not shown. */
const stepOrder = ["identify", "prepare", "judge", "clear", "plan", "fetch", "project", "record"];

/** Starts the demonstration, measures case 1 and case 7 on it, and stops it. */
export async function runSmoke(options: BenchOptions): Promise<string> {
  const { signal, say } = options;
  say("starts the demonstration; the first start makes its data and takes a minute or more");
  const demo = await startDemo({ env: process.env, signal, say });
  const pool = new Pool(demo.url, { connections: options.concurrency, headersTimeout: answerTimeoutMs, bodyTimeout: answerTimeoutMs });
  try {
    const results: Result[] = [];
    for (const demoCase of demoCases) {
      results.push(await measure({ demo, pool, demoCase, options }));
    }
    return writeReport(results, options);
  } finally {
    await pool.destroy();
    say("stops the demonstration");
    await demo.stop();
  }
}

interface Scene {
  readonly demo: RunningDemo;
  readonly pool: Pool;
  readonly demoCase: DemoCase;
  readonly options: BenchOptions;
}

async function measure({ demo, pool, demoCase, options }: Scene): Promise<Result> {
  const { seconds, concurrency, signal, say } = options;
  const { name } = demoCase;
  const question = await questionOf(demo, demoCase);
  await askOnce({ pool, question, signal });
  say(`${name}: its answer is right; warms up for ${warmupSeconds} s`);
  await driveLoad({ pool, question, seconds: warmupSeconds, concurrency, signal });
  say(`${name}: measures for ${seconds} s`);
  const before = await readMeter(`${demo.url}/metrics`);
  const sample = await driveLoad({ pool, question, seconds, concurrency, signal });
  const after = await readMeter(`${demo.url}/metrics`);
  const wallMs = sample.latenciesMs.reduce((sum, latencyMs) => sum + latencyMs, 0) / sample.count;
  return { name, sample, cost: costBetween(before, after, sample.count), wallMs };
}

async function questionOf(demo: RunningDemo, { name, clientId, purpose, caseReference }: DemoCase): Promise<Question> {
  const findFault = faultFinders.get(name);
  if (findFault === undefined) throw new Error(`Nobody has said what the answer of ${name} should be.`);
  return {
    path: "/graphql",
    headers: {
      authorization: `Bearer ${await demo.readToken(clientId)}`,
      "content-type": "application/json",
      "hub-purpose": purpose,
      ...(caseReference === undefined ? {} : { "hub-case": caseReference }),
    },
    body: await demo.readRequest(name),
    findFault,
  };
}

interface GivenAnswer {
  readonly data?: {
    readonly prhApplication?: { readonly members?: readonly { readonly income?: unknown }[] } | null;
    readonly district?: { readonly code?: unknown; readonly population?: unknown } | null;
  } | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: unknown } }[];
}

const faultFinders: ReadonlyMap<string, (answer: unknown) => string | undefined> = new Map([
  ["case1", (answer) => findFaultOfCase1(answer as GivenAnswer)],
  ["case7", (answer) => findFaultOfCase7(answer as GivenAnswer)],
]);

function findFaultOfCase1({ data, errors = [] }: GivenAnswer): string | undefined {
  const members = data?.prhApplication?.members ?? [];
  if (members.length === 0) return "the application has no members";
  if (members.some(({ income }) => income !== null)) return "income should be withheld";
  if (errors.length !== 1) return `it has ${errors.length} errors, where the withheld income is one`;
  return errors[0]?.extensions?.code === "UNAUTHORIZED_FIELD_OR_TYPE" ? undefined : "its error is not that of the withheld income";
}

function findFaultOfCase7({ data, errors = [] }: GivenAnswer): string | undefined {
  if (typeof data?.district?.population !== "number") return "the district has no population";
  return errors.length === 0 ? undefined : `it has ${errors.length} errors, where none is expected`;
}

function writeReport(results: readonly Result[], { seconds, concurrency }: BenchOptions): string {
  const rates = results.map(({ name, sample, cost }) => [
    name,
    String(sample.count),
    ((sample.count * 1000) / sample.elapsedMs).toFixed(1),
    quantile(sample.latenciesMs, 0.5).toFixed(1),
    quantile(sample.latenciesMs, 0.99).toFixed(1),
    cost.cpuMs.toFixed(2),
    `${((cost.cpuMs * sample.count * 100) / sample.elapsedMs).toFixed(0)} %`,
    cost.upstreamCalls.toFixed(2),
  ]);
  const steps = stepOrder.filter((step) => results.some(({ cost }) => cost.stepMs.has(step)));
  const shares = results.map(({ name, cost, wallMs }) => {
    const timed = steps.map((step) => cost.stepMs.get(step) ?? 0);
    const rest = wallMs - timed.reduce((sum, ms) => sum + ms, 0);
    return [name, wallMs.toFixed(1), ...[...timed, rest].map((ms) => `${((ms * 100) / wallMs).toFixed(1)} %`)];
  });
  const [minuteLoad = 0] = loadavg();
  return [
    `${seconds} s a case, ${concurrency} requests in flight, Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model ?? "unknown"}), load average ${minuteLoad.toFixed(1)}`,
    "",
    writeTable([["case", "requests", "requests/s", "p50 ms", "p99 ms", "CPU ms/request", "hub's CPU", "upstream calls/request"], ...rates]),
    "",
    "Share of each step in the time of a request:",
    "",
    writeTable([["case", "mean ms", ...steps, "rest"], ...shares]),
  ].join("\n");
}
