import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { readFeedData } from "../../demo/feeds/data.ts";
import { createFeeds } from "../../demo/feeds/server.ts";
import { createHealth } from "../../subgraphs/health/department.ts";
import { readHospitals } from "../../subgraphs/health/hospitals.ts";
import { createRestSource } from "../../subgraphs/kit/rest.ts";
import { makeDirectory, removeDirectory } from "../services/process.ts";
import { type Ask, createAsk, entitiesOf, startUpstream, type Upstream, upstreamFaults } from "./ask.ts";

const codes = Array.from("ABCDEFGHJKLMNPQRST");
const now = Date.parse("2026-11-24T10:31:20+08:00");
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

interface Started {
  readonly ask: Ask;
  readonly calls: string[];
  /** Moves the department's clock. */
  readonly wait: (ms: number) => void;
}

async function startOver(upstream: Upstream, timeoutMs = 5000): Promise<Started> {
  let clockMs = now;
  const source = createRestSource({
    name: "the Hospital Authority's feed",
    baseUrl: upstream.url,
    timeoutMs,
    bodyBytesMax: 256 * 1024,
    retriesMax: 0,
  });
  const department = await createHealth(source, () => clockMs);
  closing.push(async () => {
    await department.close();
    await upstream.close();
  });
  const wait = (ms: number) => {
    clockMs += ms;
  };
  return { ask: await createAsk(department), calls: upstream.calls, wait };
}

/** The demonstration's feed, with its requests counted. */
async function startFeed(): Promise<Started> {
  const feeds = createFeeds({ data: await readFeedData(), nowMs: () => now });
  await feeds.ready();
  return startOver(await startUpstream((request, reply) => feeds.routing(request, reply)));
}

/** A feed that answers what is given. */
async function startReport(report: unknown): Promise<Started> {
  const upstream = await startUpstream((_request, reply) => {
    reply.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(report));
  });
  return startOver(upstream);
}

const waiting =
  "emergencyWaiting { updatedAt isResuscitating criticalMinutes emergencyMinutes urgentMinutes urgentMinutesMost otherMinutes otherMinutesMost }";
const queenMary = {
  hospName: "Queen Mary Hospital",
  t1wt: "0 minute",
  manageT1case: "Y",
  t2wt: "less than 15 minutes",
  manageT2case: "Y",
  t3p50: "25 minutes",
  t3p95: "68 minutes",
  manageT3case: "Y",
};

describe("a feed that goes wrong", () => {
  const query = '{ hospital(name: "Queen Mary Hospital") { hasEmergency emergencyWaiting { urgentMinutes } } }';

  test.each(upstreamFaults)("which %s fails the waiting times and nothing else", async (_name, message, answer) => {
    const { ask } = await startOver(await startUpstream((_request, reply) => answer(reply)), 300);
    const { data, errors } = await ask(query);
    expect(errors).toEqual([{ path: "hospital.emergencyWaiting", message: `The Hospital Authority's feed ${message}` }]);
    expect(data).toEqual({ hospital: { hasEmergency: true, emergencyWaiting: null } });
  });

  test.each([
    ["a time in words", { waitTime: [{ ...queenMary, t3p50: "about half an hour" }], updateTime: "16/2/2026 1:00PM" }],
    ["a time that is a number", { waitTime: [{ ...queenMary, t3p50: 25 }], updateTime: "16/2/2026 1:00PM" }],
    ["a day that doesn't exist", { waitTime: [queenMary], updateTime: "30/2/2026 1:00PM" }],
    ["an hour that doesn't exist", { waitTime: [queenMary], updateTime: "16/2/2026 13:00PM" }],
    ["more hospitals than there are", { waitTime: Array.from({ length: 201 }, () => queenMary), updateTime: "16/2/2026 1:00PM" }],
  ])("a report with %s is refused as a whole", async (_name, report) => {
    const { ask } = await startReport(report);
    expect((await ask(query)).errors).toEqual([
      { path: "hospital.emergencyWaiting", message: "The Hospital Authority's feed sent an answer that can't be read." },
    ]);
  });

  test("is asked again by the next request, as a failure is not reused", async () => {
    let isDown = true;
    const feeds = createFeeds({ data: await readFeedData(), nowMs: () => now });
    await feeds.ready();
    const upstream = await startUpstream((request, reply) => (isDown ? reply.writeHead(503).end() : feeds.routing(request, reply)));
    const { ask } = await startOver(upstream);
    expect((await ask(query)).errors).toHaveLength(1);
    isDown = false;
    expect((await ask(query)).data.hospital.emergencyWaiting.urgentMinutes).toBeGreaterThan(0);
  });
});

