import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEnvironment } from "../../subgraphs/environment/department.ts";
import { readHours } from "../../subgraphs/environment/hours.ts";
import { readStations } from "../../subgraphs/environment/stations.ts";
import type { Department } from "../../subgraphs/kit/department.ts";
import { createSilentLog } from "../../subgraphs/kit/log.ts";
import { readSubgraphSettings } from "../../subgraphs/kit/settings.ts";
import { makeDirectory, removeDirectory } from "../services/process.ts";
import { type Ask, createAsk, entitiesOf } from "./ask.ts";

const codes = Array.from("ABCDEFGHJKLMNPQRST");
const files = fileURLToPath(new URL("../../subgraphs/environment/data/", import.meta.url));

describe("the files", () => {
  /** A copy of the files with one change. */
  async function changed(file: string, right: string, wrong: string): Promise<{ readonly url: URL; readonly remove: () => Promise<void> }> {
    const folder = await makeDirectory("environment");
    await cp(files, folder, { recursive: true });
    const text = await readFile(join(folder, file), "utf8");
    expect(text).toContain(right);
    await writeFile(join(folder, file), text.replace(right, wrong));
    return { url: pathToFileURL(`${folder}/`), remove: () => removeDirectory(folder) };
  }

  test.each([
    ["2025-01-01,1,", "2025-01-01,0,", /^hours.csv:3: the hour 2025-01-01T00:00:00\+08:00 does not come after the one before.$/],
    ["2025-02-28,0,", "2025-02-30,0,", /^hours.csv:\d+: date "2025-02-30" must be a date.$/],
    ["2025-01-01,0,", "2025-01-01,24,", 'hours.csv:2: hour "24" must be an hour from 0 to 23.'],
    ["2025-01-01,0,5,", "2025-01-01,0,12,", 'hours.csv:2: causeway-bay "12" must be empty or 1 to 11, with a star when estimated.'],
    ["2025-01-01,0,5,", "2025-01-01,0,*,", 'hours.csv:2: causeway-bay "*" must be empty'],
    ["causeway-bay,central,", "central,causeway-bay,", 'hours.csv:1: the header must be "date,hour,causeway-bay,central,'],
  ])("with %j changed to %j are refused by file and line", async (right, wrong, message) => {
    const { url, remove } = await changed("hours.csv", right, wrong);
    const ids = (await readStations()).all.map(({ id }) => id);
    await expect(readHours(ids, url)).rejects.toThrow(message);
    await remove();
  });

  test.each([
    ['"ROADSIDE", "B"', '"RURAL", "B"', "stations.json: record 0.3 "],
    ['"ROADSIDE", "B"', '"ROADSIDE", "I"', "stations.json: record 0.4 "],
    ["22.28013", "2.28", "stations.json: record 0.7 "],
    ['["central"', '["causeway-bay"', "stations.json: two stations have one identifier."],
  ])("with a station's %s changed to %s are refused by the record", async (right, wrong, message) => {
    const { url, remove } = await changed("stations.json", right, wrong);
    await expect(readStations(url)).rejects.toThrow(message);
    await remove();
  });

  test("have every hour of five months at 18 stations, and few that no station answers for", async () => {
    const { all } = await readStations();
    const hours = await readHours(all.map(({ id }) => id));
    expect([all.length, hours.length]).toEqual([18, 151 * 24]);
    const readings = hours.flatMap((hour) => [...hour.readings.values()]);
    expect(readings).toHaveLength(18 * 151 * 24);
    expect(readings.filter(({ index }) => index === null)).toHaveLength(49);
    expect(readings.filter(({ isEstimated }) => isEstimated)).toHaveLength(1_519);
    expect(readings.filter(({ index }) => index === 11)).toHaveLength(47);
  });
});

