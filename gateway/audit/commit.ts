import { fstatSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { HubError } from "../core/errors.ts";
import type { AuditRecord } from "../core/record.ts";
import { type Json, toCanonicalText } from "./canonical.ts";
import { gatherMore } from "./gather.ts";
import { writeLine } from "./line.ts";
import { scheduleMend } from "./mend.ts";
import { createSegment } from "./segment.ts";
import { describe, type OpenSegment, type State, type Waiting, withDeadline } from "./state.ts";

const batchRecordsMax = 512;
const batchCharsMax = 1_000_000;
const recordCharsMax = 1_000_000;

/** Puts a record in line and resolves when it is durable; see `openJournal` for the errors. */
export async function append(state: State, record: AuditRecord): Promise<void> {
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
    // oxlint-disable-next-line no-await-in-loop -- it waits for more records.
    await gatherMore(state);
    const batch = takeBatch(state);
    state.lastBatchRecords = batch.length;
    try {
      // oxlint-disable-next-line no-await-in-loop -- what comes meanwhile makes up the next batch.
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
  state.writes += 1;
}

async function writeBytes(state: State, firstSeq: number, bytes: Buffer): Promise<OpenSegment> {
  if (state.segment !== undefined && state.segment.bytes >= state.options.segmentBytesMax) {
    await state.segment.handle.close();
    state.segment = undefined;
  }
  state.segment ??= await nextSegment(state, firstSeq);
  const { handle } = state.segment;
  await writeAll(handle, bytes);
  // The disk has just answered, so this does not wait for it; asking in the background would cost ten times as much.
  if (fstatSync(handle.fd).nlink === 0) {
    throw new Error(`${state.segment.path} was removed while it was open`);
  }
  return state.segment;
}

/** One call writes all, unless the system cuts it short. */
async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  const { bytesWritten } = await handle.write(bytes);
  if (bytesWritten < bytes.length) {
    await writeAll(handle, bytes.subarray(bytesWritten));
  }
}

async function nextSegment(state: State, firstSeq: number): Promise<OpenSegment> {
  if (!(await state.lock.isHeld())) {
    throw new Error(`${state.options.directory} was moved or removed`);
  }
  return { ...(await createSegment(state.options.directory, firstSeq)), bytes: 0 };
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
  state.options.log.error({ error: describe(cause), records: rejected.length, seq: state.head.seq }, "journal.failed");
  scheduleMend(state, state.options.retryMs.min);
}
