import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Edit, Leak } from "./seedsin.ts";

/** What trying a copy of the sources came to. */
export interface Trial {
  /** 0 when nothing was found, 1 when a leak was. */
  readonly status: number | null;
  readonly output: string;
}

const root = join(import.meta.dirname, "../..");

/** How the property is run. */
export interface TrialOptions {
  readonly federations: number;
  readonly casesEach: number;
  readonly timeoutMs: number;
}

/**
 * Runs the property, in a process of its own, on the sources with a leak in them.
 *
 * @throws {Error} for a change whose text isn't in its file exactly once.
 */
export async function tryLeak({ edits, seed }: Pick<Leak, "edits" | "seed">, options: TrialOptions): Promise<Trial> {
  await Promise.all(edits.map(check));
  const { federations, casesEach, timeoutMs } = options;
  const program = join(import.meta.dirname, "programs/try.ts");
  const child = spawn(process.execPath, [program, ...[seed, federations, casesEach].map(String), JSON.stringify(edits)], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
  });
  let output = "";
  const listen = (chunk: Buffer): void => {
    output += chunk.toString("utf8");
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, output }));
  });
}

/** An edit that finds nothing would seed nothing, and the trial would tell of a property that is blind. */
async function check({ file, from }: Edit): Promise<void> {
  const times = (await readFile(join(root, file), "utf8")).split(from).length - 1;
  if (times !== 1) throw new Error(`${file} holds this ${times} times, not once; bring the leak up to date:\n${from}`);
}

/** Does things two at a time, in order. */
export async function inPairs<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  let next = 0;
  const walk = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      // Each of the two does one after the other.
      if (item !== undefined) results[index] = await work(item, index);
    }
  };
  await Promise.all([walk(), walk()]);
  return results;
}
