import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle, type Metafile } from "esbuild";
import { buildFile, readBuild } from "./assets.ts";
import type { ExplorerBuild } from "./pages.ts";

const consoleDirectory = fileURLToPath(new URL(".", import.meta.url));
const rootDirectory = fileURLToPath(new URL("..", import.meta.url));

/** Where the built explorer lies. Git ignores it. */
export const explorerDirectory: string = join(consoleDirectory, "dist");

const entries = {
  explorer: join(consoleDirectory, "explorer/main.tsx"),
  editorWorker: "monaco-editor/esm/vs/editor/editor.worker.js",
  jsonWorker: "monaco-editor/esm/vs/language/json/json.worker.js",
  graphqlWorker: "monaco-graphql/esm/graphql.worker.js",
} as const;

/**
 * Bundles the explorer into `directory`, unless what lies there was made from the same sources and packages.
 * Takes about 4 s on two cores.
 *
 * @returns Whether anything had to be built.
 * @throws {Error} esbuild's, with file and line, when a source doesn't compile.
 */
export async function buildExplorer(directory: string = explorerDirectory): Promise<boolean> {
  const inputHash = await hashInputs();
  if ((await readBuild(directory))?.inputHash === inputHash) {
    return false;
  }
  const half = `${directory}.${process.pid}.tmp`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { recursive: true });
  try {
    const { metafile } = await bundle({
      absWorkingDir: rootDirectory,
      entryPoints: { ...entries },
      outdir: half,
      entryNames: "[name]-[hash]",
      chunkNames: "chunk-[hash]",
      assetNames: "[name]-[hash]",
      bundle: true,
      splitting: true,
      format: "esm",
      target: "es2022",
      minify: true,
      metafile: true,
      legalComments: "eof",
      logLevel: "silent",
      loader: { ".ttf": "file" },
      define: { "process.env.NODE_ENV": '"production"' },
    });
    await writeFile(join(half, buildFile), JSON.stringify(describe(metafile, inputHash), undefined, 2));
    await replaceDirectory(half, directory, inputHash);
  } finally {
    await rm(half, { recursive: true, force: true });
  }
  return true;
}

/** Puts a new build in the old one's place. Another process that built the same at the same time may have been quicker. */
async function replaceDirectory(half: string, directory: string, inputHash: string): Promise<void> {
  const old = `${half}.old`;
  await rename(directory, old).catch(() => undefined);
  try {
    await rename(half, directory);
  } catch (error) {
    if ((await readBuild(directory))?.inputHash !== inputHash) {
      throw error;
    }
  } finally {
    await rm(old, { recursive: true, force: true });
  }
}

function describe(metafile: Metafile, inputHash: string): ExplorerBuild {
  const outputs = Object.entries(metafile.outputs);
  const fileOf = (entry: string): string => {
    const [file] = outputs.find(([, output]) => output.entryPoint?.endsWith(entry)) ?? [];
    if (file === undefined) {
      throw new Error(`The build has no file for ${entry}`);
    }
    return basename(file);
  };
  const script = fileOf("explorer/main.tsx");
  const [, scriptOutput] = outputs.find(([file]) => basename(file) === script) ?? [];
  return {
    inputHash,
    script,
    style: basename(scriptOutput?.cssBundle ?? ""),
    editorWorker: fileOf(entries.editorWorker),
    jsonWorker: fileOf(entries.jsonWorker),
    graphqlWorker: fileOf(entries.graphqlWorker),
  };
}

/** Sources by content, packages by the lock file. */
async function hashInputs(): Promise<string> {
  const sources = (await readdir(join(consoleDirectory, "explorer"))).sort().map((name) => join("console/explorer", name));
  const names = ["package-lock.json", "console/build.ts", "console/pages.ts", "console/csv.ts", ...sources];
  const texts = await Promise.all(names.map(async (name) => await readFile(join(rootDirectory, name), "utf8")));
  return createHash("sha256")
    .update(JSON.stringify([names, texts]))
    .digest("hex");
}

if (import.meta.main) {
  const hasBuilt = await buildExplorer();
  process.stdout.write(hasBuilt ? "The explorer was built.\n" : "The explorer is up to date.\n");
}
