import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { readFeedData } from "../../demo/feeds/data.ts";
import { createFeeds } from "../../demo/feeds/server.ts";
import { createRestSource } from "../../subgraphs/kit/rest.ts";
import { readObservatoryFiles } from "../../subgraphs/observatory/climate.ts";
import { createObservatory } from "../../subgraphs/observatory/department.ts";
import { type Ask, createAsk, entitiesOf, startUpstream, type Upstream, upstreamFaults } from "./ask.ts";

const codes = "ABCDEFGHJKLMNPQRST".split("");
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
    name: "the Observatory's feed",
    baseUrl: upstream.url,
    timeoutMs,
    bodyBytesMax: 256 * 1024,
    retriesMax: 0,
  });
  const department = await createObservatory(source, () => clockMs);
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

/** A feed that answers each report with what is given. */
async function startReports(reports: Readonly<Record<string, unknown>>): Promise<Started> {
  const upstream = await startUpstream((request, reply) => {
    const dataType = new URL(request.url ?? "/", "http://feed").searchParams.get("dataType") ?? "";
    reply.writeHead(200, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(reports[dataType]));
  });
  return startOver(upstream);
}

describe("a feed that goes wrong", () => {
  const query = '{ currentWeather { temperature } dailyClimate(from: "2025-02-28", until: "2025-03-01") { temperatureMax } }';

  test.each(upstreamFaults)("which %s fails the fields that need it and nothing else", async (_name, message, answer) => {
    const { ask } = await startOver(await startUpstream((_request, reply) => answer(reply)), 300);
    const { data, errors } = await ask(query);
    expect(errors).toEqual([{ path: "currentWeather", message: `The Observatory's feed ${message}` }]);
    expect(data).toEqual({ currentWeather: null, dailyClimate: [{ temperatureMax: 25.4 }] });
  });

  test("which nobody serves says so on each field", async () => {
    const upstream = await startUpstream(() => undefined);
    const { ask } = await startOver(upstream);
    await upstream.close();
    closing.length = 0;
    const message = "The Observatory's feed can't be reached.";
    expect((await ask("{ weatherWarnings { code } }")).errors).toEqual([{ path: "weatherWarnings", message }]);
    expect((await ask("{ forecast { date } }")).errors).toEqual([{ path: "forecast", message }]);
    expect(await ask(...entitiesOf("... on District { code rainfall }", [{ __typename: "District", code: "A" }]))).toEqual({
      data: { _entities: [{ code: "A", rainfall: null }] },
      errors: [{ path: "_entities.0.rainfall", message }],
    });
  });

  test("is asked again by the next request, as a failure is not reused", async () => {
    let isDown = true;
    const feeds = createFeeds({ data: await readFeedData(), nowMs: () => now });
    await feeds.ready();
    const upstream = await startUpstream((request, reply) => (isDown ? reply.writeHead(503).end() : feeds.routing(request, reply)));
    const { ask } = await startOver(upstream);
    expect((await ask("{ currentWeather { updatedAt } }")).errors).toHaveLength(1);
    isDown = false;
    expect((await ask("{ currentWeather { updatedAt } }")).data.currentWeather.updatedAt).toBe("2026-11-24T10:02:00+08:00");
  });

  test("a report with a wrong value is refused as a whole", async () => {
    const { ask } = await startReports({
      warnsum: { WHOT: { name: "Very Hot Weather Warning", code: 7, issueTime: "2026-11-24T10:00:00+08:00" } },
    });
    expect((await ask("{ weatherWarnings { code } }")).errors).toEqual([
      { path: "weatherWarnings", message: "The Observatory's feed sent an answer that can't be read." },
    ]);
  });
});

