import { spawn } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Edit, Leak } from "./seedsin.ts";

/** What trying a copy of the sources came to. */
export interface Trial {
  /** 0 when nothing was found, 1 when a leak was. */
  readonly status: number | null;
  readonly output: string;
}

/** Folders that the property runs on. */
const copied = ["gateway", "policies/engine", "schema", "test/federation", "test/interference"] as const;

const root = join(import.meta.dirname, "../..");

/** Where copies are made: git passes it over, and packages are found from it. */
const parentFolder = join(root, ".data", "seeded");

/** How the property is run on a copy. */
export interface TrialOptions {
  /** Names the copy's folder. */
  readonly id: string;
  readonly federations: number;
  readonly casesEach: number;
  readonly timeoutMs: number;
}

/**
 * Runs the property, in a process of its own, on a copy of the sources with a leak in it.
 *
 * @throws {Error} for a change whose text isn't in its file exactly once.
 */
export async function tryLeak(leak: Pick<Leak, "edits" | "seed">, options: TrialOptions): Promise<Trial> {
  const folder = join(parentFolder, `${process.pid}-${options.id}`);
  await mkdir(folder, { recursive: true });
  try {
    await Promise.all(copied.map((part) => cp(join(root, part), join(folder, part), { recursive: true })));
    // Edits of one file follow each other.
    for (const edit of leak.edits) await apply(folder, edit);
    return await runProperty(folder, leak.seed, options);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function apply(folder: string, { file, from, to }: Edit): Promise<void> {
  const path = join(folder, file);
  const text = await readFile(path, "utf8");
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`${file} holds this ${parts.length - 1} times, not once; bring the leak up to date:\n${from}`);
  await writeFile(path, parts.join(to));
}

function runProperty(folder: string, seed: number, { federations, casesEach, timeoutMs }: TrialOptions): Promise<Trial> {
  const program = join(folder, "test/interference/programs/try.ts");
  const child = spawn(process.execPath, [program, String(seed), String(federations), String(casesEach)], {
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
