import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PolicyFile } from "./bundle.ts";

/** Most files that a policies folder may hold: more is a mistake, and reading stops before it costs memory. */
const FILES_MAX = 2000;

/**
 * Reads every YAML file of a policies folder (its `engine/` apart, which is code), whether it belongs there or not: that is for
 * `parseBundle` to say. What begins with a dot, and what is in a folder that does, is no policy: editors keep locks and copies under such
 * names (`.#x.yaml` is a link that leads nowhere), and deployments the folders that their links lead to.
 *
 * @param folder Path of the folder.
 * @throws {Error} When the folder or a file can't be read, or there are too many files.
 */
export async function loadPolicies(folder: string): Promise<readonly PolicyFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory() && /\.ya?ml$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "/").length).replaceAll("\\", "/"))
    .filter((path) => !path.startsWith("engine/") && !path.split("/").some((name) => name.startsWith(".")))
    .sort();
  if (paths.length > FILES_MAX) throw new Error(`${folder} holds more than ${FILES_MAX} YAML files.`);
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(folder, path), "utf8") })));
}
