import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Name of the file that carries the lock. It stays, and stays empty. */
export const lockName = "lock";

const sqliteBusy = 5;

/** A folder that this process holds alone. */
export interface DirectoryLock {
  release(): void;
}

/**
 * Takes a folder for this process alone.
 *
 * Node has no call for file locks, but SQLite takes them: an exclusive transaction on an empty database holds the kernel's
 * lock on the file `lock` and writes nothing. The kernel drops it when the process dies, in whatever way, and it also holds
 * between containers that share the folder, where process ids say nothing.
 *
 * @throws {Error} When somebody else holds the folder, or it can't be written.
 * @see https://www.sqlite.org/lockingv3.html
 */
export function lockDirectory(directory: string): DirectoryLock {
  const database = new DatabaseSync(join(directory, lockName));
  try {
    database.exec("PRAGMA busy_timeout = 0");
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    const isBusy = error instanceof Error && "errcode" in error && error.errcode === sqliteBusy;
    throw new Error(`The journal folder ${directory} ${isBusy ? "is in use by another process" : "can't be locked"}`, { cause: error });
  }
  return { release: () => database.close() };
}
