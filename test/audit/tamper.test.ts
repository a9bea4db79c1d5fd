import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openJournal } from "../../gateway/audit/journal.ts";
import { readJournal, verifyJournal } from "../../gateway/audit/read.ts";
import { fc } from "../services/fc.ts";
import { collectLog } from "../services/log.ts";
import { makeFolder, makeRecord } from "./record.ts";

const { log } = collectLog();

/** A journal of ten records in segments of a few lines each. */
async function makeJournal(): Promise<{ readonly directory: string; readonly segments: readonly string[] }> {
  const directory = await makeFolder();
  const journal = await openJournal({ directory, log, segmentBytesMax: 2_500 });
  for (let index = 1; index <= 10; index += 1) {
    await journal.append({ ...makeRecord(`${index}`), operationName: "\ufffd" });
  }
  await journal.close();
  const segments = (await readdir(directory)).filter((name) => name.endsWith(".jsonl")).sort();
  expect(segments.length).toBeGreaterThan(2);
  return { directory, segments: segments.map((name) => join(directory, name)) };
}

async function editLines(path: string, edit: (lines: string[]) => string[]): Promise<void> {
  const lines = (await readFile(path, "utf8")).split("\n").slice(0, -1);
  await writeFile(
    path,
    edit(lines)
      .map((line) => `${line}\n`)
      .join(""),
  );
}

test("a changed bit anywhere is found", async () => {
  const { directory, segments } = await makeJournal();
  const path = segments[1] ?? "";
  const original = await readFile(path);
  await fc.assert(
    fc.asyncProperty(fc.nat(original.length - 1), fc.nat(7), async (offset, bit) => {
      const changed = Buffer.from(original);
      changed[offset] = (changed[offset] ?? 0) ^ (1 << bit);
      await writeFile(path, changed);
      const verification = await verifyJournal(directory);
      expect(verification.ok).toBe(false);
      expect(verification.problems[0]?.segment).toBe("0000000000000004.jsonl");
    }),
    { numRuns: 200 },
  );
  await writeFile(path, original);
  expect((await verifyJournal(directory)).ok).toBe(true);
});

test("an invalid byte for another invalid byte is found, though both decode to the same character", async () => {
  const { directory, segments } = await makeJournal();
  const path = segments[0] ?? "";
  const bytes = await readFile(path);
  const at = bytes.indexOf(Buffer.from("\ufffd"));
  await writeFile(path, Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), bytes.subarray(at + 3)]));
  expect((await verifyJournal(directory)).problems).toMatchObject([{ kind: "HASH", line: 1 }]);
});

test("a removed line is found where it is missing", async () => {
  const { directory, segments } = await makeJournal();
  await editLines(segments[1] ?? "", (lines) => lines.toSpliced(1, 1));
  const verification = await verifyJournal(directory);
  expect(verification).toMatchObject({ ok: false, records: 9, problemsTotal: 1 });
  expect(verification.problems[0]).toMatchObject({ kind: "SEQUENCE", segment: "0000000000000004.jsonl", line: 2 });
  expect(verification.problems[0]?.message).toContain("record 5 is expected here, this is record 6");
});

test("swapped lines are found", async () => {
  const { directory, segments } = await makeJournal();
  await editLines(segments[1] ?? "", ([first = "", second = "", ...rest]) => [second, first, ...rest]);
  expect((await verifyJournal(directory)).problems.map((problem) => problem.kind)).toEqual(["SEQUENCE", "SEQUENCE", "SEQUENCE"]);
});

test("a removed segment is found", async () => {
  const { directory, segments } = await makeJournal();
  await rm(segments[1] ?? "");
  expect((await verifyJournal(directory)).problems).toMatchObject([{ kind: "SEQUENCE", segment: "0000000000000007.jsonl", line: 1 }]);
});

test("a line of another journal in place of the own one is found", async () => {
  const [first, second] = [await makeJournal(), await makeJournal()];
  const other = await openJournal({ directory: second.directory, log });
  await other.close();
  const foreign = (await readFile(second.segments[1] ?? "", "utf8")).split("\n")[1] ?? "";
  await editLines(first.segments[1] ?? "", (lines) => lines.with(1, foreign.replace("housing-app", "other-app-x")));
  expect((await verifyJournal(first.directory)).problems).toMatchObject([{ kind: "HASH", line: 2 }]);
});

test("a line forged with a right hash of its own is found by the next one", async () => {
  const { directory, segments } = await makeJournal();
  const forger = await makeFolder();
  const journal = await openJournal({ directory: forger, log });
  await journal.append(makeRecord("forged"));
  await journal.close();
  const forged = (await readFile(join(forger, "0000000000000001.jsonl"), "utf8")).trim();
  await editLines(segments[0] ?? "", (lines) => lines.with(0, forged));
  expect((await verifyJournal(directory)).problems).toMatchObject([{ kind: "CHAIN", line: 2 }]);
});

test("a segment that ends within a line is a problem unless it is the last one", async () => {
  const { directory, segments } = await makeJournal();
  for (const [index, problems] of [
    [segments.length - 1, 0],
    [0, 2],
  ] as const) {
    const path = segments[index] ?? "";
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, -10));
    const verification = await verifyJournal(directory);
    expect(verification.problemsTotal).toBe(problems);
    expect(verification.unfinishedBytes > 0).toBe(problems === 0);
    await writeFile(path, bytes);
  }
});

test("cut-off newest records show in the head", async () => {
  const { directory, segments } = await makeJournal();
  const before = await verifyJournal(directory);
  await rm(segments.at(-1) ?? "");
  const after = await verifyJournal(directory);
  expect(after.ok).toBe(true);
  expect(after.head).not.toEqual(before.head);
});

test("problems beyond a hundred are counted, not kept, and reading goes on past them", async () => {
  const directory = await makeFolder();
  await writeFile(join(directory, "0000000000000001.jsonl"), '{"hash":1}\nnull\n[]\n\n'.repeat(100));
  const journal = await openJournal({ directory, log });
  await journal.append(makeRecord("1"));
  await journal.close();
  const verification = await verifyJournal(directory);
  expect(verification).toMatchObject({ ok: false, records: 1 });
  expect(verification.problems).toHaveLength(100);
  expect(verification.problemsTotal).toBe(401);
  const segments: string[] = [];
  for await (const entry of readJournal(directory)) {
    segments.push(entry.segment);
  }
  expect(segments).toEqual(["0000000000000001_2.jsonl"]);
});
