import type { ChildProcess } from "node:child_process";
import { appendFile, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openJournal } from "../../gateway/audit/journal.ts";
import { readJournal, verifyJournal } from "../../gateway/audit/read.ts";
import type { AuditRecord } from "../../gateway/core/record.ts";
import { startNode } from "../services/child.ts";
import { collectLog } from "../services/log.ts";
import { withDeadline } from "../services/process.ts";
import { makeFolder, makeRecord } from "./record.ts";

const { log } = collectLog();

/** A process that appends without end, several at once, and prints each request id when its record is acknowledged. */
function startWriter(directory: string, name: string): ChildProcess {
  const here = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const source = `
    const { writeSync } = await import("node:fs");
    const { openJournal } = await import(${here("../../gateway/audit/journal.ts")});
    const ignore = () => undefined;
    const options = { directory: ${JSON.stringify(directory)}, log: { info: ignore, warn: ignore, error: ignore }, segmentBytesMax: 200_000 };
    const journal = await openJournal(options);
    const record = ${JSON.stringify(makeRecord("x"))};
    let next = 0;
    const work = async () => {
      for (;;) {
        const requestId = "${name}-" + next++;
        await journal.append({ ...record, requestId });
        writeSync(1, requestId + "\\n");
      }
    };
    await Promise.all(Array.from({ length: 20 }, work));
  `;
  return startNode(["--input-type=module", "-e", source]);
}

async function killAfter(writer: ChildProcess, acknowledged: number): Promise<readonly string[]> {
  let output = "";
  let count = 0;
  const enough = new Promise<void>((resolve) => {
    writer.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      count += text.split("\n").length - 1;
      if (count >= acknowledged) {
        resolve();
      }
    });
  });
  const closed = new Promise<void>((resolve) => writer.once("close", () => resolve()));
  await withDeadline(enough, 60_000, "The writer did not acknowledge enough records");
  writer.kill("SIGKILL");
  await withDeadline(closed, 5_000, "The writer did not end");
  return output.split("\n").slice(0, -1);
}

async function readIds(directory: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const entry of readJournal(directory)) {
    ids.push((entry.record as AuditRecord).requestId);
  }
  return ids;
}

test("kill -9 amid appends loses no acknowledged record, frees the folder, and the chain goes on", async () => {
  const directory = await makeFolder();
  const acknowledged: string[] = [];
  for (const [round, count] of [200, 1_500, 700, 1, 333].entries()) {
    acknowledged.push(...(await killAfter(startWriter(directory, `${round}`), count)));
  }
  const journal = await openJournal({ directory, log });
  await journal.append(makeRecord("last"));
  await journal.close();
  const ids = await readIds(directory);
  const kept = new Set(ids);
  expect(acknowledged.length).toBeGreaterThan(2_700);
  expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
  expect(kept.size).toBe(ids.length);
  expect(ids.at(-1)).toBe("last");
  expect(await verifyJournal(directory)).toMatchObject({ ok: true, records: ids.length });
}, 120_000);

test("a line that a crash cut off at any byte is set aside, and the chain goes on from the line before it", async () => {
  const directory = await makeFolder();
  const journal = await openJournal({ directory, log });
  await journal.append(makeRecord("1"));
  await journal.append(makeRecord("2"));
  await journal.close();
  const path = join(directory, "0000000000000001.jsonl");
  const whole = await readFile(path);
  const firstEnd = whole.indexOf("\n") + 1;
  for (const cut of [firstEnd + 1, firstEnd + 80, whole.length - 2, whole.length - 1]) {
    const copy = await makeFolder();
    await writeFile(join(copy, "0000000000000001.jsonl"), whole.subarray(0, cut));
    const { log: copyLog, lines } = collectLog();
    const again = await openJournal({ directory: copy, log: copyLog });
    expect(lines).toEqual([
      { level: "warn", event: "journal.torn-line-set-aside", facts: { segment: "0000000000000001.jsonl", bytes: cut - firstEnd } },
    ]);
    expect(again.head().seq).toBe(1);
    await again.append(makeRecord("3"));
    await again.close();
    expect(await readIds(copy)).toEqual(["1", "3"]);
    expect((await verifyJournal(copy)).ok).toBe(true);
    expect(await readFile(join(copy, "0000000000000001.jsonl.torn"))).toEqual(whole.subarray(firstEnd, cut));
  }
});

test("a segment that holds nothing but a cut-off line or zeros makes room for a new one, twice over", async () => {
  const directory = await makeFolder();
  const path = join(directory, "0000000000000001.jsonl");
  for (const rest of [Buffer.from('{"hash":"ab'), Buffer.alloc(10_000), Buffer.alloc(0)]) {
    await writeFile(path, rest);
    const journal = await openJournal({ directory, log });
    expect(journal.head().seq).toBe(0);
    await journal.close();
    await expect(stat(path)).rejects.toThrow("ENOENT");
  }
  expect((await stat(`${path}.torn`)).size).toBe(10_011);
  const journal = await openJournal({ directory, log });
  await journal.append(makeRecord("1"));
  await journal.close();
  expect(await verifyJournal(directory)).toMatchObject({ ok: true, records: 1 });
});

test("a finished line that was damaged stays in its place as evidence, is logged, and new records are kept behind it", async () => {
  const directory = await makeFolder();
  const journal = await openJournal({ directory, log });
  await journal.append(makeRecord("1"));
  await journal.append(makeRecord("2"));
  await journal.close();
  const path = join(directory, "0000000000000001.jsonl");
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace('"requestId":"2"', '"requestId":"9"'));
  await appendFile(path, "half");
  const { log: ownLog, lines } = collectLog();
  const again = await openJournal({ directory, log: ownLog });
  await again.append(makeRecord("3"));
  await again.close();
  expect(lines.map((line) => line.event)).toEqual(["journal.damaged", "journal.torn-line-set-aside"]);
  expect(await readIds(directory)).toEqual(["1", "3"]);
  expect((await verifyJournal(directory)).problems).toMatchObject([{ kind: "HASH", line: 2 }, { kind: "SEQUENCE" }]);
});

test("a journal can be read while it is written", async () => {
  const directory = await makeFolder();
  const writer = startWriter(directory, "live");
  const done = killAfter(writer, 3_000);
  let reads = 0;
  while (writer.exitCode === null && writer.signalCode === null && reads < 200) {
    await sleep(20);
    expect((await verifyJournal(directory)).problems).toEqual([]);
    reads += 1;
  }
  expect((await done).length).toBeGreaterThanOrEqual(3_000);
  expect(reads).toBeGreaterThan(1);
  expect((await readdir(directory)).length).toBeGreaterThan(2);
}, 120_000);
