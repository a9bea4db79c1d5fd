import { genesis, type Head, type LineFault, readLine } from "./line.ts";
import { listSegments, readSegment, type SegmentFile } from "./segment.ts";

/** A record with its place in the journal. */
export interface JournalEntry extends Head {
  readonly prev: string;
  readonly record: unknown;
  /** File name of the segment. */
  readonly segment: string;
  /** 1 for the segment's first line. */
  readonly line: number;
}

/**
 * Something that an untouched journal doesn't have.
 *
 * | kind | meaning |
 * |---|---|
 * | FORMAT | the line is not one that a journal writes |
 * | HASH | the line was changed: its hash does not fit it |
 * | SEQUENCE | lines are missing, repeated or in another order before this one |
 * | CHAIN | the line does not follow the one before it, though its number does |
 * | UNFINISHED | a segment that is not the last one ends within a line |
 */
export interface JournalProblem {
  readonly kind: LineFault | "SEQUENCE" | "CHAIN" | "UNFINISHED";
  readonly segment: string;
  readonly line: number;
  readonly message: string;
}

/** What `verifyJournal` found. */
export interface Verification {
  /** Whether there is no problem. An empty journal has none: look at `records` too. */
  readonly ok: boolean;
  /** Lines that prove themselves. */
  readonly records: number;
  readonly segments: number;
  /** The last line that proves itself: what a checkpoint outside the journal has to agree with. */
  readonly head: Head;
  /** The first 100 problems. */
  readonly problems: readonly JournalProblem[];
  readonly problemsTotal: number;
  /** Length of a line at the end that is being written, or that a crash cut off. No answer left on the strength of it. */
  readonly unfinishedBytes: number;
}

const problemsMax = 100;

type Item =
  | { readonly kind: "entry"; readonly entry: JournalEntry }
  | { readonly kind: "fault"; readonly fault: LineFault; readonly segment: string; readonly line: number }
  | { readonly kind: "unfinished"; readonly bytes: number; readonly isLast: boolean; readonly segment: string; readonly line: number };

/**
 * The records of a journal, oldest first. Lines that don't prove themselves are left out (`verifyJournal` names them);
 * order and completeness are not checked. Works while the journal is being written.
 *
 * @throws {Error} ENOENT when there is no such folder.
 */
export async function* readJournal(directory: string): AsyncGenerator<JournalEntry> {
  for await (const item of scanJournal(directory)) {
    if (item.kind === "entry") {
      yield item.entry;
    }
  }
}

/**
 * Checks every line and the chain through all segments.
 * Cut-off newest records show only against a head that was kept elsewhere: compare `head`.
 *
 * @throws {Error} ENOENT when there is no such folder.
 */
export async function verifyJournal(directory: string): Promise<Verification> {
  const check = createCheck();
  for await (const item of scanJournal(directory)) {
    check.add(item);
  }
  return { ...check.result(), segments: (await listSegments(directory)).length };
}

async function* scanJournal(directory: string): AsyncGenerator<Item> {
  const segments = await listSegments(directory);
  for (const file of segments) {
    yield* scanSegment(file, file === segments.at(-1));
  }
}

async function* scanSegment(file: SegmentFile, isLast: boolean): AsyncGenerator<Item> {
  for await (const lines of readSegment(file.path)) {
    for (const line of lines) {
      const place = { segment: file.name, line: line.number };
      if (line.isFinished) {
        const read = readLine(line.bytes);
        yield typeof read === "string" ? { kind: "fault", fault: read, ...place } : { kind: "entry", entry: { ...read, ...place } };
      } else {
        yield { kind: "unfinished", bytes: line.bytes.length, isLast, ...place };
      }
    }
  }
}

/** Follows the chain from line to line. */
function createCheck() {
  const problems: JournalProblem[] = [];
  let problemsTotal = 0;
  let records = 0;
  let unfinishedBytes = 0;
  let head = genesis;
  /** Damaged lines since `head`. Their hashes are unknown, so what follows can only be held against its number. */
  let faults = 0;

  function report(kind: JournalProblem["kind"], place: { readonly segment: string; readonly line: number }, message: string): void {
    problemsTotal += 1;
    if (problems.length < problemsMax) {
      problems.push({ kind, segment: place.segment, line: place.line, message: `${place.segment}, line ${place.line}: ${message}` });
    }
  }

  function addEntry(entry: JournalEntry): void {
    const expectedSeq = head.seq + faults + 1;
    if (entry.seq !== expectedSeq) {
      report("SEQUENCE", entry, `record ${expectedSeq} is expected here, this is record ${entry.seq}`);
    } else if (faults === 0 && entry.prev !== head.hash) {
      report("CHAIN", entry, `record ${entry.seq} does not follow from record ${head.seq}`);
    }
    records += 1;
    head = { seq: entry.seq, hash: entry.hash };
    faults = 0;
  }

  function add(item: Item): void {
    switch (item.kind) {
      case "entry":
        addEntry(item.entry);
        break;
      case "fault":
        faults += 1;
        report(item.fault, item, item.fault === "HASH" ? "the line was changed after it was written" : "this is no line of a journal");
        break;
      case "unfinished":
        if (item.isLast) {
          unfinishedBytes = item.bytes;
        } else {
          report("UNFINISHED", item, `the segment ends within a line, after ${item.bytes} bytes of it`);
        }
    }
  }

  return { add, result: () => ({ ok: problemsTotal === 0, records, head, problems, problemsTotal, unfinishedBytes }) };
}
