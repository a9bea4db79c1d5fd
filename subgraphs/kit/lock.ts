import { link, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { pid } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 200;

/**
 * Takes a lock file, so that one process at a time uses the folder it lies in. A lock whose owner is gone is taken over.
 *
 * The file names its owner by process number and, where the system tells it, the process's time of start: numbers are given again, in a
 * container even the same ones after every start.
 *
 * @param waitMs How long to wait for the owner, in milliseconds; not at all when not given.
 * @returns A function that gives the lock back.
 * @throws {Error} That names the owner and the folder.
 */
export async function lockFile(path: string, waitMs = 0): Promise<() => Promise<void>> {
  const draft = `${path}.${pid}`;
  await writeFile(draft, `${pid} ${(await startOf(pid)) ?? ""}`, { mode: 0o600 });
  try {
    for (let left = waitMs; ; left -= POLL_MS) {
      // oxlint-disable-next-line no-await-in-loop
      const owner = await take(path, draft);
      if (owner === undefined) return () => rm(path, { force: true });
      if (left <= 0) throw new Error(`Process ${owner} uses ${dirname(path)}. End it, or choose another folder with DATA_DIR.`);
      // oxlint-disable-next-line no-await-in-loop
      await sleep(POLL_MS);
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * A link appears with its content at once, so nobody reads half a lock.
 *
 * @returns The process that has the lock, or undefined when it is ours now.
 */
async function take(path: string, draft: string): Promise<string | undefined> {
  if (await tryLink(draft, path)) return undefined;
  const owner = await readFile(path, "utf8").catch(() => "");
  if (await isHeld(owner)) return owner.split(" ")[0];
  await rm(path, { force: true });
  return (await tryLink(draft, path)) ? undefined : "another";
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

async function isHeld(owner: string): Promise<boolean> {
  const [number, start] = owner.split(" ");
  const ownerPid = Number(number);
  if (!Number.isInteger(ownerPid) || ownerPid <= 0 || !isRunning(ownerPid)) return false;
  const now = await startOf(ownerPid);
  return now === undefined || start === "" || now === start;
}

function isRunning(ownerPid: number): boolean {
  try {
    process.kill(ownerPid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** Ticks since the system's start at which the process started: field 22 of proc_pid_stat(5). Undefined on systems without /proc. */
async function startOf(processPid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${processPid}/stat`, "utf8").catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
