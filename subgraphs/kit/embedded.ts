import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { PGlite } from "@electric-sql/pglite";
import { z } from "zod";
import { lockFile } from "./lock.ts";

/** Makes a value of a type's text, by the type's number. */
export type TypeParsers = Readonly<Record<number, (text: string) => unknown>>;

/** Options of {@link openEmbedded}. */
export interface EmbeddedOptions {
  /** Folder of the database. */
  readonly directory: string;
  /** Folder of an empty cluster that new databases are copied from: making a cluster takes seconds, copying one much less. */
  readonly templateDirectory: string;
  readonly parsers: TypeParsers;
}

/** An embedded PostgreSQL that is up. */
export interface Embedded {
  readonly pglite: PGlite;
  readonly close: () => Promise<void>;
}

/** Opens an embedded database; see {@link openEmbedded}. */
export type OpenEmbedded = (options: EmbeddedOptions) => Promise<Embedded>;

const TEMPLATE_WAIT_MS = 300_000;

/**
 * Opens an embedded PostgreSQL (PGlite).
 *
 * In its folder lie the database cluster, a lock file, and a mark that the cluster is whole: a cluster whose making was cut off has no mark
 * and is made anew, while one that was cut off later recovers from its write-ahead log as PostgreSQL does.
 *
 * @throws {Error} That says what to do, when another process has the folder or the cluster can't be opened.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { directory, parsers } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const unlock = await lockFile(join(directory, "lock"));
  try {
    if ((await readMark(directory)) === undefined) await makeCluster(directory, () => copyTemplate(options));
    const pglite = await openCluster(directory, parsers);
    return {
      pglite,
      close: async () => {
        await pglite.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/**
 * Makes an opener that opens each folder's database once, for departments that share a process: every database of its own costs a second of
 * processor time and some 150 MB. It is closed when the last department has given it back.
 */
export function createSharedOpener(): OpenEmbedded {
  const opened = new Map<string, { readonly whole: Promise<Embedded>; users: number }>();
  return async (options) => {
    const { directory } = options;
    const shared = opened.get(directory) ?? { whole: openEmbedded(options), users: 0 };
    opened.set(directory, shared);
    shared.users += 1;
    // One that can't be opened is tried again by who asks next.
    shared.whole.catch(() => opened.delete(directory));
    const { pglite, close } = await shared.whole;
    return {
      pglite,
      close: async () => {
        shared.users -= 1;
        if (shared.users > 0) return;
        opened.delete(directory);
        await close();
      },
    };
  };
}

async function copyTemplate({ directory, templateDirectory }: EmbeddedOptions): Promise<void> {
  await mkdir(templateDirectory, { recursive: true, mode: 0o700 });
  const unlock = await lockFile(join(templateDirectory, "lock"), TEMPLATE_WAIT_MS);
  try {
    const version = await readVersion();
    if ((await readMark(templateDirectory)) !== version) {
      await makeCluster(templateDirectory, async () => {
        const pglite = await openCluster(templateDirectory, {});
        await pglite.close();
      });
    }
    await cp(clusterOf(templateDirectory), clusterOf(directory), { recursive: true });
  } finally {
    await unlock();
  }
}

async function makeCluster(directory: string, make: () => Promise<void>): Promise<void> {
  await rm(markOf(directory), { force: true });
  await rm(clusterOf(directory), { recursive: true, force: true });
  await make();
  await writeFile(markOf(directory), await readVersion(), { mode: 0o600 });
}

async function openCluster(directory: string, parsers: TypeParsers): Promise<PGlite> {
  // By default V8 soon compiles most of PGlite's 9 MB a second time, optimised. Waiting until a function is really hot halves the
  // processor time and the memory of a start.
  setFlagsFromString("--wasm-tiering-budget=1000000000");
  try {
    return await PGlite.create({ dataDir: clusterOf(directory), parsers });
  } catch (cause) {
    throw new Error(`The embedded database in ${directory} can't be opened. Remove the folder to have it made anew.`, { cause });
  }
}

/** The mark holds the version that made the cluster: a template of another version is made anew, a database never is. */
async function readMark(directory: string): Promise<string | undefined> {
  return await readFile(markOf(directory), "utf8").catch(() => undefined);
}

async function readVersion(): Promise<string> {
  const file = new URL("../package.json", import.meta.resolve("@electric-sql/pglite"));
  return z.object({ version: z.string() }).parse(JSON.parse(await readFile(file, "utf8"))).version;
}

function clusterOf(directory: string): string {
  return join(directory, "cluster");
}

function markOf(directory: string): string {
  return join(directory, "whole");
}
