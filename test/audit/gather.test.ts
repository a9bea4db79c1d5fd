import { performance } from "node:perf_hooks";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { openJournal } from "../../gateway/audit/journal.ts";
import { verifyJournal } from "../../gateway/audit/read.ts";
import { createRuntime } from "../../gateway/main.ts";
import { collectLog } from "../services/log.ts";
import { makeFolder, makeRecord } from "./record.ts";

const { log } = collectLog();

function work(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

test("a thread without idle time shares a write among the records of many turns", async () => {
  const directory = await makeFolder();
  const journal = await openJournal({ directory, log, meterLoad: createRuntime().meterLoad });
  await Promise.all(Array.from({ length: 8 }, (_, index) => journal.append(makeRecord(`first ${index}`))));
  expect(journal.writes()).toBe(1);
  const later: Promise<void>[] = [];
  for (let index = 0; index < 64; index += 1) {
    later.push(journal.append(makeRecord(`later ${index}`)));
    work(1);
    await turn();
  }
  await Promise.all(later);
  expect(journal.writes()).toBeLessThanOrEqual(1 + 64 / 4);
  await journal.close();
  expect(await verifyJournal(directory)).toMatchObject({ ok: true, records: 72 });
});

test("a thread with time to spare writes what comes before the next record is there", async () => {
  const directory = await makeFolder();
  const journal = await openJournal({ directory, log });
  await Promise.all(Array.from({ length: 8 }, (_, index) => journal.append(makeRecord(`first ${index}`))));
  for (let index = 0; index < 5; index += 1) {
    await journal.append(makeRecord(`later ${index}`));
    await sleep(1);
  }
  expect(journal.writes()).toBe(6);
  await journal.close();
});
