import { type FSWatcher, watch } from "node:fs";
import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Log } from "./core/ports.ts";

/** What to watch. */
export interface WatchOptions {
  /** Each is watched in the folder that holds it, since editors and deployments put another file in its place. */
  readonly files: readonly string[];
  /** Watched with the folders in it. */
  readonly folder: string | undefined;
  /** How long after the first sign of a change `onChange` is called, in milliseconds: a change is seldom one write. */
  readonly delayMs: number;
  /** How often `onChange` is called without a sign, in milliseconds, for file systems that give none; 0 never does. */
  readonly pollMs: number;
  /** Its result is waited for, so that calls don't pile up. */
  readonly onChange: () => Promise<unknown>;
  readonly log: Log;
}

/** Folders that are watched at most; beyond them changes are found by looking from time to time. */
const foldersMax = 256;

/** Watches files, whatever way they are replaced: written, renamed over, or by a link that leads elsewhere. Signs only: it reads no file. */
export function watchFiles(options: WatchOptions): { close(): void } {
  let watchers: FSWatcher[] = [];
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function note(): void {
    // Not put off by further signs, so that a file which is written all the time is looked at nevertheless.
    timer ??= isClosed ? undefined : setTimeout(() => void look(), options.delayMs).unref();
  }

  async function look(): Promise<void> {
    timer = undefined;
    // What was replaced is another folder now, which must be watched before it is read.
    await open();
    await options.onChange();
  }

  async function open(): Promise<void> {
    const places = await listPlaces(options);
    for (const watcher of watchers) watcher.close();
    watchers = isClosed ? [] : places.slice(0, foldersMax).flatMap((place) => openWatcher(place, options.log, note));
  }

  const poll = options.pollMs === 0 ? undefined : setInterval(note, options.pollMs).unref();
  // What changed before the watchers were open is found by the first look.
  note();
  return {
    close(): void {
      isClosed = true;
      clearInterval(poll);
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** A folder, and which of its names matter; undefined stands for all. */
interface Place {
  readonly folder: string;
  readonly names: ReadonlySet<string> | undefined;
}

async function listPlaces({ files, folder }: WatchOptions): Promise<readonly Place[]> {
  const places: Place[] = (await Promise.all(files.map(placesOf))).flat();
  if (folder === undefined) return places;
  places.push(...(await placesOf(folder)), { folder, names: undefined });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (places.length > foldersMax) break;
    if (entry.isDirectory()) places.push({ folder: join(entry.parentPath, entry.name), names: undefined });
  }
  return places;
}

/** The folder in which a path stands and the one in which it really is: a link on the way may be changed in either. */
async function placesOf(path: string): Promise<readonly Place[]> {
  const real = await realpath(path).catch(() => path);
  const places = [path, real].map((each) => ({ folder: dirname(each), names: new Set([basename(each)]) }));
  return real === path ? places.slice(0, 1) : places;
}

function openWatcher({ folder, names }: Place, log: Log, note: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
      // Kubernetes swaps `..data`, through which the names that are watched lead.
      if (names === undefined || name === null || names.has(name) || name.startsWith("..")) note();
    });
    watcher.on("error", () => watcher.close());
    return [watcher];
  } catch (error) {
    log.warn({ code: error instanceof Error && "code" in error ? error.code : undefined }, "reload.watch-failed");
    return [];
  }
}
