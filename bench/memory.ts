import { setTimeout as sleep } from "node:timers/promises";
import { slopeOf } from "./figures.ts";
import { workloads } from "./graph/workloads.ts";
import { openMarket } from "./market.ts";
import { type Contender, checkAnswer, createRequests, measureSlice } from "./measure.ts";
import { readUsage } from "./process.ts";
import { targets } from "./targets.ts";

/** How memory is watched. */
export interface MemoryOptions {
  readonly minutes: number;
  readonly concurrency: number;
  /** Options of Node for the hub. */
  readonly nodeOptions: readonly string[];
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

const sampleMs = 1_000;
const megabyte = 1_048_576;

/** Asks the hub (a), all requests different and nothing shared, and samples its resident memory. @returns what was seen. */
export async function runMemory({ minutes, concurrency, nodeOptions, signal, say }: MemoryOptions): Promise<string> {
  const market = await openMarket({ cores: undefined, nodeOptions, signal });
  try {
    const target = targets.find(({ name, sharing }) => name === "hub" && sharing === "off");
    const workload = workloads.find(({ name }) => name === "a");
    if (target === undefined || workload === undefined) throw new Error("The benchmark lacks the hub or (a).");
    const contender: Contender = { target, program: await market.start(target), answerBytes: new Map() };
    const question = { workload, mode: "different" } as const;
    const requestAt = createRequests(market)(contender, question);
    const fault = await checkAnswer(market, { contender, question, requestAt });
    if (fault !== undefined) throw new Error(`The hub's answer is wrong: ${fault}`);
    const seconds = minutes * 60;
    const samples: { readonly second: number; readonly megabytes: number }[] = [];
    const watch = (async (): Promise<void> => {
      for (let second = 1; second < seconds && !signal.aborted; second += 1) {
        await sleep(sampleMs);
        samples.push({ second, megabytes: readUsage(contender.program.pid).residentBytes / megabyte });
        if (second % 60 === 0) say(`${second / 60} min: ${samples.at(-1)?.megabytes.toFixed(0)} MB`);
      }
    })();
    const slice = await measureSlice(market, { contender, question, requestAt }, { seconds, concurrency, signal });
    await watch;
    return describe(samples, { minutes, requests: slice.requestsPerSecond * seconds });
  } finally {
    await market.close();
  }
}

interface Sample {
  readonly second: number;
  readonly megabytes: number;
}

/** The first half fills caches and lets the heap find its size; what grows after that would go on growing. */
function describe(samples: readonly Sample[], { minutes, requests }: { minutes: number; requests: number }): string {
  const later = samples.slice(Math.floor(samples.length / 2));
  const slope = slopeOf(
    later.map(({ second }) => second / 60),
    later.map(({ megabytes }) => megabytes),
  );
  const most = Math.max(...samples.map(({ megabytes }) => megabytes));
  return [
    `${new Date().toISOString().slice(0, 10)}, Node ${process.version}: ${minutes} min of (a), all requests different, ${requests.toFixed(0)} requests`,
    `resident at the end ${samples.at(-1)?.megabytes.toFixed(0) ?? "?"} MB (the hub and its planners), at most ${most.toFixed(0)} MB; under 300 MB: ${most < 300 ? "yes" : "no"}`,
    `slope of the second half ${slope.toFixed(2)} MB a minute`,
  ].join("\n");
}
