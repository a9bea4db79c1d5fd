import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { z } from "zod";
import type { ExplorerBuild } from "./pages.ts";

/** Name of the file that describes a build, in the build's folder. */
export const buildFile = "build.json";

const buildSchema = z.strictObject({
  inputHash: z.string(),
  script: z.string(),
  style: z.string(),
  editorWorker: z.string(),
  jsonWorker: z.string(),
  graphqlWorker: z.string(),
});

/** A file of the explorer, ready to be served. */
export interface ConsoleAsset {
  readonly contentType: string;
  readonly bytes: Uint8Array;
  /** A strong entity tag, quotes included. */
  readonly etag: string;
}

/** A built explorer, in memory. */
export interface ConsoleAssets {
  readonly build: ExplorerBuild;
  /** By file name, such as `explorer-ABCD1234.js`. Names hold a hash of the content, so a copy never gets old. */
  readonly files: ReadonlyMap<string, ConsoleAsset>;
}

const contentTypes: ReadonlyMap<string, string> = new Map([
  [".js", "text/javascript; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
  [".ttf", "font/ttf"],
]);

/**
 * Reads a built explorer from its folder.
 *
 * @returns undefined when it was never built.
 */
export async function loadConsoleAssets(directory: string): Promise<ConsoleAssets | undefined> {
  const build = await readBuild(directory);
  if (build === undefined) {
    return undefined;
  }
  const names = (await readdir(directory)).filter((name) => contentTypes.has(extname(name)));
  const entries = await Promise.all(
    names.map(async (name): Promise<[string, ConsoleAsset]> => {
      const bytes = await readFile(join(directory, name));
      const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
      return [name, { contentType: contentTypes.get(extname(name)) ?? "application/octet-stream", bytes, etag }];
    }),
  );
  return { build, files: new Map(entries) };
}

/** Reads what describes the build in a folder; undefined when there is none or it is of another version. */
export async function readBuild(directory: string): Promise<ExplorerBuild | undefined> {
  try {
    return buildSchema.parse(JSON.parse(await readFile(join(directory, buildFile), "utf8")));
  } catch {
    return undefined;
  }
}
