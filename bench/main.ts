import { parseArgs } from "node:util";
import type { BenchOptions } from "./options.ts";
import { runSmoke } from "./smoke.ts";

/*
 * `npm run bench -- <name>`: measures the hub on this machine. Progress goes to stderr, the figures to stdout.
 */

interface Bench {
  readonly about: string;
  /** @returns The text to print. */
  readonly run: (options: BenchOptions) => Promise<string>;
}

const benches: ReadonlyMap<string, Bench> = new Map([
  ["smoke", { about: "case 1 and case 7 on the running demonstration: requests/s, CPU of a request, share of each step", run: runSmoke }],
]);

const usageExit = 2;
const interruptedExit = 130;
const secondsMax = 600;
const concurrencyMax = 256;

class UsageError extends Error {}

async function main(args: readonly string[]): Promise<number> {
  const control = new AbortController();
  try {
    const { bench, seconds, concurrency } = readArguments(args);
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(name, () => {
        say("stops");
        control.abort();
      });
    }
    console.log(await bench.run({ seconds, concurrency, signal: control.signal, say }));
    return 0;
  } catch (error) {
    if (control.signal.aborted) return interruptedExit;
    console.error(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? usageExit : 1;
  }
}

function readArguments(args: readonly string[]): { readonly bench: Bench; readonly seconds: number; readonly concurrency: number } {
  const { values, positionals } = parse(args);
  const [name = "", ...others] = positionals;
  const bench = benches.get(name);
  if (bench === undefined || others.length > 0) {
    const asked = positionals.length === 0 ? "Name a benchmark." : `There is no benchmark \`${positionals.join(" ")}\`.`;
    const names = [...benches].map(([known, { about }]) => `  ${known.padEnd(8)} ${about}`);
    throw new UsageError([asked, "", ...names, "", "Options: --seconds N (default 10), --concurrency N (default 8)"].join("\n"));
  }
  return {
    bench,
    seconds: readWhole("--seconds", values.seconds, secondsMax),
    concurrency: readWhole("--concurrency", values.concurrency, concurrencyMax),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { seconds: { type: "string", default: "10" }, concurrency: { type: "string", default: "8" } },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readWhole(option: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > max) {
    throw new UsageError(`${option} takes a whole number from 1 to ${max}, not \`${text}\`.`);
  }
  return value;
}

function say(text: string): void {
  console.error(`bench        ${text}`);
}

process.exitCode = await main(process.argv.slice(2));
