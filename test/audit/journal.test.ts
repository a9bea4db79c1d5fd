import { readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openJournal } from "../../gateway/audit/journal.ts";
import { readJournal, verifyJournal } from "../../gateway/audit/read.ts";
import { HubError } from "../../gateway/core/errors.ts";
import type { AuditRecord } from "../../gateway/core/record.ts";
import { collectLog } from "../services/log.ts";
import { makeFolder, makeRecord } from "./record.ts";

const { log } = collectLog();

async function readIds(directory: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const entry of readJournal(directory)) {
    ids.push((entry.record as AuditRecord).requestId);
  }
  return ids;
}

function codeOf(result: PromiseSettledResult<void>): string {
  return result.status === "fulfilled" ? "KEPT" : result.reason instanceof HubError ? result.reason.code : String(result.reason);
}

test("a folder that another journal holds is refused, and given back on close", async () => {
  const directory = await makeFolder();
  const first = await openJournal({ directory, log });
  await expect(openJournal({ directory, log })).rejects.toThrow("in use by another process");
  await first.close();
  const second = await openJournal({ directory, log });
  await second.close();
});

test("a folder that can't be made is refused with its name", async () => {
  const file = join(await makeFolder(), "file");
  await writeFile(file, "");
  await expect(openJournal({ directory: join(file, "journal"), log })).rejects.toThrow(file);
});

test("a record after close is refused, and what waited before it is kept", async () => {
  const directory = await makeFolder();
  const journal = await openJournal({ directory, log });
  const waiting = journal.append(makeRecord("before"));
  const closed = journal.close();
  await expect(journal.append(makeRecord("after"))).rejects.toMatchObject({ code: "AUDIT_UNAVAILABLE" });
  await Promise.all([waiting, closed]);
  expect(journal.isHealthy()).toBe(false);
  expect(await readIds(directory)).toEqual(["before"]);
});

test("a record that is no JSON or too long is refused alone", async () => {
  const directory = await makeFolder();
  const journal = await openJournal({ directory, log });
  const results = await Promise.allSettled([
    journal.append({ ...makeRecord("nan"), fetches: Number.NaN }),
    journal.append(makeRecord("good")),
    journal.append({ ...makeRecord("long"), operationName: "x".repeat(1_000_001) }),
  ]);
  expect(results.map(codeOf)).toEqual(["AUDIT_UNAVAILABLE", "KEPT", "AUDIT_UNAVAILABLE"]);
  expect(journal.isHealthy()).toBe(true);
  await journal.close();
  expect(await readIds(directory)).toEqual(["good"]);
});

test("when more records wait than allowed, the ones over it are refused as overload and the rest are kept", async () => {
  const directory = await makeFolder();
  const journal = await openJournal({ directory, log, queueRecordsMax: 3 });
  const results = await Promise.allSettled(["1", "2", "3", "4", "5"].map((id) => journal.append(makeRecord(id))));
  expect(results.map(codeOf)).toEqual(["KEPT", "KEPT", "KEPT", "OVERLOADED", "OVERLOADED"]);
  await journal.append(makeRecord("6"));
  await journal.close();
  expect(await readIds(directory)).toEqual(["1", "2", "3", "6"]);
});

test("the queue is bounded by length too", async () => {
  const directory = await makeFolder();
  const journal = await openJournal({ directory, log, queueCharsMax: 2_000 });
  const long = { ...makeRecord("1"), operationName: "x".repeat(1_000) };
  const results = await Promise.allSettled([journal.append(long), journal.append(long)]);
  expect(results.map(codeOf)).toEqual(["KEPT", "OVERLOADED"]);
  await journal.close();
});

test("records are in the file when append resolves, in order, whole, and as canonical JSON", async () => {
  const directory = await makeFolder();
  const journal = await openJournal({ directory, log });
  await journal.append(makeRecord("one"));
  const [segment] = (await readdir(directory)).filter((name) => name.endsWith(".jsonl"));
  expect(segment).toBe("0000000000000001.jsonl");
  const [line] = (await readFile(join(directory, segment ?? ""), "utf8")).split("\n");
  expect(line).toMatch(
    /^\{"hash":"[0-9a-f]{64}","prev":"0{64}","record":\{"agreements":\[.*\],"time":"[^"]*","withheld":\[.*\]\},"seq":1\}$/,
  );
  const { caseReference: _absent, ...present } = makeRecord("one");
  expect(JSON.parse(line ?? "").record).toEqual(present);
  expect((await stat(join(directory, segment ?? ""))).mode & 0o077).toBe(0);
  await journal.close();
});

test("a thousand records at once are all kept, once each, in the order they came, over several segments", async () => {
  const directory = await makeFolder();
  const journal = await openJournal({ directory, log, segmentBytesMax: 50_000 });
  const ids = Array.from({ length: 1_000 }, (_, index) => `${index}`);
  for (let from = 0; from < ids.length; from += 100) {
    await Promise.all(ids.slice(from, from + 100).map((id) => journal.append(makeRecord(id))));
  }
  expect(journal.head().seq).toBe(1_000);
  expect(journal.waiting()).toBe(0);
  await journal.close();
  expect(await readIds(directory)).toEqual(ids);
  const verification = await verifyJournal(directory);
  expect(verification).toMatchObject({ ok: true, records: 1_000, problems: [], head: journal.head(), unfinishedBytes: 0 });
  expect(verification.segments).toBeGreaterThan(5);
});

test("the chain goes on over restarts", async () => {
  const directory = await makeFolder();
  for (const id of ["a", "b", "c"]) {
    const journal = await openJournal({ directory, log });
    await journal.append(makeRecord(id));
    await journal.close();
  }
  expect(await readIds(directory)).toEqual(["a", "b", "c"]);
  expect(await verifyJournal(directory)).toMatchObject({ ok: true, records: 3, segments: 3 });
});

test("a start without records leaves nothing behind", async () => {
  const directory = await makeFolder();
  await (await openJournal({ directory, log })).close();
  expect(await readdir(directory)).toEqual(["lock"]);
  expect(await verifyJournal(directory)).toMatchObject({ ok: true, records: 0, segments: 0 });
});

test("a journal that moved goes on in its new place", async () => {
  const directory = await makeFolder();
  const journal = await openJournal({ directory: join(directory, "old"), log });
  await journal.append(makeRecord("a"));
  await journal.close();
  await rename(join(directory, "old"), join(directory, "new"));
  const moved = await openJournal({ directory: join(directory, "new"), log });
  await moved.append(makeRecord("b"));
  await moved.close();
  expect(await verifyJournal(join(directory, "new"))).toMatchObject({ ok: true, records: 2 });
});
