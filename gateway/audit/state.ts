import type { FileHandle } from "node:fs/promises";
import type { HubError } from "../core/errors.ts";
import type { LoadMeter, Log } from "../core/ports.ts";
import type { Head } from "./line.ts";
import type { DirectoryLock } from "./lock.ts";
import type { SegmentFile } from "./segment.ts";

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
  /** How busy the thread is; if left out it counts as idle. */
  readonly meterLoad?: LoadMeter;
  /** First and longest pause between attempts to get a lost journal back. Default 250 and 5,000 ms. */
  readonly retryMs?: { readonly min: number; readonly max: number };
}

/** A record that waits for the disk. */
export interface Waiting {
  readonly text: string;
  resolve(): void;
  reject(error: HubError): void;
}

/** The segment that is being written. */
export interface OpenSegment extends SegmentFile {
  readonly handle: FileHandle;
  /** Length of what is durable. */
  bytes: number;
}

/** Everything that changes while a journal is open. */
export interface State {
  readonly options: Required<JournalOptions>;
  lock: DirectoryLock;
  head: Head;
  segment: OpenSegment | undefined;
  waiting: Waiting[];
  waitingChars: number;
  /** How many records were written together last. */
  lastBatchRecords: number;
  /** Batches that were written since the journal was opened. */
  writes: number;
  /** Set while records are being written. */
  drain: Promise<void> | undefined;
  /** The write under way, which may outlive its deadline. */
  write: Promise<unknown>;
  failure: HubError | undefined;
  isClosed: boolean;
  retry: NodeJS.Timeout | undefined;
  /** The attempt to mend that is under way. */
  mend: Promise<void>;
}

/** How much a journal holds where nothing else is said. */
export const defaults = {
  segmentBytesMax: 64 * 1024 * 1024,
  queueRecordsMax: 10_000,
  queueCharsMax: 32_000_000,
  writeMs: 5_000,
  meterLoad: (): (() => number) => () => 0,
  retryMs: { min: 250, max: 5_000 },
};

/** Settles like the promise, or rejects after `timeoutMs`. */
export async function withDeadline<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
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

/** The words of an error for the log. */
export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
