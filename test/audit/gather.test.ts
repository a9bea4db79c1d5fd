import { performance } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";
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

test.each([
  { batch: 3, busyShare: 1, least: 0, most: 0 },
  { batch: 8, busyShare: 0.5, least: 1, most: 1 },
  { batch: 8, busyShare: 1, least: 2, most: 6 },
])("after a batch of $batch the next record waits for others while the thread is busy for $busyShare of the time", async (wait) => {
  const directory = await makeFolder();
  let slices = 0;
  const meterLoad = (): (() => number) => {
    slices += 1;
    return () => wait.busyShare;
  };
  const journal = await openJournal({ directory, log, meterLoad });
  const counts: number[] = [];
  // On a machine that stands still at times one slice may take all the time there is; not ten times in a row.
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(Array.from({ length: wait.batch }, (_, index) => journal.append(makeRecord(`${round} ${index}`))));
    slices = 0;
    await journal.append(makeRecord(`${round} next`));
    counts.push(slices);
  }
  expect(Math.max(...counts)).toBeGreaterThanOrEqual(wait.least);
  expect(Math.max(...counts)).toBeLessThanOrEqual(wait.most);
  await journal.close();
});
