import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { driveServer } from "./drive.ts";
import { type FencedReport, refs } from "./fenced.ts";
import { writeTable } from "./table.ts";

/** How often it is measured. */
export interface FenceOptions {
  readonly rounds: number;
  /** Requests in flight. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

interface Question {
  readonly name: string;
  readonly query: string;
  /** Persons that one request asks for. */
  readonly persons: number;
}

/** What the hub sends on behalf of housing: a household's worth and more, and the least. */
const questions: readonly Question[] = [
  {
    name: "_entities of 100 persons, 5 governed fields",
    query:
      "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Person { __typename ref name { en } residentStatus absenceDays dateOfBirth } } }",
    persons: 100,
  },
  {
    name: "_entities of 1 person, 1 governed field",
    query: "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Person { residentStatus } } }",
    persons: 1,
  },
  { name: "open data of 16 control points", query: "{ controlPoints { id name } }", persons: 0 },
];

const warmSeconds = 4;
/** Short, so that what else the machine does falls on both alike. */
const sliceSeconds = 0.25;
const variants = ["first", "both"] as const;
type Variant = (typeof variants)[number];

/** What one slice took. */
interface Slice {
  readonly requests: number;
  readonly cpuMs: number;
}

/**
 * Measures a department behind the first fence and behind both, in turns of a quarter of a second and in one process, so that both have the
 * same machine and the same compiled code.
 *
 * @returns The table.
 */
export async function runFence({ rounds, concurrency, signal, say }: FenceOptions): Promise<string> {
  const server = fork(fileURLToPath(new URL("fenced.ts", import.meta.url)));
  try {
    const report = await nextReport(server);
    pin(server);
    const rows: string[][] = [];
    for (const question of questions) {
      say(question.name);
      const drive = (variant: Variant, seconds: number): Promise<Slice> =>
        measure({ server, port: report[variant], question }, { seconds, concurrency, signal });
      for (const variant of variants) await drive(variant, warmSeconds);
      rows.push([question.name, ...summarise(await measureRounds(drive, rounds))]);
    }
    return writeTable([["requests per CPU-second", "first fence", "both fences", "cost"], ...rows]);
  } finally {
    server.kill();
  }
}

async function measureRounds(
  drive: (variant: Variant, seconds: number) => Promise<Slice>,
  rounds: number,
): Promise<Record<Variant, Slice[]>> {
  const slices: Record<Variant, Slice[]> = { first: [], both: [] };
  for (let round = 0; round < rounds; round += 1) {
    // Another one first each time.
    for (const variant of round % 2 === 0 ? variants : variants.toReversed()) {
      slices[variant].push(await drive(variant, sliceSeconds));
    }
  }
  return slices;
}

/** The server and the load have a core each, where there are two. */
function pin(server: ChildProcess): void {
  if (availableParallelism() < 2) return;
  for (const [core, pid] of [
    [0, server.pid],
    [1, process.pid],
  ]) {
    try {
      execFileSync("taskset", ["-a", "-p", "-c", String(core), String(pid)], { stdio: "ignore" });
    } catch {
      // Without taskset the system places them.
    }
  }
}

function nextReport(child: ChildProcess): Promise<FencedReport> {
  const { promise, resolve, reject } = Promise.withResolvers<FencedReport>();
  const fail = (code: number | null): void => reject(new Error(`The department ended with ${code}.`));
  child.once("exit", fail);
  child.once("message", (report) => resolve(report as FencedReport));
  return promise.finally(() => child.off("exit", fail));
}

interface Asked {
  readonly server: ChildProcess;
  readonly port: number;
  readonly question: Question;
}

async function measure(
  { server, port, question }: Asked,
  options: Pick<FenceOptions, "concurrency" | "signal"> & { readonly seconds: number },
): Promise<Slice> {
  const readReport = (): Promise<FencedReport> => {
    const report = nextReport(server);
    server.send("report");
    return report;
  };
  const before = await readReport();
  const { count } = await driveServer({
    ...options,
    port,
    requestAt: (index) => requestOf(question, before.header, index),
    findFault: (status, body) => (status !== 200 ? `status ${status}` : body.includes('"errors"') ? "errors" : undefined),
  });
  const after = await readReport();
  return { requests: count, cpuMs: after.cpuMs - before.cpuMs };
}

function requestOf({ query, persons }: Question, header: string, index: number): string {
  const r = Array.from({ length: persons }, (_, each) => ({ __typename: "Person", ref: refs[(index * 7 + each) % refs.length] }));
  const body = JSON.stringify({ query, variables: persons === 0 ? {} : { r } });
  const head = ["POST /graphql HTTP/1.1", "host: bench", "content-type: application/json", `hub-call: ${header}`];
  return [...head, `content-length: ${Buffer.byteLength(body)}`, "", body].join("\r\n");
}

function summarise({ first, both }: Readonly<Record<Variant, readonly Slice[]>>): readonly string[] {
  const rate = (slices: readonly Slice[]): number => median(slices.map(({ requests, cpuMs }) => (requests * 1_000) / cpuMs));
  const costs = both.map((slice, round) => 1 - slice.requests / slice.cpuMs / ((first[round]?.requests ?? 0) / (first[round]?.cpuMs ?? 1)));
  return [rate(first).toFixed(0), rate(both).toFixed(0), `${(100 * median(costs)).toFixed(1)} %`];
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
