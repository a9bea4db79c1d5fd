import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type Enclosure, openEnclosure, type Reply, registers, sharedBy, writeOwnFiles } from "./enclosure.ts";

let enclosure: Enclosure | undefined;

afterEach(async () => {
  await enclosure?.close();
  enclosure = undefined;
});

async function open(pollMs = 0): Promise<Enclosure> {
  enclosure = await openEnclosure({ pollMs });
  return enclosure;
}

const query = 'query { person(ref: "P1") { name } }';
const secret = 'query { person(ref: "P1") { hkid } }';
const refused = (coordinate: string): object => ({ status: 403, body: { errors: [{ extensions: { code: "FORBIDDEN", coordinate } }] } });
const waiting = { timeout: 10_000, interval: 20 };
const events = ({ logged }: Enclosure): readonly string[] => logged.map(([event]) => event);

describe("an agreement", () => {
  test("ends for the department at the midnight of Hong Kong, in the middle of its process's life and of a token's", async () => {
    const { ask, setClock, ran } = await open();
    const end = Date.parse("2027-04-01T00:00:00+08:00");
    setClock(end - 1);
    expect((await ask(query)).status).toBe(200);
    // Until London's midnight the day before lasts there, and the token of before is still good.
    setClock(end);
    expect(await ask(query)).toMatchObject(refused("Query.person"));
    expect(ran).toEqual([]);
    expect((await ask("{ places { code } }")).status).toBe(200);
  });

  test("begins for the department at the midnight of Hong Kong, and not again when the clock is set back", async () => {
    const { ask, setClock } = await open();
    const begin = Date.parse("2026-04-01T00:00:00+08:00");
    setClock(begin - 1);
    expect(await ask(query)).toMatchObject(refused("Query.person"));
    setClock(begin);
    expect((await ask(query)).status).toBe(200);
    setClock(begin - 1);
    expect(await ask(query)).toMatchObject(refused("Query.person"));
  });
});

describe("a hub whose agreements are others than the department's", () => {
  test("is judged by the department's, and the difference is logged once for each hash", async () => {
    const own = await open();
    const ask = (bundleHash: string): Promise<Reply> => own.ask(secret, {}, { bundleHash });
    expect(await ask("hub-1")).toMatchObject(refused("Person.hkid"));
    expect(await ask("hub-1")).toMatchObject(refused("Person.hkid"));
    expect(await ask("hub-2")).toMatchObject(refused("Person.hkid"));
    expect((await own.ask(query, {}, { bundleHash: "hub-2" })).status).toBe(200);
    expect(own.logged.filter(([event]) => event === "agreements-differ").map(([, facts]) => facts?.["hub"])).toEqual(["hub-1", "hub-2"]);
  });

  test("is logged for no more than a hundred hashes before the oldest is forgotten", async () => {
    const own = await open();
    for (let count = 0; count <= 100; count += 1) await own.agreements.compare(`hub-${count}`);
    own.logged.length = 0;
    await own.agreements.compare("hub-100");
    expect(events(own)).toEqual([]);
    await own.agreements.compare("hub-0");
    expect(events(own)).toEqual(["agreements-differ"]);
  });

  test("is followed at its first call when the files have changed to what it has", async () => {
    const own = await open();
    const other = await hashWith(["Person.hkid"]);
    await own.write("agreements/people.yaml", sharedBy(["Person.hkid"]));
    // All at the same time: each waits for the one look at the files.
    const replies = await Promise.all([1, 2, 3].map(() => own.ask(secret, {}, { bundleHash: other })));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(events(own)).toEqual(["agreements-taken"]);
  });
});

/** The hash of the agreements with more fields shared, as a hub has it that took them up already. */
async function hashWith(more: readonly string[]): Promise<string> {
  const there = await openEnclosure();
  try {
    await there.write("agreements/people.yaml", sharedBy(more));
    const again = await there.reopen();
    return again.current().policy.bundle.hash;
  } finally {
    await there.close();
  }
}

describe("agreements that change while the department runs", () => {
  test("take effect, also for operations that were judged before", async () => {
    const own = await open(30);
    expect(await own.ask(secret)).toMatchObject(refused("Person.hkid"));
    await own.write("agreements/people.yaml", sharedBy(["Person.hkid"]));
    await expect.poll(async () => (await own.ask(secret)).status, waiting).toBe(200);
    await own.write("agreements/people.yaml", sharedBy());
    await expect.poll(async () => (await own.ask(secret)).status, waiting).toBe(403);
    expect(own.ran).toEqual([]);
  });

  test.each([
    ["an agreement that is broken", (own: Enclosure) => own.write("agreements/people.yaml", "agreement: PP-1\nshare: [\n"), "people.yaml:"],
    [
      "an agreement about fields that aren't there",
      (own: Enclosure) => own.write("agreements/people.yaml", sharedBy(["Person.shoe"])),
      "Person.shoe",
    ],
    ["a supergraph that is broken", (own: Enclosure) => writeFile(own.supergraphFile, "type Query {"), "SUPERGRAPH_FILE"],
    ["a supergraph without the department", (own: Enclosure) => writeFile(own.supergraphFile, "type Query { a: Int }"), "SUPERGRAPH_FILE"],
    ["no folder", (own: Enclosure) => rename(own.policiesDir, `${own.policiesDir}.old`), "POLICIES_DIR"],
  ])("to %s leave the last good ones in force, and are logged once", async (_what, breakIt, reason) => {
    const own = await open(30);
    await breakIt(own);
    await expect.poll(() => events(own), waiting).toEqual(["agreements-refused"]);
    expect(String(own.logged[0]?.[1]?.["reason"])).toContain(reason);
    expect((await own.ask(query)).status).toBe(200);
    expect(await own.ask(secret)).toMatchObject(refused("Person.hkid"));
    expect(events(own).filter((event) => event === "agreements-refused")).toHaveLength(1);
  });

  test("are taken up when they are whole again after they were broken", async () => {
    const own = await open(30);
    await own.write("agreements/more.yaml", "nonsense: [");
    await expect.poll(() => events(own), waiting).toEqual(["agreements-refused"]);
    await own.write("agreements/people.yaml", sharedBy(["Person.hkid"]));
    await rm(join(own.policiesDir, "agreements/more.yaml"));
    await expect.poll(async () => (await own.ask(secret)).status, waiting).toBe(200);
  });
});

describe("a department doesn't start", () => {
  const sdl = "type Query { places: [Int!] @classified(level: OPEN) }";

  test.each([
    [
      "agreements that are broken",
      { "agreements/a.yaml": "agreement: A-1\n" },
      "sample",
      /POLICIES_DIR.*agreements\/a\.yaml:1: `version` is missing/s,
    ],
    ["no applications", { "applications.yaml": "" }, "sample", /POLICIES_DIR.*applications\.yaml:1/s],
    ["a supergraph that doesn't have it", {}, "other", /SUPERGRAPH_FILE .*supergraph\.graphql can't be used: It lists no subgraph other\./],
  ])("with %s", async (_what, files, subgraph, message) => {
    const own = await writeOwnFiles({ sample: sdl }, { ...registers, ...files });
    await expect(own.open({ subgraph })).rejects.toThrow(message);
    await own.remove();
  });

  test("without its files", async () => {
    const own = await writeOwnFiles({ sample: sdl }, registers);
    await own.remove();
    await expect(own.open({ subgraph: "sample" })).rejects.toThrow(/SUPERGRAPH_FILE .* can't be used: ENOENT/);
  });
});
