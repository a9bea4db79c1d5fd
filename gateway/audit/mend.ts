import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { lockDirectory } from "./lock.ts";
import { syncDirectory } from "./segment.ts";
import { describe, type State } from "./state.ts";

const probeBytes = 64 * 1024;

/** Tries to get a failed journal back after `delayMs`, and again after twice that, until it succeeds or the journal is closed. */
export function scheduleMend(state: State, delayMs: number): void {
  if (state.isClosed) {
    return;
  }
  state.retry = setTimeout(() => {
    state.mend = mend(state, delayMs);
  }, delayMs);
  state.retry.unref();
}

async function mend(state: State, delayMs: number): Promise<void> {
  try {
    // A write that was given up may still reach the file; cutting it off has to come after it.
    await state.write;
    await cutFailedWrite(state);
    await probeDirectory(state);
    state.failure = undefined;
    state.options.log.info({ seq: state.head.seq }, "journal.mended");
  } catch (error) {
    state.options.log.warn({ error: describe(error), retryMs: delayMs }, "journal.still-failing");
    scheduleMend(state, Math.min(delayMs * 2, state.options.retryMs.max));
  }
}

/** Takes back what the failed write left behind its last durable record, and leaves the segment for good. */
async function cutFailedWrite(state: State): Promise<void> {
  const { segment } = state;
  if (segment === undefined) {
    return;
  }
  await segment.handle.truncate(segment.bytes);
  await segment.handle.sync();
  if (segment.bytes === 0) {
    await rm(segment.path, { force: true });
  }
  state.segment = undefined;
  await segment.handle.close();
}

/** Proves that the folder is there, is still ours, and takes data: an empty file can be made on a full disk. */
async function probeDirectory(state: State): Promise<void> {
  const { directory } = state.options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (!(await state.lock.isHeld())) {
    state.lock.release();
    state.lock = await lockDirectory(directory);
  }
  const path = join(directory, "probe");
  const handle = await open(path, "w", 0o600);
  try {
    await handle.writeFile(Buffer.alloc(probeBytes));
    await handle.datasync();
  } finally {
    await handle.close();
    await rm(path, { force: true });
  }
  await syncDirectory(directory);
}
