import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ComposeInput } from "./compose.ts";

/** Where the departments are served on one machine, as the demonstration does. */
export const LOCAL_ADDRESSES: ReadonlyMap<string, string> = new Map(
  [
    "census",
    "immigration",
    "transport",
    "lands",
    "housing",
    "revenue",
    "observatory",
    "welfare",
    "companies",
    "education",
    "consent",
    "health",
    "environment",
  ].map((name, index) => [name, `http://127.0.0.1:${4101 + index}/graphql`]),
);

/**
 * Reads the schemas that departments publish: `departments/<name>.graphql` and `hub.graphql` of a folder.
 *
 * @param folder The schema folder. Problems name files by their path under it, with the folder as it is given here.
 * @param addresses Where each department is served.
 * @throws {Error} When the folder can't be read, holds no department, or a department has no address.
 */
export async function readDepartments(folder: string, addresses: ReadonlyMap<string, string>): Promise<ComposeInput> {
  const files = (await readdir(join(folder, "departments"))).filter((file) => file.endsWith(".graphql")).sort();
  if (files.length === 0) throw new Error(`${join(folder, "departments")} holds no .graphql file.`);
  const departments = await Promise.all(
    files.map(async (file) => {
      const name = file.slice(0, -".graphql".length);
      const url = addresses.get(name);
      if (url === undefined) throw new Error(`Department ${name} has no address; give one.`);
      const path = join(folder, "departments", file);
      return { name, file: path, sdl: await readFile(path, "utf8"), url };
    }),
  );
  return { departments, hubSdl: await readFile(join(folder, "hub.graphql"), "utf8") };
}
