import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { Command, Shell } from "../../cli/command.ts";

/** Root of the project. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** How a command ended, and what it wrote. */
export interface Ran {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs a command in this process at noon on 24 November 2026. */
export async function runCommand(run: Command["run"], ...args: readonly string[]): Promise<Ran> {
  const written = { output: "", errors: "" };
  const shell: Shell = {
    output: (text) => {
      written.output += text;
    },
    errors: (text) => {
      written.errors += text;
    },
    clock: () => Date.parse("2026-11-24T12:00:00+08:00"),
    environment: {},
  };
  return { status: await run(args, shell), ...written };
}

/** A copy of the project's schemas and policies that a test may spoil. It goes when the test ends. */
export interface Copy {
  readonly folder: string;
  /** `--schema` and `--policies` for the copy. */
  readonly options: readonly string[];
  /** Changes a file of the copy; the text to replace must be there. */
  change(path: string, from: string, to: string): Promise<void>;
}

export async function copyHouse(): Promise<Copy> {
  const folder = await mkdtemp(join(tmpdir(), "house-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await Promise.all(["schema", "policies"].map((name) => cp(join(root, name), join(folder, name), { recursive: true })));
  return {
    folder,
    options: ["--schema", join(folder, "schema"), "--policies", join(folder, "policies")],
    async change(path, from, to) {
      const text = await readFile(join(folder, path), "utf8");
      if (!text.includes(from)) throw new Error(`${path} doesn't hold "${from}".`);
      await writeFile(join(folder, path), text.replace(from, to));
    },
  };
}

/** The line, from 1, on which a text stands in a file. */
export async function lineOf(file: string, text: string): Promise<number> {
  const lines = (await readFile(file, "utf8")).split("\n");
  const index = lines.findIndex((line) => line.includes(text));
  if (index === -1) throw new Error(`${file} doesn't hold "${text}".`);
  return index + 1;
}
