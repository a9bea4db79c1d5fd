import { type FileHandle, mkdir, open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { HubError } from "../core/errors.ts";
import type { Log } from "../core/ports.ts";
import type { AuditRecord, Recorder } from "../core/record.ts";
import { type Json, toCanonicalText } from "./canonical.ts";
import { type Head, writeLine } from "./line.ts";
import { type DirectoryLock, lockDirectory, lockName } from "./lock.ts";
import { recoverHead } from "./recover.ts";
import { createSegment, isCode, type SegmentFile, syncDirectory } from "./segment.ts";

/** Where the journal is and how much it may hold. */
export interface JournalOptions {
  /** Folder of the segments. It is made where it is missing, and held by one process at a time. */
  readonly directory: string;
  readonly log: Log;
  /** A segment that reached this is closed and the next one opened. Default 64 MiB. */
  readonly segmentBytesMax?: number;
  /** Records that may wait for the disk. Default 10,000. */
  readonly queueRecordsMax?: number;
  /** Characters of the records that may wait for the disk. Default 32 million. */
  readonly queueCharsMax?: number;
  /** How long one write with its sync may take before the journal counts as gone. Default 5,000 ms. */
  readonly writeMs?: number;
  /** First and longest pause between attempts to get a lost journal back. Default 250 and 5,000 ms. */
  readonly retryMs?: { readonly min: number; readonly max: number };
}

/** A journal that is open for appending. */
export interface Journal extends Recorder {
  /** Records that wait for the disk. */
  waiting(): number;
  /** The last durable record. */
  head(): Head;
}

interface Waiting {
  readonly text: string;
  resolve(): void;
  reject(error: HubError): void;
}

interface OpenSegment extends SegmentFile {
  readonly handle: FileHandle;
  /** Length of what is durable. */
  bytes: number;
}

interface State {
  readonly options: Required<JournalOptions>;
  lock: DirectoryLock;
  head: Head;
  segment: OpenSegment | undefined;
  waiting: Waiting[];
  waitingChars: number;
  /** Set while records are being written. */
  drain: Promise<void> | undefined;
  /** The write under way, which may outlive its deadline. */
  write: Promise<unknown>;
  failure: HubError | undefined;
  isClosed: boolean;
  retry: NodeJS.Timeout | undefined;
}

const defaults = {
  segmentBytesMax: 64 * 1024 * 1024,
  queueRecordsMax: 10_000,
  queueCharsMax: 32_000_000,
  writeMs: 5_000,
  retryMs: { min: 250, max: 5_000 },
};
const batchRecordsMax = 512;
const batchCharsMax = 1_000_000;
const recordCharsMax = 1_000_000;
const probeBytes = 64 * 1024;

/**
 * Opens the journal of one process: an append-only chain of records in segment files (see `writeLine` for the form).
 *
 * Records that wait are written together and made durable by one fdatasync; `append` resolves after it. When a write fails or
 * takes too long, everything that waits is rejected, and so is every later record until the journal has mended itself on a
 * new segment. A crash at any moment loses no record whose `append` had resolved.
 *
 * `append` rejects with AUDIT_UNAVAILABLE when the record can't be kept, and with OVERLOADED when too many wait.
 *
 * @throws {Error} When the folder can't be used, or another process uses it.
 * @see docs/adr for why the answer waits for the record.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const lock = lockDirectory(options.directory);
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
    drain: undefined,
    write: Promise.resolve(),
    failure: undefined,
    isClosed: false,
    retry: undefined,
  };
  return {
    append: (record) => append(state, record),
    isHealthy: () => state.failure === undefined && !state.isClosed,
    waiting: () => state.waiting.length,
    head: () => state.head,
    close: () => close(state),
  };
}

async function append(state: State, record: AuditRecord): Promise<void> {
  if (state.isClosed) {
    throw new HubError("AUDIT_UNAVAILABLE", "The audit journal is closed.");
  }
  if (state.failure !== undefined) {
    throw state.failure;
  }
  const text = toText(record);
  const { queueRecordsMax, queueCharsMax } = state.options;
  if (state.waiting.length >= queueRecordsMax || state.waitingChars + text.length > queueCharsMax) {
    throw new HubError("OVERLOADED", "Too many audit records wait for the disk.", { waiting: state.waiting.length });
  }
  await new Promise<void>((resolve, reject) => {
    state.waiting.push({ text, resolve, reject });
    state.waitingChars += text.length;
    state.drain ??= drain(state);
  });
}

function toText(record: AuditRecord): string {
  let text: string;
  try {
    // An interface has no index signature, so its fitness for JSON is stated here; `toCanonicalText` checks the numbers.
    text = toCanonicalText(record as unknown as Json);
  } catch (error) {
    throw new HubError("AUDIT_UNAVAILABLE", "The audit record can't be written as JSON.", {}, error);
  }
  if (text.length > recordCharsMax) {
    throw new HubError("AUDIT_UNAVAILABLE", `The audit record is longer than ${recordCharsMax} characters.`, { chars: text.length });
  }
  return text;
}

/** Writes batch after batch until nothing waits. */
async function drain(state: State): Promise<void> {
  // Everything that this turn of the event loop still brings joins the first batch.
  await new Promise((resolve) => setImmediate(resolve));
  while (state.waiting.length > 0) {
    const batch = takeBatch(state);
    try {
      await writeBatch(state, batch);
      for (const entry of batch) {
        entry.resolve();
      }
    } catch (error) {
      fail(state, batch, error);
    }
  }
  state.drain = undefined;
}

function takeBatch(state: State): readonly Waiting[] {
  let count = 0;
  let chars = 0;
  for (const entry of state.waiting) {
    if (count === batchRecordsMax || (count > 0 && chars + entry.text.length > batchCharsMax)) {
      break;
    }
    count += 1;
    chars += entry.text.length;
  }
  state.waitingChars -= chars;
  return state.waiting.splice(0, count);
}

async function writeBatch(state: State, batch: readonly Waiting[]): Promise<void> {
  let head = state.head;
  let text = "";
  for (const entry of batch) {
    const line = writeLine(head, entry.text);
    head = line.head;
    text += `${line.text}\n`;
  }
  const bytes = Buffer.from(text);
  const firstSeq = state.head.seq + 1;
  const write = writeBytes(state, firstSeq, bytes);
  state.write = write.catch(() => undefined);
  const segment = await withDeadline(write, state.options.writeMs);
  segment.bytes += bytes.length;
  state.head = head;
}

async function writeBytes(state: State, firstSeq: number, bytes: Buffer): Promise<OpenSegment> {
  if (state.segment !== undefined && state.segment.bytes >= state.options.segmentBytesMax) {
    await state.segment.handle.close();
    state.segment = undefined;
  }
  state.segment ??= { ...(await createSegment(state.options.directory, firstSeq)), bytes: 0 };
  const { handle } = state.segment;
  await handle.writeFile(bytes);
  await handle.datasync();
  return state.segment;
}

async function withDeadline<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The disk did not answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects all that waits, and everything later until `mend` succeeds. */
function fail(state: State, batch: readonly Waiting[], cause: unknown): void {
  const failure = new HubError("AUDIT_UNAVAILABLE", "The audit journal can't be written.", {}, cause);
  state.failure = failure;
  const rejected = [...batch, ...state.waiting.splice(0)];
  state.waitingChars = 0;
  for (const entry of rejected) {
    entry.reject(failure);
  }
  state.options.log.error({ error: describe(cause), records: rejected.length, seq: state.head.seq }, "journal-failed");
  scheduleMend(state, state.options.retryMs.min);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function scheduleMend(state: State, delayMs: number): void {
  if (state.isClosed) {
    return;
  }
  state.retry = setTimeout(() => void mend(state, delayMs), delayMs);
  state.retry.unref();
}

async function mend(state: State, delayMs: number): Promise<void> {
  try {
    // A write that was given up may still reach the file; cutting it off has to come after it.
    await state.write;
    await cutFailedWrite(state);
    await probeDirectory(state);
    state.failure = undefined;
    state.options.log.info({ seq: state.head.seq }, "journal-mended");
  } catch (error) {
    state.options.log.warn({ error: describe(error), retryMs: delayMs }, "journal-still-failing");
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
  try {
    await stat(join(directory, lockName));
  } catch (error) {
    if (!isCode(error, "ENOENT")) {
      throw error;
    }
    state.lock.release();
    state.lock = lockDirectory(directory);
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

async function close(state: State): Promise<void> {
  state.isClosed = true;
  clearTimeout(state.retry);
  await state.drain;
  const { segment } = state;
  state.segment = undefined;
  await segment?.handle.close();
  state.lock.release();
}
