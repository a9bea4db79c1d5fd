import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { renderEditorSchemas } from "../policies/engine/editor.ts";
import type { Shell } from "./command.ts";
import { readOptions } from "./command.ts";
import { readFolders } from "./folders.ts";

const USAGE = `Usage: hub editor [--write] [--policies DIR]

Compares the JSON Schemas by which editors know the keys of policy files with what the hub reads. Exits with 1 when they differ.
  --write         Write them into the folder schema/ of the policies instead.
  --policies DIR  Folder of agreements/, cases/, purposes.yaml and applications.yaml (default: the project's own).
`;

/** `hub editor`: writes or compares the schemas for editors. */
export async function runEditor(args: readonly string[], shell: Shell): Promise<number> {
  const values = readOptions(args, { policies: { type: "string" }, write: { type: "boolean" } }, USAGE);
  if (values.help === true) {
    shell.output(USAGE);
    return 0;
  }
  const folder = join(readFolders(values).policies, "schema");
  const schemas = renderEditorSchemas();
  if (values.write === true) {
    await mkdir(folder, { recursive: true });
    await Promise.all(schemas.map(({ name, text }) => writeFile(join(folder, name), text)));
    shell.output(schemas.map(({ name }) => `${join(folder, name)} written.\n`).join(""));
    return 0;
  }
  const found = await Promise.all(schemas.map(({ name }) => readFile(join(folder, name), "utf8").catch(() => undefined)));
  const stale = schemas.filter(({ text }, index) => found[index] !== text);
  for (const { name } of stale) shell.output(`${join(folder, name)} is out of date: run hub editor --write.\n`);
  if (stale.length === 0) shell.output("The schemas for editors are up to date.\n");
  return stale.length === 0 ? 0 : 1;
}
