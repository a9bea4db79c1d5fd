import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ANCHOR_APPLICATION, ANCHOR_COMPANY } from "../../subgraphs/kit/population/anchors.ts";
import { applicationsOf } from "../../subgraphs/kit/population/applications.ts";
import type { Answer } from "./ask.ts";
import { readMatchedAgreements } from "./matching.ts";
import { startWorld, type World } from "./world.ts";

/** Enough people for more than 100 applications. */
const population = { seed: 1, count: 2_000 };

let world: World;

beforeAll(async () => {
  world = await startWorld({ population, policies: await readMatchedAgreements() });
});
afterAll(() => world?.close());
beforeEach(() => world.clearCounts());

const demo = new URL("../../demo/operations/", import.meta.url);
const read = (name: string): Promise<string> => readFile(new URL(name, demo), "utf8");

/** The least that eligibility costs: housing, then four departments that need only the reference, then revenue, which needs the Land Registry's word. */
const least = {
  calls: ["companies", "housing", "immigration", "lands", "revenue", "transport"],
  // Officers and their companies, applications, persons, vehicles and incomes; the Land Registry has a REST service instead.
  statements: ["companies", "companies", "housing", "immigration", "revenue", "transport"],
  rest: ["POST /v1/owners/domestic"],
};

function counted(): Record<keyof typeof least, string[]> {
  const { calls, statements, rest } = world.counts;
  return { calls: calls.toSorted(), statements: statements.toSorted(), rest: rest.toSorted() };
}

const numbers = [...applicationsOf(population)].map(({ number }) => number);

/** Case 1 for a list of applications. */
async function eligibilityOfMany(): Promise<string> {
  const text = await read("case1.graphql");
  return text.replace("$number: ID!", "$numbers: [ID!]!").replace("prhApplication(number: $number)", "prhApplications(numbers: $numbers)");
}

describe("eligibility for public rental housing", () => {
  test("asks each of six departments once, with one statement for each of their tables or one REST call", async () => {
    const { status, data, errors } = await world.ask({ operation: await read("case1.graphql"), variables: { number: ANCHOR_APPLICATION } });
    const company = { ubi: ANCHOR_COMPANY, name: { en: "Harbour Lantern Kitchen Limited", tc: "海燈小廚有限公司" }, status: "LIVE" };
    const member = { vehicles: [{ mark: "*A1" }], directorships: [{ role: "DIRECTOR", company }] };
    expect(status).toBe(200);
    expect(data).toMatchObject({ prhApplication: { number: ANCHOR_APPLICATION, members: [member, {}, {}, {}] } });
    expect(errors.map(({ path, extensions }) => [path?.join("."), extensions.code])).toEqual([
      ["prhApplication.members.@.income", "UNAUTHORIZED_FIELD_OR_TYPE"],
    ]);
    expect(counted()).toEqual(least);
  });

  test("costs the same for 1,000 numbers of more than 100 applications", async () => {
    const asked = Array.from({ length: 1_000 }, (_, index) => numbers[index % numbers.length]);
    const { data } = await world.ask({ operation: await eligibilityOfMany(), variables: { numbers: asked } });
    const { prhApplications } = data as { readonly prhApplications: readonly { readonly number: string }[] };
    expect(numbers.length).toBeGreaterThan(100);
    expect(prhApplications.map(({ number }) => number)).toEqual(asked);
    expect(counted()).toEqual(least);
  });

  test("asks housing first, then companies, immigration, lands and transport at the same time, and revenue last", async () => {
    const together = new Set(["companies", "immigration", "lands", "transport"]);
    const waiting = new Set<string>();
    const all = Promise.withResolvers<void>();
    // Each of the four is answered only when all four are asked, so one after the other would never end.
    world.hold = async (department) => {
      if (!together.has(department)) return;
      waiting.add(department);
      if (waiting.size === together.size) all.resolve();
      await all.promise;
    };
    try {
      const { errors } = await world.ask({ operation: await read("case1.graphql"), variables: { number: ANCHOR_APPLICATION } });
      expect(errors).toHaveLength(1);
    } finally {
      all.resolve();
      world.hold = undefined;
    }
    expect([world.counts.calls[0], world.counts.calls[5]]).toEqual(["housing", "revenue"]);
    expect(counted()).toEqual(least);
  });

  test("asks nobody for what is withheld", async () => {
    await world.ask({
      operation: "query ($n: ID!) { prhApplication(number: $n) { number members { income hkid } } }",
      variables: { n: ANCHOR_APPLICATION },
    });
    expect(counted()).toEqual({ calls: ["housing"], statements: ["housing"], rest: [] });
  });

  test("asks housing alone when there is no such application", async () => {
    const { data } = await world.ask({ operation: await read("case1.graphql"), variables: { number: "HD-PRH-9999999" } });
    expect(data).toEqual({ prhApplication: null });
    expect(counted()).toEqual({ calls: ["housing"], statements: ["housing"], rest: [] });
  });

  test("is asked anew each time, as its data is not open", async () => {
    for (let time = 0; time < 2; time += 1) {
      const { headers } = await world.ask({ operation: await read("case1.graphql"), variables: { number: ANCHOR_APPLICATION } });
      expect(headers.get("cache-status")).toBe("crossharbour; fwd=bypass");
    }
    expect(counted().calls).toEqual(least.calls.flatMap((name) => [name, name]));
  });
});

