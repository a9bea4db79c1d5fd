import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Problem } from "../policies/engine/bundle.ts";
import { parseInstant } from "../policies/engine/dates.ts";
import { loadPolicies } from "../policies/engine/load.ts";
import { parseBundle } from "../policies/engine/parse.ts";
import type { Policy } from "../policies/engine/policy.ts";
import { compileBundle } from "../policies/engine/policy.ts";
import type { Supergraph } from "../schema/supergraph.ts";
import { readSupergraph } from "../schema/supergraph.ts";
import { UsageError } from "./command.ts";

/** Options of every command that reads the house's schemas and policies. */
export const folderOptions = { schema: { type: "string" }, policies: { type: "string" } } as const;

/** How `folderOptions` are described. */
export const FOLDER_USAGE = `  --schema DIR    Folder of departments/, hub.graphql and supergraph.graphql (default: the project's own).
  --policies DIR  Folder of agreements/, cases/, purposes.yaml and applications.yaml (default: the project's own).
`;

/** Where a command reads. */
export interface Folders {
  readonly schema: string;
  readonly policies: string;
}

/** The folders that the options name, or the project's own ones, seen from where the command runs. */
export function readFolders(values: { readonly schema?: string | undefined; readonly policies?: string | undefined }): Folders {
  const own = (name: string): string => relative(process.cwd(), fileURLToPath(new URL(`../${name}`, import.meta.url))) || ".";
  return { schema: values.schema ?? own("schema"), policies: values.policies ?? own("policies") };
}

/** Policies that fit a graph, or what is wrong with them; problems name files as seen from where the command runs. */
export type LoadedPolicy = { readonly ok: true; readonly policy: Policy } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads the policies of a folder and holds them against a supergraph. */
export async function loadPolicy(folder: string, supergraph: Supergraph): Promise<LoadedPolicy> {
  const parsed = parseBundle(await loadPolicies(folder));
  const result = parsed.ok ? compileBundle(parsed.bundle, supergraph) : parsed;
  return result.ok ? result : { ok: false, problems: result.problems.map((problem) => placeIn(folder, problem)) };
}

/**
 * Reads the committed supergraph of a schema folder with the policies.
 *
 * @throws {Error} With the problems in words when the policies can't be used.
 */
export async function loadCommitted(folders: Folders): Promise<Policy> {
  const supergraph = readSupergraph(await readFile(join(folders.schema, "supergraph.graphql"), "utf8"));
  const loaded = await loadPolicy(folders.policies, supergraph);
  if (loaded.ok) return loaded.policy;
  throw new Error(`the policies can't be used:\n${loaded.problems.map((problem) => printPlaced(problem)).join("\n")}`);
}

/** A problem with its file as seen from where the command runs. */
export function placeIn(folder: string, problem: Problem): Problem {
  return { ...problem, file: join(folder, problem.file) };
}

/** A problem as one line. */
export function printPlaced({ file, line, column, message }: Problem): string {
  return `${file}:${line}:${column}: ${message}`;
}

/**
 * Reads `--at`.
 *
 * @returns Epoch milliseconds; now when the option isn't given.
 * @throws {UsageError} When the text is no day and no time.
 */
export function readInstant(text: string | undefined, clock: () => number, usage: string): number {
  if (text === undefined) return clock();
  const ms = parseInstant(text);
  if (ms === undefined)
    throw new UsageError(`--at takes a day (2026-11-24) or a time with its offset (2026-11-24T12:00:00+08:00), not "${text}"`, usage);
  return ms;
}
