import { once } from "node:events";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openConsent } from "../../subgraphs/consent/department.ts";
import { createSharedOpener, openEmbedded } from "../../subgraphs/kit/embedded.ts";
import { lockFile } from "../../subgraphs/kit/lock.ts";
import { refsOf } from "../../subgraphs/kit/population/households.ts";
import { openWelfare } from "../../subgraphs/welfare/department.ts";
import { startNode } from "../services/child.ts";
import { makeDirectory, removeDirectory } from "../services/process.ts";
import { createAsk, entitiesOf } from "./ask.ts";
import { embeddedTimeoutMs, openDepartment, startEmbeddedPlace, type TestPlace } from "./places.ts";

const kit = new URL("../../subgraphs/kit/", import.meta.url).href;

describe("a lock file", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await makeDirectory("lock");
  });
  afterAll(() => removeDirectory(directory));

  test("is held by one at a time, and the refusal names the owner and the folder", async () => {
    const path = join(directory, "lock");
    const unlock = await lockFile(path);
    await expect(lockFile(path)).rejects.toThrow(
      `Process ${process.pid} uses ${directory}. End it, or choose another folder with DATA_DIR.`,
    );
    await unlock();
    await (await lockFile(path))();
    expect(await readdir(directory)).toEqual([]);
  });

  test("is waited for as long as asked", async () => {
    const path = join(directory, "lock");
    const unlock = await lockFile(path);
    const waiting = lockFile(path, 10_000);
    setTimeout(() => void unlock(), 50);
    await (await waiting)();
    expect(await readdir(directory)).toEqual([]);
  });

  test.each([
    ["of a process that is gone", "4194999 1"],
    ["of a process whose number another one has now", `${process.pid} 1`],
    ["that is empty", ""],
    ["that holds rubbish", "-1 x"],
  ])("%s is taken over", async (_name, owner) => {
    const path = join(directory, "lock");
    await writeFile(path, owner);
    const unlock = await lockFile(path);
    expect(await readFile(path, "utf8")).toMatch(new RegExp(`^${process.pid} `));
    await unlock();
  });
});

describe("an embedded database", { timeout: embeddedTimeoutMs }, () => {
  let place: TestPlace;
  beforeAll(async () => {
    place = await startEmbeddedPlace();
  });
  afterAll(() => place.stop());

  async function newDirectories(): Promise<{ readonly directory: string; readonly templateDirectory: string }> {
    const { DATA_DIR = "" } = await place.newSettings();
    return { directory: join(DATA_DIR, "sample"), templateDirectory: join(DATA_DIR, "template") };
  }

  test("keeps its data, and two can't have one folder", async () => {
    const options = { ...(await newDirectories()), parsers: {} };
    const first = await openEmbedded(options);
    await first.pglite.query("create table things as select 1 as id");
    await expect(openEmbedded(options)).rejects.toThrow(`Process ${process.pid} uses ${options.directory}.`);
    await first.close();
    const second = await openEmbedded(options);
    expect((await second.pglite.query("select id from things")).rows).toEqual([{ id: 1 }]);
    await second.close();
  });

  test("whose making was cut off is made anew", async () => {
    const options = { ...(await newDirectories()), parsers: {} };
    await mkdir(join(options.directory, "cluster", "base"), { recursive: true });
    await writeFile(join(options.directory, "cluster", "PG_VERSION"), "17\n");
    const embedded = await openEmbedded(options);
    expect((await embedded.pglite.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await embedded.close();
  });

  test("that is damaged says which folder to remove", async () => {
    const options = { ...(await newDirectories()), parsers: {} };
    await (await openEmbedded(options)).close();
    await rm(join(options.directory, "cluster", "global"), { recursive: true });
    await expect(openEmbedded(options)).rejects.toThrow(`The embedded database in ${options.directory} can't be opened. Remove the folder`);
    expect(await readdir(options.directory)).not.toContain("lock");
  });

  test("whose process was killed in the middle of a seed has nothing of it, and is seeded by the next", async () => {
    const { directory, templateDirectory } = await newDirectories();
    const options = { place: { kind: "embedded", directory, templateDirectory }, schema: "sample" };
    const source = `
      const { openSql } = await import("${kit}sql.ts");
      const { prepareTables, insertRows } = await import("${kit}migrate.ts");
      const { createSilentLog } = await import("${kit}log.ts");
      const source = await openSql({ ...${JSON.stringify(options)}, log: createSilentLog() });
      await prepareTables(source, {
        migrations: [{ number: 1, name: "things", statements: ["create table things (id int primary key)"] }],
        seed: { key: "things", run: async (tx) => {
          await insertRows(tx, "things", Array.from({ length: 3000 }, (_, id) => ({ id })));
          if (process.argv[1] === "hang") { process.stdout.write("half"); await new Promise((resolve) => setTimeout(resolve, 60_000)); }
        } },
        say: () => undefined,
      });
      const rows = await source.read(source.db.selectFrom("things").select(({ fn }) => fn.countAll().as("count")));
      process.stdout.write("count " + rows[0].count);
      await source.close();
    `;
    const killed = startNode(["--input-type=module", "-e", source, "hang"]);
    expect(String((await once(killed.stdout, "data"))[0])).toBe("half");
    killed.kill("SIGKILL");
    await once(killed, "exit");
    const next = startNode(["--input-type=module", "-e", source, "go"]);
    expect(String((await once(next.stdout, "data"))[0])).toBe("count 3000");
    expect(await once(next, "exit")).toEqual([0, null]);
  });

  test("is opened once for departments that share a process, and closed when the last of them is", async () => {
    const given = await place.newSettings();
    const settings = { ...given, POPULATION: "300" };
    const sharedDatabase = { name: "both", open: createSharedOpener() };
    const welfare = await openDepartment(openWelfare, settings, { sharedDatabase });
    const consent = await openDepartment(openConsent, settings, { sharedDatabase });
    expect((await readdir(given["DATA_DIR"] ?? "")).toSorted()).toEqual(["both", "template"]);
    const [ref] = refsOf({ seed: 1, count: 300 });
    const representations = [{ __typename: "Person", ref }];
    const askWelfare = await createAsk(welfare.department);
    const askConsent = await createAsk(consent.department);
    expect((await askWelfare(...entitiesOf("... on Person { schemes { code } }", representations))).errors).toEqual([]);
    expect((await askConsent(...entitiesOf("... on Person { consents { purpose } }", representations))).errors).toEqual([]);
    await consent.department.close();
    await consent.department.close();
    expect((await askWelfare(...entitiesOf("... on Person { schemes { code } }", representations))).errors).toEqual([]);
    await welfare.department.close();
    expect((await askWelfare(...entitiesOf("... on Person { schemes { code } }", representations))).errors).toHaveLength(1);
    const again = await openDepartment(openWelfare, settings, { sharedDatabase });
    expect(again.said).toEqual([]);
    await again.department.close();
  });
});