describe("reports", () => {
  test("the current weather, warnings and forecast carry the feed's values", async () => {
    const { ask } = await startFeed();
    const { data, errors } = await ask(`{
      currentWeather { updatedAt temperature humidity uvIndex temperatures { place value unit } }
      weatherWarnings { code name action issuedAt updatedAt }
      forecast(days: 1) { date weather wind temperatureMin temperatureMax humidityMin humidityMax }
    }`);
    expect(errors).toEqual([]);
    expect(data.currentWeather).toMatchObject({ updatedAt: "2026-11-24T10:02:00+08:00", temperature: 29, humidity: 79, uvIndex: 7 });
    expect(data.currentWeather.temperatures).toHaveLength(27);
    expect(data.weatherWarnings[1]).toEqual({
      code: "WRAINA",
      name: "Rainstorm Warning Signal",
      action: "ISSUE",
      issuedAt: "2026-11-24T09:35:00+08:00",
      updatedAt: "2026-11-24T09:35:00+08:00",
    });
    expect(data.forecast).toEqual([
      {
        date: "2026-11-25",
        weather: "Mainly cloudy with a few showers. Squally thunderstorms at first.",
        wind: "East force 4 to 5.",
        temperatureMin: 25,
        temperatureMax: 29,
        humidityMin: 75,
        humidityMax: 95,
      },
    ]);
  });

  test("a cancelled warning is not in force", async () => {
    const warning = { name: "Thunderstorm Warning", code: "WTS", issueTime: "2026-11-24T10:00:00+08:00" };
    const { ask } = await startReports({ warnsum: { WTS: { ...warning, actionCode: "CANCEL" }, WHOT: { ...warning, code: "WHOT" } } });
    expect((await ask("{ weatherWarnings { code action } }")).data.weatherWarnings).toEqual([{ code: "WHOT", action: null }]);
  });

  test("readings that the feed leaves out are null", async () => {
    const { ask } = await startReports({
      rhrread: {
        updateTime: "2026-11-24T22:02:00+08:00",
        uvindex: "",
        temperature: { data: [] },
        humidity: { data: [] },
        rainfall: { data: [] },
      },
    });
    expect((await ask("{ currentWeather { temperature humidity uvIndex temperatures { place } } }")).data.currentWeather).toEqual({
      temperature: null,
      humidity: null,
      uvIndex: null,
      temperatures: [],
    });
  });

  test("the forecast has at most nine days and refuses less than one", async () => {
    const { ask } = await startFeed();
    expect((await ask("{ forecast(days: 20) { date } }")).data.forecast).toHaveLength(9);
    expect((await ask("{ forecast { date } }")).data.forecast).toHaveLength(9);
    expect((await ask("{ forecast(days: 0) { date } }")).errors).toEqual([{ path: "forecast", message: "days must be 1 or more." }]);
  });

  test("each report is asked for once in a request, whatever the number of districts and fields", async () => {
    const { ask, calls } = await startFeed();
    const representations = Array.from({ length: 1000 }, (_, index) => ({ __typename: "District", code: codes[index % 18] }));
    const [entities, variables] = entitiesOf("... on District { rainfall }", representations);
    const fields = "a: currentWeather { updatedAt } b: currentWeather { temperature } weatherWarnings { code } forecast { date } ";
    const { errors } = await ask(entities.replace("_entities", `${fields} _entities`), variables);
    expect(errors).toEqual([]);
    expect(calls.toSorted()).toEqual(
      ["fnd", "rhrread", "warnsum"].map((dataType) => `GET /weatherAPI/opendata/weather.php?dataType=${dataType}&lang=en`),
    );
  });

  test("a report is reused for five seconds and not longer", async () => {
    const { ask, calls, wait } = await startFeed();
    await ask("{ currentWeather { updatedAt } }");
    wait(4999);
    await ask("{ currentWeather { updatedAt } }");
    expect(calls).toHaveLength(1);
    wait(1);
    await ask("{ currentWeather { updatedAt } }");
    expect(calls).toHaveLength(2);
    wait(-60_000);
    await ask("{ currentWeather { updatedAt } }");
    expect(calls).toHaveLength(3);
  });
});

