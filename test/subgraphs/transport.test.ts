import type { ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readFeedData } from "../../demo/feeds/data.ts";
import { createFeeds } from "../../demo/feeds/server.ts";
import { personsOf } from "../../subgraphs/kit/population/persons.ts";
import { type VehicleRecord, vehiclesOf } from "../../subgraphs/kit/population/vehicles.ts";
import { readCarParks } from "../../subgraphs/transport/carparks.ts";
import { openTransport } from "../../subgraphs/transport/department.ts";
import { type Ask, createAsk, entitiesOf, startUpstream, type Upstream, upstreamFaults } from "./ask.ts";
import { embeddedTimeoutMs, type Opened, openDepartment, placeKinds, startServerPlace, type TestPlace } from "./places.ts";

const population = { seed: 1, count: 3_000 };
const vehicles = [...vehiclesOf(population)];
const refs = [...personsOf(population)].map(({ ref }) => ref);
const nowMs = Date.parse("2026-11-24T12:00:00+08:00");
const day = "2026-11-24";

const ownedBy = (ref: string): VehicleRecord[] =>
  vehicles.filter(({ ownerRef }) => ownerRef === ref).sort((left, right) => (left.mark < right.mark ? -1 : 1));

describe.each(placeKinds)("transport on %s", { timeout: embeddedTimeoutMs }, (_name, startPlace) => {
  let place: TestPlace;
  let opened: Opened;
  let ask: Ask;

  beforeAll(async () => {
    place = await startPlace();
    opened = await openDepartment(openTransport, { ...(await place.newSettings()), POPULATION: "3000" }, { nowMs: () => nowMs });
    ask = await createAsk(opened.department);
  });
  afterAll(async () => {
    await opened.department.close();
    await place.stop();
  });

  test("answers the vehicles of 1,000 persons in one statement", async () => {
    opened.takeStatements();
    const asked = refs.slice(0, 1_000);
    const fields =
      "... on Person { ref vehicles { mark class make licenceExpiry owner { ref } } licensed: vehicles(licensedOnly: true) { mark } }";
    const { data, errors } = await ask(
      ...entitiesOf(
        fields,
        asked.map((ref) => ({ __typename: "Person", ref })),
      ),
    );
    expect(errors).toEqual([]);
    expect(opened.takeStatements()).toEqual([`select * from "transport"."vehicles" where "owner_ref" = any($1) order by "mark"`]);
    expect(data._entities).toEqual(
      asked.map((ref) => ({
        ref,
        vehicles: ownedBy(ref).map(({ mark, class: kind, make, licenceExpiry }) => ({
          mark,
          class: kind,
          make,
          licenceExpiry,
          owner: { ref },
        })),
        licensed: ownedBy(ref)
          .filter(({ licenceExpiry }) => licenceExpiry >= day)
          .map(({ mark }) => ({ mark })),
      })),
    );
    const expired = asked.flatMap(ownedBy).filter(({ licenceExpiry }) => licenceExpiry < day);
    expect(expired.length).toBeGreaterThan(0);
  });

  test("answers vehicles by their marks in one statement, and looks only for marks that could be one", async () => {
    opened.takeStatements();
    const known = vehicles.slice(0, 200).map(({ mark }) => mark);
    const marks = [...known, "ZZ1", "IO12", "AA0", "AA01", "aa1", "", 7, null];
    const { data, errors } = await ask(
      ...entitiesOf(
        "... on Vehicle { mark valueBand }",
        marks.map((mark) => ({ __typename: "Vehicle", mark })),
      ),
    );
    expect(errors).toEqual([]);
    expect(opened.takeStatements()).toHaveLength(1);
    expect(data._entities.map((vehicle: { readonly mark: string } | null) => vehicle?.mark ?? null)).toEqual([
      ...known,
      ...marks.slice(200).map(() => null),
    ]);
    const bands: readonly (readonly [string, number])[] = [
      ["UNDER_50K", 5_000_000],
      ["FROM_50K_TO_100K", 10_000_000],
      ["FROM_100K_TO_250K", 25_000_000],
      ["FROM_250K_TO_500K", 50_000_000],
      ["OVER_500K", Number.POSITIVE_INFINITY],
    ];
    const expected = vehicles.slice(0, 200).map(({ valueCents }) => bands.find(([, below]) => valueCents < below)?.[0]);
    expect(data._entities.slice(0, 200).map(({ valueBand }: { readonly valueBand: string }) => valueBand)).toEqual(expected);
    expect(new Set(expected).size).toBe(5);
  });

  test("counts a licence as valid on its last day in Hong Kong, and no longer", async () => {
    const { mark, ownerRef, licenceExpiry } = vehicles.find((vehicle) => ownedBy(vehicle.ownerRef).length === 1) ?? expect.unreachable();
    const lastMomentMs = Date.parse(`${licenceExpiry}T23:59:59+08:00`);
    const marksAt = async (atMs: number): Promise<unknown> => {
      const settings = await place.newSettings();
      const other = await openDepartment(openTransport, { ...settings, POPULATION: "3000" }, { nowMs: () => atMs });
      const { data } = await (await createAsk(other.department))(
        ...entitiesOf("... on Person { vehicles(licensedOnly: true) { mark } }", [{ __typename: "Person", ref: ownerRef }]),
      );
      await other.department.close();
      return data._entities[0].vehicles;
    };
    expect(await marksAt(lastMomentMs)).toEqual([{ mark }]);
    expect(await marksAt(lastMomentMs + 1_000)).toEqual([]);
  });
});