describe("a company of the public register", () => {
  async function callsOfTwo(fields: string): Promise<readonly string[]> {
    const operation = `query ($ubi: ID!) { company(ubi: $ubi) { officers { name { en } role ${fields} } } }`;
    const question = { client: "food-licensing", purpose: "company-licence", caseReference: "FE-LIC-0000123", operation };
    for (let time = 0; time < 2; time += 1) {
      const { data } = await world.ask({ ...question, variables: { ubi: ANCHOR_COMPANY } });
      expect(data).toMatchObject({ company: { officers: [{ role: "DIRECTOR" }] } });
    }
    return world.counts.calls;
  }

  test("is asked for anew while something personal of its officers is asked for with it", async () => {
    expect(await callsOfTwo("identification")).toEqual(["companies", "companies"]);
  });

  test("is kept otherwise", async () => {
    expect(await callsOfTwo("since")).toEqual(["companies"]);
  });
});

describe("the profile of a district", () => {
  const profile = async (code = "R"): Promise<Answer> =>
    world.ask({ client: "stats-analyst", operation: await read("case7.graphql"), variables: { code } });

  test("is served from the cache the second time, without a call of any department", async () => {
    const first = await profile();
    expect(first.errors).toEqual([]);
    expect(first.headers.get("cache-status")).toBe("crossharbour; fwd=miss; detail=absent");
    const owners = ["census", "education", "environment", "health", "housing", "observatory", "transport"];
    expect([...new Set(world.counts.calls)].toSorted()).toEqual(owners);
    world.clearCounts();
    world.forward(7_000);
    const second = await profile();
    expect(second.data).toEqual(first.data);
    expect(second.headers.get("cache-status")).toMatch(/^crossharbour; hit; ttl=\d+$/);
    expect(second.headers.get("age")).toBe("7");
    expect(counted()).toEqual({ calls: [], statements: [], rest: [] });
  });

  test("joins on the district what seven departments say of it", async () => {
    const { data, errors } = await profile();
    expect(errors).toEqual([]);
    expect(data).toMatchObject({
      district: {
        name: { en: "Sha Tin" },
        population: 687_300,
        rentalFlats: 77_800,
        schoolCount: 194,
        secondarySchools: 59,
        schools: [{}, {}, {}, {}, {}],
        hospitals: [
          { name: "Bradbury Hospice", hasEmergency: false, emergencyWaiting: null },
          { name: "Cheshire Home, Shatin", hasEmergency: false, emergencyWaiting: null },
          { name: "Prince of Wales Hospital", hasEmergency: true, emergencyWaiting: { urgentMinutes: expect.any(Number) } },
          { name: "Shatin Hospital", hasEmergency: false, emergencyWaiting: null },
        ],
        aqhiStations: [{ id: "sha-tin", kind: "GENERAL", lastHour: { index: 4, risk: "MODERATE" } }],
        rainfall: 12,
      },
      currentWeather: { temperature: 29 },
    });
  });

  const joined = {
    education: ["schoolCount", "kindergartens", "primarySchools", "secondarySchools", "schools"],
    environment: ["aqhiStations"],
    health: ["hospitals"],
    housing: ["rentalFlats", "estates"],
    observatory: ["rainfall"],
    transport: ["carParks"],
  };

  test.each(Object.entries(joined))("leaves out of it what %s says and nothing else while that is down", async (name, fields) => {
    await world.stop(name);
    try {
      // Another district for each, so that nothing of it is kept.
      const { data, errors } = await profile("CDEFGH"[Object.keys(joined).indexOf(name)]);
      const { district } = data as { readonly district: Record<string, unknown> };
      expect(Object.keys(district).filter((field) => district[field] === null)).toEqual(fields);
      const downs = errors.filter(({ path }) => path?.[0] === "district");
      expect(downs.map(({ extensions }) => [extensions.code, extensions["department"]])).toEqual([["SUBGRAPH_UNAVAILABLE", name]]);
    } finally {
      await world.restart(name);
    }
  });

  test("asks each department again when what it kept is too old", async () => {
    await profile("A");
    world.clearCounts();
    world.forward(30_000);
    const { headers } = await profile("A");
    expect(headers.get("cache-status")).toMatch(/^crossharbour; fwd=partial; detail="\d+ of \d+"$/);
    // Vacancies are kept for 30 seconds, the rest for longer.
    expect(counted().calls).toEqual(["transport"]);
  });

  test("serves what one bureau asked to another, as the data is open to both", async () => {
    await profile("B");
    world.clearCounts();
    const { headers, errors } = await world.ask({ operation: await read("case7.graphql"), variables: { code: "B" } });
    expect(errors).toEqual([]);
    expect(headers.get("cache-status")).toMatch(/^crossharbour; hit; ttl=\d+$/);
    expect(counted().calls).toEqual([]);
  });
});
