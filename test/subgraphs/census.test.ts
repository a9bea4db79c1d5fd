import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CensusData, foldSpelling, readCensusData } from "../../subgraphs/census/data.ts";
import { createCensusResolvers } from "../../subgraphs/census/resolvers.ts";
import { type Ask, createAsk, entitiesOf } from "./ask.ts";

const files = new URL("../../subgraphs/census/data/", import.meta.url);
const codes = "ABCDEFGHJKLMNPQRST".split("");

let data: CensusData;
let ask: Ask;

beforeAll(async () => {
  data = await readCensusData();
  ask = await createAsk({
    name: "census",
    resolvers: createCensusResolvers(data),
    createContext: () => ({}),
    close: () => Promise.resolve(),
  });
});

describe("districts", () => {
  test("an unknown code is null, not an error", async () => {
    expect(
      await ask('{ i: district(code: "I") { code } empty: district(code: "") { code } proto: district(code: "__proto__") { code } }'),
    ).toEqual({
      data: { i: null, empty: null, proto: null },
      errors: [],
    });
  });

  test("all 18 come in the order of their codes, with names and region", async () => {
    const { data: answer } = await ask("{ districts { code name { en tc } region { en tc } } }");
    expect(answer.districts.map(({ code }: { code: string }) => code)).toEqual(codes);
    expect(answer.districts[15]).toEqual({
      code: "R",
      name: { en: "Sha Tin", tc: "沙田區" },
      region: { en: "New Territories East", tc: "新界東" },
    });
  });

  test("1,000 representations are answered in their order, null for those that don't exist", async () => {
    const asked = Array.from({ length: 1000 }, (_, index) => (index % 10 === 0 ? "I" : (codes[index % 18] ?? "")));
    const { data: answer, errors } = await ask(
      ...entitiesOf(
        "... on District { code population medianHouseholdIncome }",
        asked.map((code) => ({ __typename: "District", code })),
      ),
    );
    expect(errors).toEqual([]);
    expect(answer._entities.map((district: { code: string } | null) => district?.code ?? "I")).toEqual(asked);
    expect(answer._entities[0]).toBeNull();
  });

  test("every field resolves from the code alone, as another department names a district", async () => {
    const { District } = createCensusResolvers(data);
    expect(District.name({ code: "A" })).toEqual({ en: "Central and Western", tc: "中西區" });
    expect(District.population({ code: "A" }, { year: 2018 })).toBe(242_500);
    expect(() => District.name({ code: "Z" })).toThrow("There is no district with this code.");
  });
});

describe("figures", () => {
  test("a year that is not on record is null", async () => {
    const { data: answer, errors } = await ask('{ district(code: "T") { population(year: 1999) medianHouseholdIncome(year: 3000) } }');
    expect([answer.district, errors]).toEqual([{ population: null, medianHouseholdIncome: null }, []]);
  });

  test("the latest year is taken when none is given, or null", async () => {
    const { data: answer } = await ask(
      '{ district(code: "T") { population none: population(year: null) old: population(year: 2018) medianHouseholdIncome } }',
    );
    expect(answer.district).toEqual({ population: 196_000, none: 196_000, old: 170_400, medianHouseholdIncome: 31_800 });
  });

  test("all years are there for each district, newest first", async () => {
    const { data: answer } = await ask("{ districts { years { year population medianHouseholdIncome } } }");
    for (const { years } of answer.districts) {
      expect(years.map(({ year }: { year: number }) => year)).toEqual([2025, 2024, 2023, 2022, 2021, 2020, 2019, 2018]);
    }
  });

  test("the districts of 2025 add up to the territory's published population", () => {
    const sum = data.districts.reduce((total, { years }) => total + (years[0]?.population ?? 0), 0);
    // C&SD publishes 7,400,500; each of the 19 figures is rounded to hundreds.
    expect(Math.abs(sum - 7_400_500)).toBeLessThan(1000);
  });
});

