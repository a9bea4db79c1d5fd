import { mkdir } from "node:fs/promises";
import type { Recorder } from "../core/record.ts";
import { append } from "./commit.ts";
import type { Head } from "./line.ts";
import { type DirectoryLock, lockDirectory } from "./lock.ts";
import { recoverHead } from "./recover.ts";
import { defaults, describe, type JournalOptions, type State, withDeadline } from "./state.ts";

/** A journal that is open for appending. */
export interface Journal extends Recorder {
  /** Records that wait for the disk. */
  waiting(): number;
  /** The last durable record. */
  head(): Head;
  /** Writes since it was opened: records that come close together share one. */
  writes(): number;
}

/**
 * Opens the journal of one process: an append-only chain of records in segment files (see `writeLine` for the form).
 *
 * Records that wait are written together and made durable by one write (`O_DSYNC`); `append` resolves after it. When a write fails or
 * takes too long, everything that waits is rejected, and so is every later record until the journal has mended itself on a
 * new segment. A crash at any moment loses no record whose `append` had resolved.
 *
 * `append` rejects with AUDIT_UNAVAILABLE when the record can't be kept, and with OVERLOADED when too many wait.
 *
 * @throws {Error} When the folder can't be used, or another process uses it.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(options.directory);
  try {
    const head = await recoverHead(options.directory, options.log);
    return createJournal({ ...defaults, ...options }, lock, head);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function createJournal(options: Required<JournalOptions>, lock: DirectoryLock, head: Head): Journal {
  const state: State = {
    options,
    lock,
    head,
    segment: undefined,
    waiting: [],
    waitingChars: 0,
    lastBatchRecords: 0,
    writes: 0,
    drain: undefined,
    write: Promise.resolve(),
    failure: undefined,
    isClosed: false,
    retry: undefined,
    mend: Promise.resolve(),
  };
  return {
    append: (record) => append(state, record),
    isHealthy: () => state.failure === undefined && !state.isClosed,
    waiting: () => state.waiting.length,
    head: () => state.head,
    writes: () => state.writes,
    close: () => close(state),
  };
}

/** Writes what waits, if the disk takes it, and gives the folder back. */
async function close(state: State): Promise<void> {
  if (state.isClosed) {
    return;
  }
  state.isClosed = true;
  clearTimeout(state.retry);
  try {
    await withDeadline(closeSegment(state), state.options.writeMs * 2);
  } catch (error) {
    state.options.log.error({ error: describe(error) }, "journal.not-closed");
  }
  state.lock.release();
}

async function closeSegment(state: State): Promise<void> {
  await state.drain;
  await state.mend;
  await state.segment?.handle.close();
  state.segment = undefined;
}
