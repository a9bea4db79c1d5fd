import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ANCHOR_APPLICATION } from "../../subgraphs/kit/population/anchors.ts";
import { startWorld, type World } from "../hub/world.ts";

const policies = new URL("../../policies/", import.meta.url);
const file = "agreements/housing-immigration-prh.yaml";

let world: World;

beforeAll(async () => {
  const text = await readFile(new URL(file, policies), "utf8");
  // The hub lets everything pass that its agreements grant, so one that was given too much stands for one that forgot to look.
  const careless = text
    .replace("withhold: [Person.hkid]", "")
    .replace("fields: [Person.residentStatus]", "fields: [Person.residentStatus, Person.hkid]");
  world = await startWorld({ policies: { [file]: careless }, ownPoliciesDir: fileURLToPath(policies) });
});
afterAll(() => world?.close());

describe("a hub that lets a field pass which the department's own agreements withhold", () => {
  test("gets nothing of the department for it, and its caller no value", async () => {
    const operation = "query ($n: ID!) { prhApplication(number: $n) { number members { hkid residentStatus } } }";
    world.clearCounts();
    const { status, data, errors, text } = await world.ask({ operation, variables: { n: ANCHOR_APPLICATION } });
    expect([status, errors.map(({ extensions }) => extensions.code)]).toEqual([200, ["SUBGRAPH_ERROR"]]);
    expect(data).toEqual({
      prhApplication: { number: ANCHOR_APPLICATION, members: Array.from({ length: 4 }, () => ({ hkid: null, residentStatus: null })) },
    });
    expect(text).not.toMatch(/[A-Z]\d{6}\(/);
    expect(world.counts.statements).toEqual(["housing"]);
  });

  test("gets what both grant", async () => {
    const operation = "query ($n: ID!) { prhApplication(number: $n) { members { residentStatus } } }";
    const { data, errors } = await world.ask({ operation, variables: { n: ANCHOR_APPLICATION } });
    expect(errors).toEqual([]);
    expect(data).toMatchObject({ prhApplication: { members: [{ residentStatus: expect.any(String) }, {}, {}, {}] } });
  });
});