describe("car parks", () => {
  let place: TestPlace;
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    place = await startServerPlace();
  });
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((close) => close()));
  });
  afterAll(() => place.stop());

  async function start(feed?: Upstream): Promise<Ask> {
    const settings = { ...(await place.newSettings()), POPULATION: "100", CARPARK_URL: feed?.url ?? "http://127.0.0.1:9" };
    const { department } = await openDepartment(openTransport, settings, { nowMs: () => nowMs });
    closing.push(async () => {
      await department.close();
      await feed?.close();
    });
    return await createAsk(department);
  }

  const startFeed = (answer: (reply: ServerResponse) => void): Promise<Upstream> => startUpstream((_request, reply) => answer(reply));

  test("of a district or of all are given up to the number asked for", async () => {
    const ask = await start();
    const { data, errors } = await ask(
      '{ a: carParks(district: "A") { district { code } } all: carParks(first: 200) { id } few: carParks { id } none: carParks(first: 0) { id } }',
    );
    expect(errors).toEqual([]);
    expect(data.a).toEqual(Array.from({ length: 10 }, () => ({ district: { code: "A" } })));
    expect([data.all.length, data.few.length, data.none.length]).toEqual([200, 50, 0]);
    const districts = await ask(
      ...entitiesOf(
        "... on District { carParks { id } }",
        ["J", "I", 1].map((code) => ({ __typename: "District", code })),
      ),
    );
    expect(districts.data._entities.map((district: { readonly carParks: unknown[] } | null) => district?.carParks.length)).toEqual([
      20,
      undefined,
      undefined,
    ]);
  });

  test.each([
    ["carParks(first: 201) { id }", "`first` must be 0 to 200."],
    ["carParks(first: -1) { id }", "`first` must be 0 to 200."],
    ['carParks(district: "I") { id }', "There is no district with this code."],
  ])("are refused for %s", async (field, message) => {
    const { errors } = await (await start())(`{ ${field} }`);
    expect(errors.map((error) => error.message)).toEqual([message]);
  });

  test("have their published facts", async () => {
    const { data } = await (await start())(
      '{ carPark(id: "tdc6p11") { id name { en tc } address { en tc } district { code } latitude longitude heightLimit } none: carPark(id: "x") { id } }',
    );
    expect(data).toEqual({
      carPark: {
        id: "tdc6p11",
        name: { en: "Cheung Shan Estate Carpark", tc: "象山邨停車場" },
        address: { en: "Cheung Shan Estate Road West, Tsuen Wan, N.T.", tc: "新界荃灣象山邨西路" },
        district: { code: "K" },
        latitude: 22.378225,
        longitude: 114.129819,
        heightLimit: 1.7,
      },
      none: null,
    });
  });

  test("get the vacancy of all that are asked for in one call of the demonstration's feed", async () => {
    const feeds = createFeeds({ data: await readFeedData(), nowMs: () => nowMs });
    await feeds.ready();
    const feed = await startUpstream((request, reply) => feeds.routing(request, reply));
    const ask = await start(feed);
    const ids = (await readCarParks()).all.map(({ id }) => id);
    const { data, errors } = await ask(
      ...entitiesOf(
        "... on CarPark { id vacancy { vehicleType spaces updatedAt } }",
        ids.map((id) => ({ __typename: "CarPark", id })),
      ),
    );
    expect(errors).toEqual([]);
    expect(feed.calls).toHaveLength(1);
    const reporting = data._entities.filter(({ vacancy }: { readonly vacancy: unknown }) => vacancy !== null);
    expect(reporting.length).toBeGreaterThan(400);
    expect(reporting.length).toBeLessThan(ids.length);
    expect(reporting[0].vacancy[0]).toEqual({
      vehicleType: "privateCar",
      spaces: expect.any(Number),
      updatedAt: "2026-11-24T12:00:00+08:00",
    });
  });

  test("leave out closed ones, mere flags and numbers that the operator doesn't send", async () => {
    const entry = { vacancy_type: "A", vacancy: 5, vacancyEV: 1, lastupdate: "2018-10-02 11:06:21" };
    const results = [
      {
        park_Id: "tdc102p1",
        privateCar: [entry],
        LGV: [{ ...entry, vacancy: -1 }],
        coach: [{ ...entry, vacancy_type: "B" }],
        hovercraft: [entry],
      },
      { park_Id: "tdc103p1", privateCar: [{ vacancy_type: "C", lastupdate: "2018-10-02 11:06:21" }] },
      { park_Id: "unasked", privateCar: [entry] },
    ];
    const feed = await startFeed((reply) => reply.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ results })));
    const { data } = await (await start(feed))(
      '{ one: carPark(id: "tdc102p1") { vacancy { vehicleType spaces updatedAt } } two: carPark(id: "tdc103p1") { vacancy { spaces } } }',
    );
    expect(data).toEqual({
      one: { vacancy: [{ vehicleType: "privateCar", spaces: 5, updatedAt: "2018-10-02T11:06:21+08:00" }] },
      two: { vacancy: null },
    });
    expect(feed.calls).toEqual(["GET /v1/carpark-vacancy?ids=tdc102p1%2Ctdc103p1"]);
  });

  test.each(upstreamFaults)("have no vacancy but all else, with an error, when the feed %s", async (_name, message, answer) => {
    const { data, errors } = await (await start(await startFeed(answer)))('{ carPark(id: "tdc6p11") { id vacancy { spaces } } }');
    expect(data).toEqual({ carPark: { id: "tdc6p11", vacancy: null } });
    expect(errors).toEqual([{ path: "carPark.vacancy", message: `The car-park vacancy feed ${message}` }]);
  });
});
