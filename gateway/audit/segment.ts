import { createReadStream } from "node:fs";
import { constants, type FileHandle, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** A segment file of a journal. */
export interface SegmentFile {
  readonly name: string;
  readonly path: string;
}

/** One line of a segment as it stands in the file. */
export interface RawLine {
  /** 1 for the first line of the segment. */
  readonly number: number;
  readonly offsetBytes: number;
  /** Without the line feed. */
  readonly bytes: Buffer;
  /** Whether a line feed follows; only the last one may lack it. */
  readonly isFinished: boolean;
}

/** What is written is on the disk when the call that writes it returns: one call instead of two. */
const durableFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_DSYNC;

const namePattern = /^(\d{16})(?:_(\d+))?\.jsonl$/;
const lineFeed = 0x0a;
const turnsMax = 1_000;

/** Longest line that is read; a longer one is damage, not a record (see `recordCharsMax` of the journal). */
const lineBytesMax = 16 * 1024 * 1024;

/** The segments of a journal in the order they were written. */
export async function listSegments(directory: string): Promise<readonly SegmentFile[]> {
  const found = (await readdir(directory)).flatMap((name) => {
    const match = namePattern.exec(name);
    return match === null ? [] : [{ name, path: join(directory, name), seq: Number(match[1]), turn: Number(match[2] ?? 1) }];
  });
  return found.sort((a, b) => a.seq - b.seq || a.turn - b.turn).map(({ name, path }) => ({ name, path }));
}

/**
 * Makes an empty segment, named after the first record it will hold, and makes its name durable.
 * A second segment for the same record exists only after damage; its turn stands behind its number then.
 */
export async function createSegment(directory: string, firstSeq: number, turn = 1): Promise<SegmentFile & { readonly handle: FileHandle }> {
  const name = `${String(firstSeq).padStart(16, "0")}${turn === 1 ? "" : `_${turn}`}.jsonl`;
  const path = join(directory, name);
  let handle: FileHandle;
  try {
    handle = await open(path, durableFlags, 0o600);
  } catch (error) {
    if (isCode(error, "EEXIST") && turn < turnsMax) {
      return createSegment(directory, firstSeq, turn + 1);
    }
    throw error;
  }
  await keepName(directory, path, handle);
  return { name, path, handle };
}

async function keepName(directory: string, path: string, handle: FileHandle): Promise<void> {
  try {
    await syncDirectory(directory);
  } catch (error) {
    await handle.close();
    await rm(path, { force: true });
    throw error;
  }
}

/** Makes the names in a folder durable: created, renamed or removed files. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** The lines of a segment, in the portions in which they are read. */
export async function* readSegment(path: string): AsyncGenerator<readonly RawLine[]> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 1;
  let offsetBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    const lines: RawLine[] = [];
    let from = 0;
    for (let to = rest.indexOf(lineFeed); to !== -1; to = rest.indexOf(lineFeed, from)) {
      lines.push({ number, offsetBytes, bytes: rest.subarray(from, to), isFinished: true });
      number += 1;
      offsetBytes += to + 1 - from;
      from = to + 1;
    }
    rest = rest.subarray(from);
    if (rest.length > lineBytesMax) {
      throw new Error(`${path}: line ${number} is longer than ${lineBytesMax} bytes`);
    }
    if (lines.length > 0) {
      yield lines;
    }
  }
  if (rest.length > 0) {
    yield [{ number, offsetBytes, bytes: rest, isFinished: false }];
  }
}

/**
 * Cuts a segment to a length, durably. An empty one is removed.
 * What is cut off is kept in `<segment>.torn`, as it may be evidence.
 */
export async function cutSegment(
  directory: string,
  file: SegmentFile,
  cut: { readonly bytes: number; readonly torn: Buffer },
): Promise<void> {
  const aside = await open(`${file.path}.torn`, "a", 0o600);
  try {
    await aside.writeFile(cut.torn);
    await aside.sync();
  } finally {
    await aside.close();
  }
  if (cut.bytes === 0) {
    await rm(file.path);
  } else {
    const handle = await open(file.path, "r+");
    try {
      await handle.truncate(cut.bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
  await syncDirectory(directory);
}
