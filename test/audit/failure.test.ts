import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { rename, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { type Journal, openJournal } from "../../gateway/audit/journal.ts";
import { readJournal, verifyJournal } from "../../gateway/audit/read.ts";
import type { AuditRecord } from "../../gateway/core/record.ts";
import { collectLog } from "../services/log.ts";
import { withDeadline } from "../services/process.ts";
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

/** Mounts a small ext4 image, as only a real file system can be frozen. */
function mountImage(directory: string): void {
  const image = `${directory}.img`;
  execFileSync("truncate", ["--size", "16M", image]);
  execFileSync("mkfs.ext4", ["-q", image]);
  execFileSync("mount", ["-o", "loop", image, directory]);
  onTestFinished(() => {
    execFileSync("umount", ["--lazy", directory]);
    execFileSync("rm", ["-f", image]);
  });
}

function isFreezeAllowed(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "crossharbour-freeze-"));
  const script = `truncate --size 16M "$1.img" && mkfs.ext4 -q "$1.img" && mount -o loop "$1.img" "$1" && umount "$1"`;
  const probe = spawnSync("sh", ["-c", `${script}; code=$?; rm -rf "$1" "$1.img"; exit $code`, "sh", folder], {
    stdio: "ignore",
    timeout: 10_000,
  });
  return probe.status === 0;
}

test.skipIf(!isMountAllowed())(
  "a full disk refuses every record, keeps all acknowledged ones, and mends itself when there is room",
  async () => {
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
    expect(events[0]).toBe("journal.failed");
    expect(events).toContain("journal.still-failing");
    expect(events.at(-1)).toBe("journal.mended");
  },
);

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

test("a segment that was removed while it was open refuses its records", async () => {
  const directory = join(await makeFolder(), "journal");
  const { log } = collectLog();
  const journal = await openJournal({ directory, log, retryMs });
  await journal.append(makeRecord("lost"));
  await rm(join(directory, "0000000000000001.jsonl"));
  await expect(journal.append(makeRecord("refused"))).rejects.toMatchObject({ code: "AUDIT_UNAVAILABLE" });
  await waitUntilHealthy(journal);
  await journal.append(makeRecord("kept"));
  await journal.close();
  expect(await readIds(directory)).toEqual(["kept"]);
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

test.skipIf(!isFreezeAllowed())(
  "a disk that hangs is a refusal after the deadline, and what it writes late does not stay in the chain",
  async () => {
    const directory = await makeFolder();
    mountImage(directory);
    const { log } = collectLog();
    const journal = await openJournal({ directory, log, retryMs, writeMs: 1_000 });
    onTestFinished(() => journal.close());
    await journal.append(makeRecord("1"));

    // The shell thaws the file system whatever happens to this process, and by its own hold on it, as it may be unmounted meanwhile.
    const script = 'exec 3<"$1"; fsfreeze --freeze /proc/self/fd/3 && echo frozen && sleep 3; fsfreeze --unfreeze /proc/self/fd/3';
    const freezer = spawn("sh", ["-c", script, "sh", directory], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
    const thawed = once(freezer, "close");
    onTestFinished(() => withDeadline(thawed, 10_000, "The file system did not thaw").then(() => undefined));
    await withDeadline(once(freezer.stdout, "data"), 5_000, "The file system did not freeze");
    const results = await Promise.allSettled([journal.append(makeRecord("2")), journal.append(makeRecord("3"))]);
    expect(results.map((result) => result.status === "rejected" && result.reason.code)).toEqual(["AUDIT_UNAVAILABLE", "AUDIT_UNAVAILABLE"]);
    expect(journal.isHealthy()).toBe(false);
    await withDeadline(thawed, 10_000, "The file system did not thaw");
    await waitUntilHealthy(journal);
    await journal.append(makeRecord("4"));
    await journal.close();
    expect(await readIds(directory)).toEqual(["1", "4"]);
    expect((await verifyJournal(directory)).ok).toBe(true);
  },
);