describe("waiting times", () => {
  test("texts of the feed become minutes, whatever the spelling of the hospital; what it leaves out is null", async () => {
    const busy = "Managing multiple resuscitation cases";
    const { ask } = await startReport({
      waitTime: [
        queenMary,
        {
          hospName: "St John Hospital",
          t1wt: busy,
          t2wt: busy,
          t3p50: "",
          t3p95: "N/A",
          t45p50: "1 hour",
          t45p95: "2.5 hours",
        },
      ],
      updateTime: "6/12/2026 12:05 am",
    });
    const { data, errors } = await ask(
      `{ hospital(name: "Queen Mary Hospital") { ${waiting} } john: hospital(name: "St. John Hospital") { ${waiting} } silent: hospital(name: "Yan Chai Hospital") { ${waiting} } }`,
    );
    expect(errors).toEqual([]);
    const updatedAt = "2026-12-06T00:05:00+08:00";
    expect(data).toEqual({
      hospital: {
        emergencyWaiting: {
          updatedAt,
          isResuscitating: false,
          criticalMinutes: 0,
          emergencyMinutes: 15,
          urgentMinutes: 25,
          urgentMinutesMost: 68,
          otherMinutes: null,
          otherMinutesMost: null,
        },
      },
      john: {
        emergencyWaiting: {
          updatedAt,
          isResuscitating: true,
          criticalMinutes: null,
          emergencyMinutes: null,
          urgentMinutes: null,
          urgentMinutesMost: null,
          otherMinutes: 60,
          otherMinutesMost: 150,
        },
      },
      silent: { emergencyWaiting: null },
    });
  });

  test("every hospital with an accident and emergency department has them, and no other", async () => {
    const { ask, calls } = await startFeed();
    const { data, errors } = await ask(`{ hospitals { name hasEmergency ${waiting} } }`);
    expect(errors).toEqual([]);
    expect(calls).toEqual(["GET /opendata/aed/aedwtdata2-en.json"]);
    const hospitals = data.hospitals as readonly { hasEmergency: boolean; emergencyWaiting: { updatedAt: string } | null }[];
    expect(hospitals).toHaveLength(43);
    expect(hospitals.filter(({ hasEmergency }) => hasEmergency)).toHaveLength(18);
    for (const { hasEmergency, emergencyWaiting } of hospitals) {
      expect(emergencyWaiting?.updatedAt).toBe(hasEmergency ? "2026-11-24T10:30:00+08:00" : undefined);
    }
  });

  test("are asked for once in a request of 1,000 hospitals, reused for five seconds and not longer, and not for others' fields", async () => {
    const { ask, calls, wait } = await startFeed();
    const representations = Array.from({ length: 1000 }, () => ({ __typename: "Hospital", name: "Queen Mary Hospital" }));
    await ask(...entitiesOf("... on Hospital { address { en } district { code } }", representations));
    expect(calls).toEqual([]);
    expect((await ask(...entitiesOf(`... on Hospital { ${waiting} }`, representations))).errors).toEqual([]);
    wait(4999);
    await ask(...entitiesOf(`... on Hospital { ${waiting} }`, representations));
    expect(calls).toHaveLength(1);
    wait(1);
    await ask(...entitiesOf(`... on Hospital { ${waiting} }`, representations));
    expect(calls).toHaveLength(2);
  });
});

describe("hospitals", () => {
  test("are found by name, or not", async () => {
    const { ask } = await startFeed();
    const { data } = await ask(
      '{ one: hospital(name: "Prince of Wales Hospital") { name names { en tc } cluster { en tc } address { en tc } district { code } latitude longitude hasEmergency } none: hospital(name: "__proto__") { name } }',
    );
    expect(data).toEqual({
      one: {
        name: "Prince of Wales Hospital",
        names: { en: "Prince of Wales Hospital", tc: "威爾斯親王醫院" },
        cluster: { en: "New Territories East Cluster", tc: "新界東醫院聯網" },
        address: { en: "30-32 Ngan Shing Street, Shatin, NT", tc: "新界沙田銀城街30-32號" },
        district: { code: "R" },
        latitude: 22.37994,
        longitude: 114.20129,
        hasEmergency: true,
      },
      none: null,
    });
  });

  test("stand in their districts by name, all or those with an accident and emergency department", async () => {
    const { ask } = await startFeed();
    const { data, errors } = await ask(
      ...entitiesOf(
        "... on District { code all: hospitals { name district { code } } emergency: hospitals(emergencyOnly: true) { name } unsaid: hospitals(emergencyOnly: null) { name } }",
        [...codes, "I", null].map((code) => ({ __typename: "District", code })),
      ),
    );
    expect(errors).toEqual([]);
    expect(data._entities.slice(codes.length)).toEqual([null, null]);
    const districts = data._entities.slice(0, codes.length) as readonly {
      code: string;
      all: readonly { name: string; district: { code: string } }[];
      emergency: readonly { name: string }[];
      unsaid: readonly { name: string }[];
    }[];
    expect(districts.flatMap(({ all }) => all)).toHaveLength(43);
    expect(districts.flatMap(({ emergency }) => emergency)).toHaveLength(18);
    for (const { code, all, unsaid } of districts) {
      expect(all.every(({ district }) => district.code === code)).toBe(true);
      expect(unsaid.map(({ name }) => name)).toEqual(all.map(({ name }) => name).toSorted());
    }
    expect(districts[codes.indexOf("R")]?.emergency).toEqual([{ name: "Prince of Wales Hospital" }]);
  });

  const good = ["A", "甲", "R", "East", "東", "1 Street", "一街", true, 22.3, 114.1];

  test.each([
    ["name", 0, ""],
    ["district", 2, "I"],
    ["latitude", 8, 2.2],
    ["mark of an accident and emergency department", 7, "Yes"],
  ])("with a wrong %s are refused with the record's place", async (_name, column, value) => {
    const folder = await makeDirectory("hospitals");
    closing.push(() => removeDirectory(folder));
    const file = join(folder, "hospitals.json");
    await writeFile(file, JSON.stringify([good, good.with(column, value)]));
    await expect(readHospitals(pathToFileURL(file))).rejects.toThrow(`hospitals.json: record 1.${column} `);
    await writeFile(file, JSON.stringify([good, good]));
    await expect(readHospitals(pathToFileURL(file))).rejects.toThrow("two hospitals have one name");
  });
});