describe("environment", () => {
  let department: Department;
  let ask: Ask;

  beforeAll(async () => {
    const settings = readSubgraphSettings({ HUB_KEYS_FILE: "keys.json" });
    department = await openEnvironment({ settings, nowMs: () => 0, log: createSilentLog(), say: () => undefined });
    ask = await createAsk(department);
  });
  afterAll(() => department?.close());

  test.each([
    ["2025-01-01", "2025-02-02", "The period must not be longer than 31 days."],
    ["2025-01-02", "2025-01-01", "until must not be before from."],
  ])("the hours from %s until %s are refused with what to change", async (from, until, message) => {
    const { errors } = await ask(
      'query ($from: Date!, $until: Date!) { aqhiStation(id: "central") { hours(from: $from, until: $until) { begins } } }',
      { from, until },
    );
    expect(errors).toEqual([{ path: "aqhiStation.hours", message }]);
  });

  test("a period has its hours in order, the last day excluded, and one without records is empty", async () => {
    const { data, errors } = await ask(`{ aqhiStation(id: "tuen-mun") {
      month: hours(from: "2025-01-01", until: "2025-02-01") { begins }
      day: hours(from: "2025-05-31", until: "2025-06-01") { begins index risk isEstimated }
      none: hours(from: "2025-01-01", until: "2025-01-01") { begins }
      later: hours(from: "2030-01-01", until: "2030-02-01") { begins }
    } }`);
    expect(errors).toEqual([]);
    const { month, day, none, later } = data.aqhiStation;
    expect([month.length, day.length, none, later]).toEqual([744, 24, [], []]);
    expect(month[0]).toEqual({ begins: "2025-01-01T00:00:00+08:00" });
    expect(month.at(-1)).toEqual({ begins: "2025-01-31T23:00:00+08:00" });
    expect(day.at(-1)).toEqual({ begins: "2025-05-31T23:00:00+08:00", index: 4, risk: "MODERATE", isEstimated: false });
  });

  test("every index has its risk, an estimated one its mark, and one that isn't available neither", async () => {
    const periods = ["01", "02", "03", "04", "05"].map((month, index) => {
      const until = `2025-${String(index + 2).padStart(2, "0")}-01`;
      return `m${month}: hours(from: "2025-${month}-01", until: "${until}") { index risk isEstimated }`;
    });
    const { data } = await ask(`{ aqhiStations { ${periods.join(" ")} } }`);
    const hours = (data.aqhiStations as readonly Record<string, readonly object[]>[]).flatMap((station) => Object.values(station).flat());
    const seen = new Set(hours.map((hour) => JSON.stringify(hour)));
    const risks = ["LOW", "LOW", "LOW", "MODERATE", "MODERATE", "MODERATE", "HIGH", "VERY_HIGH", "VERY_HIGH", "VERY_HIGH", "SERIOUS"];
    const certain = risks.map((risk, index) => ({ index: index + 1, risk, isEstimated: false }));
    const estimated = certain.slice(0, 9).map((hour) => ({ ...hour, isEstimated: true }));
    const all = [...certain, ...estimated, { index: null, risk: null, isEstimated: false }];
    expect([...seen].toSorted()).toEqual(all.map((hour) => JSON.stringify(hour)).toSorted());
  });

  test("stations are found by their identifier, or not, and say their last hour", async () => {
    const { data } = await ask(
      '{ one: aqhiStation(id: "sha-tin") { id name { en tc } kind address { en tc } district { code } latitude longitude lastHour { begins index risk } } none: aqhiStation(id: "__proto__") { id } }',
    );
    expect(data).toEqual({
      one: {
        id: "sha-tin",
        name: { en: "Sha Tin", tc: "沙田" },
        kind: "GENERAL",
        address: {
          en: "Sha Tin Government Secondary School, 11-17 Man Lai Road, Sha Tin, New Territories",
          tc: "新界沙田文禮路11-17號沙田官立中學",
        },
        district: { code: "R" },
        latitude: 22.37628,
        longitude: 114.18453,
        lastHour: { begins: "2025-05-31T23:00:00+08:00", index: 4, risk: "MODERATE" },
      },
      none: null,
    });
  });

  test("districts have their stations by identifier, and 1,000 stations are answered as entities", async () => {
    const { data, errors } = await ask(
      ...entitiesOf(
        "... on District { code aqhiStations { id kind district { code } } }",
        [...codes, "I", null].map((code) => ({ __typename: "District", code })),
      ),
    );
    expect(errors).toEqual([]);
    const districts = data._entities as readonly ({
      code: string;
      aqhiStations: readonly { id: string; district: { code: string } }[];
    } | null)[];
    expect(districts.slice(codes.length)).toEqual([null, null]);
    expect(districts.flatMap((district) => district?.aqhiStations ?? [])).toHaveLength(18);
    for (const found of districts) expect(found?.aqhiStations.filter(({ district }) => district.code !== found.code) ?? []).toEqual([]);
    expect(districts[0]?.aqhiStations).toMatchObject([
      { id: "central", kind: "ROADSIDE" },
      { id: "central-western", kind: "GENERAL" },
    ]);
    expect(districts.flatMap((district) => (district?.aqhiStations.length === 0 ? [district.code] : []))).toEqual(["G", "H"]);
    const representations = Array.from({ length: 1000 }, (_, index) => ({
      __typename: "AqhiStation",
      id: index % 2 === 0 ? "tap-mun" : "none",
    }));
    const answer = await ask(...entitiesOf("... on AqhiStation { id lastHour { isEstimated } }", representations));
    expect(answer.data._entities.slice(0, 2)).toEqual([{ id: "tap-mun", lastHour: { isEstimated: false } }, null]);
  });
});
