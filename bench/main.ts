import { parseArgs } from "node:util";
import { runAccess } from "./access.ts";
import { runCache } from "./cache.ts";
import { runClearing } from "./clearing.ts";
import { runFence } from "./fence.ts";
import { runMemory } from "./memory.ts";
import { runPeers } from "./peers.ts";
import { runSmoke } from "./smoke.ts";

/*
 * `npm run bench -- <name>`: measures the hub on this machine. Progress goes to stderr, the figures to stdout.
 */

interface Bench {
  readonly about: string;
  /** Names of options and their defaults; a boolean is a switch. */
  readonly options: Readonly<Record<string, string | boolean>>;
  /** @returns The text to print. */
  readonly run: (given: Given, signal: AbortSignal) => Promise<string>;
}

/** Options as they were given, by name. */
interface Given {
  readonly text: (name: string) => string;
  readonly whole: (name: string, max: number, min?: number) => number;
  readonly list: (name: string) => readonly string[];
  readonly among: <Word extends string>(name: string, words: readonly Word[]) => readonly Word[];
  readonly isSet: (name: string) => boolean;
}

const benches: ReadonlyMap<string, Bench> = new Map<string, Bench>([
  [
    "smoke",
    {
      about: "case 1 and case 7 on the running demonstration: requests/s, CPU of a request, share of each step",
      options: { seconds: "10", concurrency: "8" },
      run: ({ whole }, signal) =>
        runSmoke({ seconds: whole("seconds", secondsMax), concurrency: whole("concurrency", concurrencyMax), signal, say }),
    },
  ],
  [
    "peers",
    {
      about: "the hub and other gateways in turn on the same departments: requests/s, CPU of a request, memory, calls",
      options: {
        workload: "a,b,c,d",
        peers: "",
        mode: "different,equal",
        sharing: "off,on",
        seconds: "5",
        rounds: "5",
        warm: "60",
        concurrency: "32",
        node: "",
        quick: false,
        write: false,
      },
      run: runPeersWith,
    },
  ],
  [
    "access",
    {
      about: "what agreements cost an operation, and what their reviewers wait for, with a large bundle",
      options: { agreements: "200", fields: "2000", rounds: "5" },
      run: async ({ whole }) => {
        const agreements = whole("agreements", 1_000);
        const fields = whole("fields", 10_000, 20);
        // First, so that its first run is one of a cold process.
        const clearing = await runClearing(Date.now());
        return `${clearing}\n\n${runAccess({ agreements, fields, rounds: whole("rounds", roundsMax), say })}`;
      },
    },
  ],
  [
    "cache",
    {
      about:
        "a governed hub with a cache in memory, in Redis, with a Redis that is down and without, and peers that keep whole answers; entries and invalidations",
      options: { seconds: "5", rounds: "3", warm: "10", concurrency: "32", entries: "100000", write: false },
      run: ({ whole, isSet }, signal) =>
        runCache({
          seconds: whole("seconds", secondsMax),
          rounds: whole("rounds", roundsMax),
          warmSeconds: whole("warm", secondsMax),
          concurrency: whole("concurrency", concurrencyMax),
          entries: whole("entries", entriesMax, 1_000),
          isWritten: isSet("write"),
          signal,
          say,
        }),
    },
  ],
  [
    "fence",
    {
      about: "a department behind the first fence and behind both in turn: requests for each second of its processor time",
      options: { rounds: "40", concurrency: "8" },
      run: ({ whole }, signal) =>
        runFence({ rounds: whole("rounds", roundsMax), concurrency: whole("concurrency", concurrencyMax), signal, say }),
    },
  ],
  [
    "memory",
    {
      about: "the hub's resident memory while it is asked different questions, with its slope",
      options: { minutes: "10", concurrency: "32", node: "" },
      run: ({ whole, list }, signal) =>
        runMemory({
          minutes: whole("minutes", minutesMax),
          concurrency: whole("concurrency", concurrencyMax),
          nodeOptions: list("node"),
          signal,
          say,
        }),
    },
  ],
]);

