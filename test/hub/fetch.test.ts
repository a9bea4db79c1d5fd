import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ANCHOR_APPLICATION } from "../../subgraphs/kit/population/anchors.ts";
import { startWorld, type World } from "./world.ts";

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());
beforeEach(() => world.clearCounts());

const demo = new URL("../../demo/operations/", import.meta.url);
const read = (name: string): Promise<string> => readFile(new URL(name, demo), "utf8");

/** What case 1 costs at least: two layers of housing, three departments that need only the reference, and revenue after lands. */
const leastCalls = ["housing", "immigration", "lands", "revenue", "transport"];

function counted(): { calls: string[]; statements: string[]; rest: string[] } {
  const { calls, statements, rest } = world.counts;
  return { calls: calls.toSorted(), statements: statements.toSorted(), rest: rest.toSorted() };
}

describe("eligibility for public rental housing", () => {
  test("asks each of five departments once, with one statement or REST call each", async () => {
    const { status, data, errors } = await world.ask({ operation: await read("case1.graphql"), variables: { number: ANCHOR_APPLICATION } });
    expect(status).toBe(200);
    expect(data).toMatchObject({ prhApplication: { number: ANCHOR_APPLICATION } });
    expect(errors.map(({ path, extensions }) => [path?.join("."), extensions.code])).toEqual([
      ["prhApplication.members.@.income", "UNAUTHORIZED_FIELD_OR_TYPE"],
    ]);
    console.log(JSON.stringify(counted()));
  });
});
