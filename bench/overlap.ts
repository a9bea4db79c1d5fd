import { isDeepStrictEqual } from "node:util";
import { driveServer } from "./drive.ts";
import { median } from "./figures.ts";
import { answerAlone } from "./graph/schemas.ts";
import { quantile } from "./load.ts";
import type { Market } from "./market.ts";
import { type Program, readUsage } from "./process.ts";
import { writeTable } from "./table.ts";
import type { Target } from "./targets.ts";
import { openConnection, writePost } from "./wire.ts";

/** How questions are asked that overlap without being equal. */
export interface OverlapOptions {
  readonly rounds: number;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** A gateway that is asked them. */
export interface Overlapping {
  readonly target: Target;
  readonly program: Program;
}

const waresCount = 10_000;
const selectionsCount = 30;
const warmCount = 40_000;
const roundCount = 5_000;
const secondsMax = 120;
const answerTimeoutMs = 30_000;
/** Of three departments, all open. */
const fields = ["title", "price", "weight", "organic", "label", "stock", "freight", "depot { name }"] as const;

/** Selections of two to six fields, each another one. */
const selections: readonly string[] = Array.from({ length: 256 }, (_, bits) => fields.filter((_field, index) => (bits >> index) % 2 === 1))
  .filter(({ length }) => length >= 2 && length <= 6)
  .map((chosen) => chosen.join(" "))
  // Spread over all of them, so that few hold each other.
  .filter((_, index) => index % 7 === 3)
  .slice(0, selectionsCount);

/** Where each ware's share of the questions ends, by Zipf's law: the n-th is asked for 1/n as often as the first. */
const shares = ((): Float64Array => {
  const ends = new Float64Array(waresCount);
  let sum = 0;
  for (let rank = 0; rank < waresCount; rank += 1) {
    sum += 1 / (rank + 1);
    ends[rank] = sum;
  }
  return ends.map((end) => end / sum);
})();

interface Question {
  readonly query: string;
  readonly code: string;
}

/** The question of a number: the same for every gateway and every run. */
export function questionAt(number: number): Question {
  const share = fractionOf(number * 2);
  let [from, to] = [0, waresCount - 1];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((shares[middle] ?? 1) < share) from = middle + 1;
    else to = middle;
  }
  const selection = selections[Math.floor(fractionOf(number * 2 + 1) * selectionsCount)] ?? "";
  return { query: `query Ware($code: ID!) { ware(code: $code) { code ${selection} } }`, code: `ware-${from}` };
}

/** A number from 0 to 1 that looks like chance. */
function fractionOf(number: number): number {
  let bits = Math.imul(number + 0x9e37_79b9, 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}

function requestOf(market: Market, target: Target, { query, code }: Question): string {
  const headers = target.isGoverned ? market.governed.headersAt(0) : {};
  const body = JSON.stringify({ query, variables: { code } });
  return writePost({ path: "/graphql", headers: { accept: "application/json", ...headers }, body });
}

/**
 * Asks gateways for 10,000 wares by Zipf's law in 30 ways, the same questions in the same order. Each is warm after 40,000 of them; then they take turns.
 *
 * @returns The table.
 * @throws {Error} At a wrong answer.
 */
export async function measureOverlap(market: Market, asked: readonly Overlapping[], options: OverlapOptions): Promise<string> {
  const { rounds, signal, say } = options;
  const slices = new Map<string, Slice[]>();
  for (const one of asked) {
    await checkAnswers(market, one);
    await measure(market, { one, from: 0, count: warmCount }, options);
    say(`${one.target.name} has answered ${warmCount} questions that overlap`);
  }
  for (let round = 0; round < rounds && !signal.aborted; round += 1) {
    for (let index = 0; index < asked.length; index += 1) {
      const one = asked[(index + round) % asked.length];
      if (one === undefined) continue;
      const slice = await measure(market, { one, from: warmCount + round * roundCount, count: roundCount }, options);
      slices.set(one.target.name, [...(slices.get(one.target.name) ?? []), slice]);
    }
    say(`round ${round + 1} of ${rounds} of questions that overlap`);
  }
  return describe(asked.map(({ target }) => target.name).map((name) => ({ name, own: slices.get(name) ?? [] })));
}

/** Holds one answer of each selection against the right one. */
async function checkAnswers(market: Market, { target, program }: Overlapping): Promise<void> {
  const connection = openConnection(program.port, answerTimeoutMs);
  try {
    const questions = Array.from({ length: 200 }, (_, number) => questionAt(number));
    for (const question of new Map(questions.map((one) => [one.query, one])).values()) {
      const { status, body } = await connection.send(requestOf(market, target, question));
      const { data } = JSON.parse(body.toString("utf8")) as { data?: unknown };
      const right = await answerAlone({ query: question.query, variables: { code: question.code } });
      if (status !== 200 || !isDeepStrictEqual(data, right)) throw new Error(`${target.name}: ${body.toString("utf8", 0, 400)}`);
    }
  } finally {
    connection.close();
  }
}

interface Slice {
  readonly cpuMs: number;
  readonly calls: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
}

interface Part {
  readonly one: Overlapping;
  readonly from: number;
  readonly count: number;
}

async function measure(market: Market, { one, from, count }: Part, { concurrency, signal }: OverlapOptions): Promise<Slice> {
  const { target, program } = one;
  const callsBefore = await market.countCalls();
  const before = readUsage(program.pid);
  const drive = await driveServer({
    port: program.port,
    requestAt: (index) => requestOf(market, target, questionAt(from + index)),
    seconds: secondsMax,
    count,
    concurrency,
    findFault: (status, body) => (status !== 200 || body.includes('"errors"') ? `status ${status}` : undefined),
    signal,
  });
  if (drive.count < count) throw new Error(`${target.name} answered ${drive.count} of ${count} questions within ${secondsMax} s.`);
  const calls = (await market.countCalls()) - callsBefore;
  return {
    cpuMs: (readUsage(program.pid).cpuMs - before.cpuMs) / count,
    calls: calls / count,
    requestsPerSecond: (count * 1_000) / drive.elapsedMs,
    p50Ms: quantile(drive.latenciesMs, 0.5),
  };
}

function describe(figures: readonly { readonly name: string; readonly own: readonly Slice[] }[]): string {
  const of = (own: readonly Slice[], pick: (slice: Slice) => number): number => median(own.map(pick));
  const rows = figures.map(({ name, own }) => [
    name,
    of(own, ({ cpuMs }) => cpuMs).toFixed(3),
    of(own, ({ calls }) => calls).toFixed(3),
    of(own, ({ requestsPerSecond }) => requestsPerSecond).toFixed(0),
    of(own, ({ p50Ms }) => p50Ms).toFixed(1),
  ]);
  return writeTable([
    [`${waresCount} wares by Zipf's law, ${selectionsCount} selections`, "CPU ms/request", "calls/request", "requests/s", "p50 ms"],
    ...rows,
  ]);
}
