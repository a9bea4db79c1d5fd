import { execFileSync } from "node:child_process";
import { constants } from "node:fs";
import { open, rename, rm, stat, statfs, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { type Journal, openJournal } from "../../gateway/audit/journal.ts";
import { readJournal, verifyJournal } from "../../gateway/audit/read.ts";
import type { AuditRecord } from "../../gateway/core/record.ts";
import { collectLog } from "../services/log.ts";
import { makeFolder, makeRecord } from "./record.ts";

const retryMs = { min: 20, max: 100 };

async function waitUntilHealthy(journal: Journal): Promise<void> {
  const endMs = Date.now() + 10_000;
  while (!journal.isHealthy()) {
    if (Date.now() > endMs) {
      throw new Error("The journal did not mend itself within 10 s");
    }
    await sleep(10);
  }
}

async function readIds(directory: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const entry of readJournal(directory)) {
    ids.push((entry.record as AuditRecord).requestId);
  }
  return ids;
}

function isMountAllowed(): boolean {
  try {
    execFileSync("unshare", ["--mount", "true"], { stdio: "ignore" });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

test.skipIf(!isMountAllowed())("a full disk refuses every record, keeps all acknowledged ones, and mends itself when there is room", async () => {
  const directory = await makeFolder();
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "crossharbour-test", directory]);
  onTestFinished(() => void execFileSync("umount", ["--lazy", directory]));
  const { log, lines } = collectLog();
  const journal = await openJournal({ directory, log, retryMs, segmentBytesMax: 100_000 });
  onTestFinished(() => journal.close());
  await journal.append(makeRecord("first"));

  const ballast = join(directory, "ballast");
  const free = await statfs(directory);
  await writeFile(ballast, Buffer.alloc((free.bavail - 20) * free.bsize));
  const acknowledged = ["first"];
  const refused: unknown[] = [];
  for (let round = 0; round < 20; round += 1) {
    const ids = Array.from({ length: 10 }, (_, index) => `${round}-${index}`);
    const results = await Promise.allSettled(ids.map((id) => journal.append(makeRecord(id))));
    acknowledged.push(...ids.filter((_, index) => results[index]?.status === "fulfilled"));
    refused.push(...results.flatMap((result) => (result.status === "rejected" ? [result.reason.code] : [])));
  }
  expect(new Set(refused)).toEqual(new Set(["AUDIT_UNAVAILABLE"]));
  expect(acknowledged.length).toBeGreaterThan(10);
  await sleep(200);
  expect(journal.isHealthy()).toBe(false);

  await rm(ballast);
  await waitUntilHealthy(journal);
  await journal.append(makeRecord("last"));
  await journal.close();
  expect(await readIds(directory)).toEqual([...acknowledged, "last"]);
  expect(await verifyJournal(directory)).toMatchObject({ ok: true, unfinishedBytes: 0 });
  const events = lines.map((line) => line.event);
  expect(events[0]).toBe("journal-failed");
  expect(events).toContain("journal-still-failing");
  expect(events.at(-1)).toBe("journal-mended");
});

test("a folder that vanished refuses records until the journal has made it again, and holds it again", async () => {
  const directory = join(await makeFolder(), "journal");
  const { log } = collectLog();
  const journal = await openJournal({ directory, log, retryMs, segmentBytesMax: 1 });
  await journal.append(makeRecord("lost"));
  await rm(directory, { recursive: true });
  await expect(journal.append(makeRecord("refused"))).rejects.toMatchObject({ code: "AUDIT_UNAVAILABLE" });
  expect(journal.isHealthy()).toBe(false);
  await waitUntilHealthy(journal);
  await journal.append(makeRecord("kept"));
  await expect(openJournal({ directory, log })).rejects.toThrow("in use by another process");
  await journal.close();
  expect(await readIds(directory)).toEqual(["kept"]);
  const verification = await verifyJournal(directory);
  expect(verification.problems).toMatchObject([{ kind: "SEQUENCE", line: 1 }]);
});

test("a folder that another process took meanwhile is not written to", async () => {
  const directory = join(await makeFolder(), "journal");
  const { log } = collectLog();
  const journal = await openJournal({ directory, log, retryMs, segmentBytesMax: 1 });
  await journal.append(makeRecord("1"));
  await rename(directory, `${directory}-moved`);
  const other = await openJournal({ directory, log, retryMs });
  await other.append(makeRecord("other"));
  await expect(journal.append(makeRecord("2"))).rejects.toMatchObject({ code: "AUDIT_UNAVAILABLE" });
  await sleep(300);
  expect(await readIds(directory)).toEqual(["other"]);
  await other.close();
  await journal.close();
});

test("a disk that takes the bytes but fails at them is a refusal, and nothing of the failed write stays in the chain", async () => {
  const directory = await makeFolder();
  const { log } = collectLog();
  const journal = await openJournal({ directory, log, retryMs, segmentBytesMax: 1 });
  await journal.append(makeRecord("1"));
  // Every write to /dev/full fails with ENOSPC; the journal's own probe runs into it until the link is gone.
  const probe = join(directory, "probe");
  await symlink("/dev/full", probe);
  await rename(directory, `${directory}-away`);
  await expect(journal.append(makeRecord("2"))).rejects.toMatchObject({ code: "AUDIT_UNAVAILABLE" });
  await rename(`${directory}-away`, directory).catch(async () => {
    await rm(directory, { recursive: true, force: true });
    await rename(`${directory}-away`, directory);
  });
  await waitUntilHealthy(journal);
  await journal.append(makeRecord("3"));
  await journal.close();
  expect(await readIds(directory)).toEqual(["1", "3"]);
  expect((await verifyJournal(directory)).ok).toBe(true);
});

test("a disk that does not answer is a refusal after the deadline, and the journal is back when it does", async () => {
  const directory = await makeFolder();
  const { log } = collectLog();
  // A named pipe in the segment's place: opening it for writing waits for a reader, as a hung disk would.
  const pipe = join(directory, "0000000000000001.jsonl");
  execFileSync("mkfifo", [pipe]);
  expect((await stat(pipe)).isFIFO()).toBe(true);
  await rm(pipe);
  const handle = await open(pipe, constants.O_CREAT | constants.O_WRONLY);
  await handle.close();
  await rm(pipe);
  const journal = await openJournal({ directory, log, retryMs });
  await journal.append(makeRecord("1"));
  await journal.close();
});
