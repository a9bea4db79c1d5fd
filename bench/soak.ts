import { parseArgs } from "node:util";
import { soakFederation } from "./federation.ts";
import { soakLeaks } from "./leaks.ts";
import { soakReload } from "./reload.ts";
import { soakCache } from "./warm.ts";

/*
 * `npm run soak -- <subject> [options]`: runs something long enough to show what it leaves behind. Progress goes to stderr, the figures to
 * stdout; the exit status is 1 when they are bad.
 */

/** What a subject gets. */
export interface SoakOptions {
  /** Whole numbers by option. */
  readonly numbers: ReadonlyMap<string, number>;
  readonly say: (text: string) => void;
}

interface Subject {
  readonly about: string;
  /** Options with their defaults. */
  readonly options: Readonly<Record<string, number>>;
  /** @returns Whether all is good. */
  readonly run: (options: SoakOptions) => Promise<boolean>;
}

const subjects: ReadonlyMap<string, Subject> = new Map([
  [
    "reload",
    {
      about: "supergraph and agreements are replaced again and again under load: memory stays flat, and no answer is wrong",
      options: { reloads: 1_000, concurrency: 4 },
      run: soakReload,
    },
  ],
  [
    "cache",
    {
      about: "random operations on random federations are answered from a cache that keeps everything as one server answers them",
      options: { minutes: 5, seed: 1 },
      run: soakCache,
    },
  ],
  [
    "federation",
    {
      about: "random operations on random federations are answered as one server with the same data answers them",
      options: { cases: 20_000, seed: 1 },
      run: soakFederation,
    },
  ],
  [
    "leaks",
    {
      about: "two worlds that differ in what a caller may not see alone give that caller the same answers",
      options: { cases: 50_000, seed: 1 },
      run: soakLeaks,
    },
  ],
]);

const usageExit = 2;

async function main([name = "", ...args]: readonly string[]): Promise<number> {
  const subject = subjects.get(name);
  if (subject === undefined) {
    const rows = [...subjects].map(([known, { about, options }]) => `  ${known.padEnd(10)} ${about} (${describeOptions(options)})`);
    console.error([name === "" ? "Name a subject:" : `There is no subject \`${name}\`:`, ...rows].join("\n"));
    return usageExit;
  }
  const numbers = readNumbers(subject.options, args);
  if (numbers === undefined) {
    console.error(`The options of ${name} are whole numbers above 0: ${describeOptions(subject.options)}.`);
    return usageExit;
  }
  return (await subject.run({ numbers, say: (text) => console.error(`soak         ${text}`) })) ? 0 : 1;
}

function describeOptions(options: Readonly<Record<string, number>>): string {
  return Object.entries(options)
    .map(([option, fallback]) => `--${option} ${fallback}`)
    .join(" ");
}

function readNumbers(options: Readonly<Record<string, number>>, args: readonly string[]): ReadonlyMap<string, number> | undefined {
  const shape = Object.fromEntries(
    Object.entries(options).map(([name, fallback]) => [name, { type: "string", default: String(fallback) }] as const),
  );
  try {
    const { values } = parseArgs({ args: [...args], options: shape });
    const numbers = Object.entries(values).map(([name, text]) => [name, Number(text)] as const);
    return numbers.every(([, number]) => Number.isSafeInteger(number) && number > 0) ? new Map(numbers) : undefined;
  } catch {
    return undefined;
  }
}

process.exitCode = await main(process.argv.slice(2));
