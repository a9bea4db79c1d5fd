import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ComposeResult } from "../schema/compose.ts";
import { composeSupergraph } from "../schema/compose.ts";
import { LOCAL_ADDRESSES, readDepartments } from "../schema/departments.ts";
import { printProblem, SUPERGRAPH_HEADER } from "../schema/problems.ts";
import type { Streams } from "./command.ts";
import { readOptions } from "./command.ts";
import { readFolders } from "./folders.ts";

const USAGE = `Usage: hub compose [--write] [--schema DIR]

Composes the departments' schemas. Exits with 1 when they don't make one graph.
  --write       Write DIR/supergraph.graphql. Without it, the outcome is only compared with the file.
  --schema DIR  Folder of departments/ and hub.graphql (default: the project's own).
`;

/** `hub compose`: composes, and writes or compares the supergraph. */
export async function runCompose(args: readonly string[], streams: Streams): Promise<number> {
  const values = readOptions(args, { write: { type: "boolean" }, schema: { type: "string" } }, USAGE);
  if (values.help === true) {
    streams.output(USAGE);
    return 0;
  }
  const { schema } = readFolders(values);
  const result = await composeFolder(schema);
  for (const problem of result.ok ? result.warnings : result.problems) streams.errors(`${printProblem(problem)}\n`);
  if (!result.ok) {
    streams.errors(`The departments don't make one graph: ${result.problems.length} problem(s).\n`);
    return 1;
  }
  const file = join(schema, "supergraph.graphql");
  if (values.write === true) {
    await writeFile(file, SUPERGRAPH_HEADER + result.sdl);
    streams.output(`${file} written.\n`);
    return 0;
  }
  const isCurrent = await isSupergraphCurrent(file, result.sdl);
  streams.output(
    isCurrent
      ? `The departments compose, and ${file} is up to date.\n`
      : `The departments compose; ${file} is out of date: run hub compose --write.\n`,
  );
  return isCurrent ? 0 : 1;
}

/** Composes the departments of a schema folder. */
export async function composeFolder(folder: string): Promise<ComposeResult> {
  return composeSupergraph(await readDepartments(folder, LOCAL_ADDRESSES));
}

/** Whether a committed supergraph is what composition gives now. A file that isn't there is out of date. */
export async function isSupergraphCurrent(file: string, sdl: string): Promise<boolean> {
  return (await readFile(file, "utf8").catch(() => "")) === SUPERGRAPH_HEADER + sdl;
}