const usageExit = 2;
const interruptedExit = 130;
const secondsMax = 600;
const minutesMax = 720;
const roundsMax = 100;
const entriesMax = 1_000_000;
const concurrencyMax = 256;
const quickSeconds = 2;

class UsageError extends Error {}

function runPeersWith(given: Given, signal: AbortSignal): Promise<string> {
  const isQuick = given.isSet("quick");
  return runPeers({
    workloads: given.among("workload", ["a", "b", "c", "d"]),
    peers: given.list("peers"),
    modes: given.among("mode", ["different", "equal"]),
    sharing: given.among("sharing", ["off", "on"]),
    seconds: isQuick ? quickSeconds : given.whole("seconds", secondsMax),
    rounds: isQuick ? 1 : given.whole("rounds", roundsMax),
    warmSeconds: isQuick ? quickSeconds : given.whole("warm", secondsMax),
    concurrency: given.whole("concurrency", concurrencyMax),
    isWritten: given.isSet("write"),
    nodeOptions: given.list("node"),
    signal,
    say,
  });
}

async function main(args: readonly string[]): Promise<number> {
  const control = new AbortController();
  try {
    const { bench, given } = readArguments(args);
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(name, () => {
        say("stops");
        control.abort();
      });
    }
    console.log(await bench.run(given, control.signal));
    return 0;
  } catch (error) {
    if (control.signal.aborted) return interruptedExit;
    console.error(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? usageExit : 1;
  }
}

function readArguments([name = "", ...rest]: readonly string[]): { readonly bench: Bench; readonly given: Given } {
  const bench = benches.get(name);
  if (bench === undefined) {
    const asked = name === "" ? "Name a benchmark." : `There is no benchmark \`${name}\`.`;
    const lines = [...benches].flatMap(([known, { about, options }]) => [
      `  ${known.padEnd(8)} ${about}`,
      `           ${Object.entries(options).map(describeOption).join(" ")}`,
    ]);
    throw new UsageError([asked, "", ...lines].join("\n"));
  }
  return { bench, given: createGiven(parse(bench, rest)) };
}

function describeOption([name, fallback]: readonly [string, string | boolean]): string {
  return typeof fallback === "boolean" ? `[--${name}]` : `[--${name} ${fallback === "" ? "LIST" : fallback}]`;
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

function parse({ options }: Bench, args: readonly string[]): Values {
  const known = Object.entries(options).map(([name, fallback]) =>
    typeof fallback === "boolean" ? [name, { type: "boolean" as const }] : [name, { type: "string" as const, default: fallback }],
  );
  try {
    return parseArgs({ args: [...args], options: Object.fromEntries(known) }).values as Values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function createGiven(values: Values): Given {
  const text = (name: string): string => String(values[name] ?? "");
  const list = (name: string): readonly string[] =>
    text(name)
      .split(",")
      .filter((word) => word !== "");
  return {
    text,
    list,
    whole: (name, max, min = 1) => readWhole(`--${name}`, text(name), [min, max]),
    among<Word extends string>(name: string, words: readonly Word[]): readonly Word[] {
      const chosen = list(name).map((word) => words.find((known) => known === word));
      if (chosen.length === 0 || chosen.includes(undefined))
        throw new UsageError(`--${name} takes some of ${words.join(", ")}, not \`${text(name)}\`.`);
      return words.filter((word) => chosen.includes(word));
    },
    isSet: (name) => values[name] === true,
  };
}

function readWhole(option: string, text: string, [min, max]: readonly [number, number]): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new UsageError(`${option} takes a whole number from ${min} to ${max}, not \`${text}\`.`);
  }
  return value;
}

function say(text: string): void {
  console.error(`bench        ${text}`);
}

process.exitCode = await main(process.argv.slice(2));
