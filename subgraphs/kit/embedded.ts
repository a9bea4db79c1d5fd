import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
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
    await ensureCluster(directory, () => copyTemplate(options));
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

async function copyTemplate({ directory, templateDirectory }: EmbeddedOptions): Promise<void> {
  await mkdir(templateDirectory, { recursive: true, mode: 0o700 });
  const unlock = await lockFile(join(templateDirectory, "lock"), TEMPLATE_WAIT_MS);
  try {
    await ensureCluster(templateDirectory, async () => {
      const pglite = await openCluster(templateDirectory, {});
      await pglite.close();
    });
    await cp(clusterOf(templateDirectory), clusterOf(directory), { recursive: true });
  } finally {
    await unlock();
  }
}

/** The mark holds the version that made the cluster, for people; a template of another version is made anew. */
async function ensureCluster(directory: string, make: () => Promise<void>): Promise<void> {
  const mark = join(directory, "whole");
  if ((await readFile(mark, "utf8").catch(() => undefined)) === embeddedVersion()) return;
  await rm(mark, { force: true });
  await rm(clusterOf(directory), { recursive: true, force: true });
  await make();
  await writeFile(mark, embeddedVersion(), { mode: 0o600 });
}