describe("rainfall", () => {
  test("each of the 18 districts has the greatest reading of its place, null under maintenance", async () => {
    const { ask } = await startFeed();
    const { data, errors } = await ask(
      ...entitiesOf(
        "... on District { code rainfall }",
        codes.map((code) => ({ __typename: "District", code })),
      ),
    );
    expect(errors).toEqual([]);
    const rain = new Map<string, number | null>(
      data._entities.map((each: { code: string; rainfall: number | null }) => [each.code, each.rainfall]),
    );
    expect([...rain.keys()]).toEqual(codes);
    expect([rain.get("R"), rain.get("A"), rain.get("S"), rain.get("K")]).toEqual([12, 0, 3, null]);
    expect([...rain.values()].filter((value) => value === null)).toHaveLength(1);
  });

  test.each([{ max: "M", main: "FALSE" }, { main: "FALSE" }, { max: 4, main: "TRUE" }])(
    "a station that reports %j reads null",
    async (entry) => {
      const rainfall = { data: [{ unit: "mm", place: "Sha Tin", ...entry }] };
      const { ask } = await startReports({
        rhrread: { updateTime: "2026-11-24T10:02:00+08:00", uvindex: "", temperature: { data: [] }, humidity: { data: [] }, rainfall },
      });
      expect(await ask(...entitiesOf("... on District { rainfall }", [{ __typename: "District", code: "R" }]))).toEqual({
        data: { _entities: [{ rainfall: null }] },
        errors: [],
      });
    },
  );

  test("a code that is no district is null", async () => {
    const { ask, calls } = await startFeed();
    expect((await ask(...entitiesOf("... on District { rainfall }", [{ __typename: "District", code: "I" }]))).data._entities).toEqual([
      null,
    ]);
    expect(calls).toEqual([]);
  });

  test("the places of the file are those that the feed's report names", async () => {
    const [{ placeOf }, { current }] = await Promise.all([readObservatoryFiles(), readFeedData()]);
    expect([...placeOf.keys()].toSorted()).toEqual(codes);
    expect([...placeOf.values()].toSorted()).toEqual(current.rainfall.data.map(({ place }) => place).toSorted());
  });
});

describe("daily climate", () => {
  test.each([
    ["2024-01-01", "2025-01-02", "The period must not be longer than 366 days."],
    ["2024-01-02", "2024-01-01", "until must not be before from."],
  ])("from %s until %s is refused with what to change", async (from, until, message) => {
    const { ask } = await startFeed();
    const { errors } = await ask("query ($from: Date!, $until: Date!) { dailyClimate(from: $from, until: $until) { date } }", {
      from,
      until,
    });
    expect(errors).toEqual([{ path: "dailyClimate", message }]);
  });

  test("a day that does not exist is refused", async () => {
    const { ask } = await startFeed();
    const { errors } = await ask('{ dailyClimate(from: "2023-02-29", until: "2023-03-01") { date } }');
    expect(errors[0]?.message).toContain("Date must be a day such as 2026-04-01.");
  });

  test("a year has all its days, the last one excluded, and a period without records is empty", async () => {
    const { ask, calls } = await startFeed();
    const { data } = await ask(`{
      year: dailyClimate(from: "2024-01-01", until: "2025-01-01") { date }
      day: dailyClimate(from: "2025-02-28", until: "2025-03-01") { date temperatureMean temperatureMax temperatureMin rainfall humidityMean }
      none: dailyClimate(from: "2025-03-01", until: "2025-03-01") { date }
      future: dailyClimate(from: "2030-01-01", until: "2030-02-01") { date }
    }`);
    expect(data.year).toHaveLength(366);
    expect(data.year.at(-1)).toEqual({ date: "2024-12-31" });
    expect(data.day).toEqual([
      { date: "2025-02-28", temperatureMean: 21.3, temperatureMax: 25.4, temperatureMin: 18.1, rainfall: 0, humidityMean: 77 },
    ]);
    expect([data.none, data.future]).toEqual([[], []]);
    expect(calls).toEqual([]);
  });

  test.each([
    ["2020-01-02,", "2020-01-01,", /^climate.csv:\d+: the date 2020-01-01 does not come after 2020-01-01.$/],
    ["2020-02-29,", "2020-02-30,", /^climate.csv:\d+: date "2020-02-30" must be a date.$/],
    ["2015-03-01,18.9", "2015-03-01,warm", 'climate.csv:2: mean_c "warm" must be a number or empty.'],
  ])("a file with %j changed to %j is refused by file and line", async (right, wrong, message) => {
    const folder = await mkdtemp(join(tmpdir(), "observatory-"));
    closing.push(() => rm(folder, { recursive: true }));
    for (const file of ["climate.csv", "places.csv"]) {
      const text = await readFile(new URL(`../../subgraphs/observatory/data/${file}`, import.meta.url), "utf8");
      await writeFile(join(folder, file), text.replace(right, wrong));
    }
    await expect(readObservatoryFiles(pathToFileURL(`${folder}/`))).rejects.toThrow(message);
  });
});
