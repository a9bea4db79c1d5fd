import { stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The file that carries the lock. It stays, and stays empty. */
const lockName = "lock";
const sqliteBusy = 5;

/** A folder that this process holds alone. */
export interface DirectoryLock {
  /** Whether the folder at the path is still the one that was locked: neither removed nor replaced nor given back. */
  isHeld(): Promise<boolean>;
  /** Gives the folder back; may be called again. */
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
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, lockName);
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA busy_timeout = 0");
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    const isBusy = error instanceof Error && "errcode" in error && error.errcode === sqliteBusy;
    throw new Error(`The journal folder ${directory} ${isBusy ? "is in use by another process" : "can't be locked"}`, { cause: error });
  }
  const { dev, ino } = await stat(path);
  return {
    isHeld: async () => {
      try {
        const now = await stat(path);
        return database.isOpen && now.dev === dev && now.ino === ino;
      } catch {
        return false;
      }
    },
    release: () => {
      if (database.isOpen) {
        database.close();
      }
    },
  };
}