describe("spellings", () => {
  test.each(["", "Kowloon", "S", "E", "constructor", "東"])(
    "%j is unknown or means two districts, so it answers null",
    async (spelling) => {
      expect(await ask("query ($s: String!) { districtBySpelling(spelling: $s) { code } }", { s: spelling })).toEqual({
        data: { districtBySpelling: null },
        errors: [],
      });
    },
  );

  test.each([
    ["Central & Western District", "A"],
    ["CENTRAL AND WESTERN", "A"],
    ["  eastern   district ", "C"],
    ["東區", "C"],
    ["元朗", "M"],
    ["元朗區", "M"],
    ["MK", "E"],
    ["62", "E"],
    ["KwT", "S"],
    ["KT", "J"],
    ["r", "R"],
  ])("%j means %s", async (spelling, code) => {
    const { data: answer } = await ask("query ($s: String!) { districtBySpelling(spelling: $s) { code } }", { s: spelling });
    expect(answer.districtBySpelling).toEqual({ code });
  });

  test("every spelling of the file leads to its district, unless two districts share it", () => {
    const pairs = data.districts.flatMap(({ code, spellings }) => spellings.map(({ value }) => ({ value, code })));
    const lost = pairs.filter(({ value, code }) => data.bySpelling.get(foldSpelling(value))?.code !== code);
    expect(pairs).toHaveLength(215);
    expect([...new Set(lost.map(({ value }) => value))].toSorted()).toEqual(["E", "S"]);
  });
});

describe("data files", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "census-"));
    await cp(files, folder, { recursive: true });
  });

  afterAll(() => rm(folder, { recursive: true }));

  test.each([
    {
      file: "years.csv",
      right: "A,2018,242500",
      wrong: "A,2018,many",
      message: 'years.csv:2: population_persons "many" must be a whole number or empty.',
    },
    {
      file: "years.csv",
      right: "A,2018,242500",
      wrong: "A,2018,-1",
      message: 'years.csv:2: population_persons "-1" must be a whole number or empty.',
    },
    { file: "years.csv", right: "A,2019,", wrong: "A,2018,", message: "years.csv:3: district A has the year 2018 twice." },
    {
      file: "years.csv",
      right: "A,2018,",
      wrong: "O,2018,",
      message: 'years.csv:2: district "O" must be a letter from A to T without I and O.',
    },
    { file: "years.csv", right: "242500,41800", wrong: "242500,41800,", message: "years.csv:2: 5 values instead of 4." },
    {
      file: "years.csv",
      right: "district,year",
      wrong: "year,district",
      message: 'years.csv:1: the header must be "district,year,population_persons,median_household_income_hkd_month".',
    },
    { file: "districts.csv", right: "B,Wan Chai", wrong: "A,Wan Chai", message: "districts.csv:3: district A is there twice." },
    {
      file: "districts.csv",
      right: "A,Central",
      wrong: "A, Central",
      message: 'districts.csv:2: name_en " Central and Western" must have no spaces around it and no quotes.',
    },
    { file: "districts.csv", right: "A,Central and Western,", wrong: "A,,", message: 'districts.csv:2: name_en "" must not be empty.' },
    {
      file: "districts.csv",
      right: "T,Islands,離島區,New Territories West,新界西\n",
      wrong: "",
      message: /^years.csv:\d+: district T is not in districts.csv.$/,
    },
    {
      file: "spellings.csv",
      right: "B,EDB school list,WAN CHAI",
      wrong: "B,EDB school list,CENTRAL AND WESTERN",
      message: /^spellings.csv:\d+: "CENTRAL AND WESTERN" of "EDB school list" is given twice \(district A\).$/,
    },
  ])("$file with $right changed to $wrong is refused by file and line", async ({ file, right, wrong, message }) => {
    const path = join(folder, file);
    const text = await readFile(path, "utf8");
    expect(text).toContain(right);
    await writeFile(path, text.replace(right, wrong));
    await expect(readCensusData(pathToFileURL(`${folder}/`))).rejects.toThrow(message);
    await writeFile(path, text);
  });

  test("a file that ends in the middle of a line is refused", async () => {
    const path = join(folder, "years.csv");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.slice(0, -3));
    await expect(readCensusData(pathToFileURL(`${folder}/`))).rejects.toThrow("years.csv: the last line is cut off.");
    await writeFile(path, text);
  });

  test("a figure that is not published is an empty cell and reads null", async () => {
    const path = join(folder, "years.csv");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace("A,2018,242500", "A,2018,"));
    const changed = await readCensusData(pathToFileURL(`${folder}/`));
    expect(changed.byCode.get("A")?.years.at(-1)).toEqual({ year: 2018, population: null, medianHouseholdIncome: 41_800 });
    await writeFile(path, text);
  });
});
