import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { createHealth } from "../../subgraphs/health/department.ts";
import { readDiseases } from "../../subgraphs/health/diseases.ts";
import { createRestSource } from "../../subgraphs/kit/rest.ts";
import { makeDirectory, removeDirectory } from "../services/process.ts";
import { type Ask, createAsk, entitiesOf } from "./ask.ts";

const files = fileURLToPath(new URL("../../subgraphs/health/data/", import.meta.url));
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** The department without a feed, which diseases don't need. */
async function start(): Promise<Ask> {
  const source = createRestSource({ name: "the feed", baseUrl: "http://127.0.0.1:9", timeoutMs: 300, bodyBytesMax: 1_000, retriesMax: 0 });
  const department = await createHealth(source, () => 0);
  closing.push(department.close);
  return createAsk(department);
}

describe("notifiable diseases", () => {
  test("have the months of a year, of the last when none is given, and none of a year without", async () => {
    const ask = await start();
    const { data, errors } = await ask(`{
      dengue: notifiableDisease(id: "dengue-fever") { id name unit months { month count } }
      mpox: notifiableDisease(id: "mpox-monkeypox") { months(year: 2022) { month count } before: months(year: 2021) { month } never: months(year: -1) { month } }
      none: notifiableDisease(id: "constructor") { name }
    }`);
    expect(errors).toEqual([]);
    expect(data.dengue).toMatchObject({ id: "dengue-fever", name: "Dengue fever", unit: "CASES" });
    expect(data.dengue.months.map(({ month }: { month: string }) => month)).toEqual(
      Array.from({ length: 12 }, (_, index) => `2024-${String(index + 1).padStart(2, "0")}`),
    );
    expect(data.mpox.months.slice(3, 7)).toEqual([
      { month: "2022-04", count: null },
      { month: "2022-05", count: null },
      { month: "2022-06", count: 0 },
      { month: "2022-07", count: 0 },
    ]);
    expect([data.mpox.before, data.mpox.never, data.none]).toEqual([[], [], null]);
  });

  test("are 64, each counted in its unit, and as entities found by their identifier", async () => {
    const ask = await start();
    const { data } = await ask("{ notifiableDiseases { id unit } }");
    const diseases = data.notifiableDiseases as readonly { id: string; unit: string }[];
    expect(diseases).toHaveLength(64);
    expect(diseases.filter(({ unit }) => unit !== "CASES")).toEqual([
      { id: "food-poisoning-outbreaks", unit: "OUTBREAKS" },
      { id: "food-poisoning-persons-affected", unit: "PERSONS" },
    ]);
    const found = await ask(
      ...entitiesOf(
        "... on NotifiableDisease { id months(year: 2019) { count } }",
        ["measles", "none"].map((id) => ({ __typename: "NotifiableDisease", id })),
      ),
    );
    const measles = (await readDiseases()).byId.get("measles")?.years.get(2019) ?? [];
    expect(found.data._entities).toEqual([{ id: "measles", months: measles.map(({ count }) => ({ count })) }, null]);
    expect(measles.reduce((sum, { count }) => sum + (count ?? 0), 0)).toBeGreaterThan(50);
  });

  test.each([
    ["diseases.csv", "measles,Measles", "leprosy,Measles", /^diseases.csv:\d+: leprosy is there twice.$/],
    ["diseases.csv", "CASES", "DEATHS", /^diseases.csv:2: unit "DEATHS" /],
    ["notifications.csv", "measles,2015", "misles,2015", /^notifications.csv:\d+: misles is not in diseases.csv.$/],
    ["notifications.csv", "measles,2016", "measles,2015", /^notifications.csv:\d+: measles has the year 2015 twice.$/],
    ["notifications.csv", "acute-poliomyelitis,2015,0", "acute-poliomyelitis,2015,none", /^notifications.csv:2: m01 "none" /],
  ])("in a %s with %j changed to %j are refused by file and line", async (file, right, wrong, message) => {
    const folder = await makeDirectory("diseases");
    closing.push(() => removeDirectory(folder));
    await cp(files, folder, { recursive: true });
    const text = await readFile(join(folder, file), "utf8");
    expect(text).toContain(right);
    await writeFile(join(folder, file), text.replace(right, wrong));
    await expect(readDiseases(pathToFileURL(`${folder}/`))).rejects.toThrow(message);
  });
});
