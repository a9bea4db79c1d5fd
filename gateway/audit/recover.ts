import { open, rm, stat } from "node:fs/promises";
import type { Log } from "../core/ports.ts";
import { genesis, type Head, readLine } from "./line.ts";
import { cutSegment, listSegments, readSegment, type SegmentFile } from "./segment.ts";

/** What the scan of one segment found. */
interface Scan {
  /** The last line that proves itself; undefined where there is none. */
  readonly head: Head | undefined;
  /** What stands behind the last line feed; undefined where nothing does. */
  readonly torn: { readonly bytes: number; readonly torn: Buffer } | undefined;
  /** Finished lines that don't prove themselves. */
  readonly damagedLines: number;
}

/**
 * Finds where the chain goes on after a clean end, a crash or a power cut, and makes all before it durable.
 *
 * A write that a crash cut off leaves a last line without a line feed. No answer left on the strength of it, so it is
 * set aside. A finished line that does not prove itself is no trace of a crash: it stays for `verifyJournal` to report, and
 * the chain goes on from the last line that does prove itself.
 */
export async function recoverHead(directory: string, log: Log): Promise<Head> {
  const segments = await listSegments(directory);
  for (const file of segments.toReversed()) {
    // oxlint-disable-next-line no-await-in-loop -- an older segment is looked at only when the newer ones hold nothing.
    const head = await recoverSegment(directory, file, log);
    if (head !== undefined) {
      return head;
    }
  }
  return genesis;
}

async function recoverSegment(directory: string, file: SegmentFile, log: Log): Promise<Head | undefined> {
  const scan = await scanSegment(file);
  if (scan.damagedLines > 0) {
    log.error({ segment: file.name, lines: scan.damagedLines }, "journal.damaged");
  }
  if (scan.torn !== undefined) {
    log.warn({ segment: file.name, bytes: scan.torn.torn.length }, "journal.torn-line-set-aside");
    await cutSegment(directory, file, scan.torn);
  } else if ((await stat(file.path)).size === 0) {
    await rm(file.path);
  }
  if (scan.head !== undefined) {
    await syncSegment(file);
  }
  return scan.head;
}

async function scanSegment(file: SegmentFile): Promise<Scan> {
  let head: Head | undefined;
  let torn: Scan["torn"];
  let damagedLines = 0;
  for await (const lines of readSegment(file.path)) {
    for (const line of lines) {
      if (!line.isFinished) {
        torn = { bytes: line.offsetBytes, torn: Buffer.from(line.bytes) };
        continue;
      }
      const read = readLine(line.bytes);
      if (typeof read === "string") {
        damagedLines += 1;
      } else {
        head = { seq: read.seq, hash: read.hash };
      }
    }
  }
  return { head, torn, damagedLines };
}

/** After a crash the last lines may only be in the page cache; the chain must not build on what a power cut can take. */
async function syncSegment(file: SegmentFile): Promise<void> {
  const handle = await open(file.path, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
