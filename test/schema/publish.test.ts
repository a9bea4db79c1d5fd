import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { QueryPlanner } from "@graphql-hive/router-query-planner";
import { composeServices } from "@theguild/federation-composition";
import { parse } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { composeSupergraph } from "../../schema/compose.ts";
import { LOCAL_ADDRESSES, readDepartments } from "../../schema/departments.ts";
import { SUPERGRAPH_HEADER } from "../../schema/problems.ts";
import { readSupergraph } from "../../schema/supergraph.ts";
import { graphOf, hubSdl, schemaFolder } from "./composing.ts";
import { coordinatesOf } from "./graphs.ts";

describe("the departments of this repository", () => {
  test("compose to one text, in whatever order they come and without a warning", async () => {
    const input = await readDepartments(schemaFolder, LOCAL_ADDRESSES);
    const forward = composeSupergraph(input);
    const backward = composeSupergraph({ ...input, departments: [...input.departments].reverse() });
    expect(forward).toMatchObject({ ok: true, warnings: [] });
    expect(backward).toEqual(forward);
  });

  test("make a supergraph that the planner plans across five departments", async () => {
    const result = composeSupergraph(await readDepartments(schemaFolder, LOCAL_ADDRESSES));
    const planner = new QueryPlanner(result.ok ? result.sdl : "");
    const query = '{ prhApplication(number: "1") { members { name { en } ownsDomesticProperty incomeBand vehicles { mark } } } }';
    const services = JSON.stringify(planner.plan(query, null, new Set(), 0)).matchAll(/"serviceName":"(\w+)"/g);
    expect([...services].map((match) => match[1])).toEqual(
      expect.arrayContaining(["housing", "immigration", "lands", "revenue", "transport"]),
    );
    expect(planner.consumerSchema).not.toMatch(/\b(enum|scalar|input) (Level|Identifier|CacheControlScope|hub__\w*)\b/);
  });

  test("have the same coordinates to another composer", async () => {
    const input = await readDepartments(schemaFolder, LOCAL_ADDRESSES);
    const ours = composeSupergraph(input);
    const theirs = composeServices(input.departments.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(`${sdl}\n${hubSdl}`) })));
    expect(theirs.errors ?? []).toEqual([]);
    const words = /^(Level|Identifier|CacheControlScope)(\.|$)/;
    const others = coordinatesOf(readSupergraph(theirs.supergraphSdl ?? "").apiSchema).filter((coordinate) => !words.test(coordinate));
    expect(others).toEqual(coordinatesOf(graphOf(ours).apiSchema));
    expect(others.length).toBeGreaterThan(150);
  });

  test("classify every field, and what revenue computes from the Land Registry's answer is known to be computed from it", async () => {
    const { catalogue } = graphOf(composeSupergraph(await readDepartments(schemaFolder, LOCAL_ADDRESSES)));
    expect(catalogue.unclassified).toEqual([]);
    expect(catalogue.fields.get("Person.incomeBand")).toMatchObject({
      owners: ["revenue"],
      classification: { level: "CONFIDENTIAL", personal: true, identifier: "NONE" },
      requires: ["Person.ownsDomesticProperty"],
      type: "IncomeBand",
    });
    expect(catalogue.fields.get("CarPark.vacancy")).toMatchObject({ type: "[Vacancy!]", maxAgeSeconds: 30, owners: ["transport"] });
  });
});

test("the published supergraph is what the departments compose to, byte by byte", async () => {
  const result = composeSupergraph(await readDepartments(schemaFolder, LOCAL_ADDRESSES));
  const published = await readFile(join(schemaFolder, "supergraph.graphql"), "utf8");
  expect(published).toBe(result.ok ? SUPERGRAPH_HEADER + result.sdl : result.problems);
});

describe("the program that publishes", { timeout: 110_000 }, () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "publish-"));
    await cp(schemaFolder, folder, { recursive: true });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const publish = (...args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> =>
    promisify(execFile)(process.execPath, [join(schemaFolder, "publish.ts"), "--schema", folder, ...args], { timeout: 50_000 }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: unknown) => error as { readonly code: number; readonly stdout: string; readonly stderr: string },
    );

  test("names the department, file and line of a field that is no longer classified, exits with 1 and leaves the file as it was", async () => {
    const file = join(folder, "departments", "lands.graphql");
    const lands = await readFile(file, "utf8");
    const before = await readFile(join(folder, "supergraph.graphql"), "utf8");
    const broken = lands.replace(
      "property(prn: ID!): Property @classified(level: RESTRICTED, personal: true)",
      "property(prn: ID!): Property",
    );
    await writeFile(file, broken);
    const { code, stderr } = await publish();
    await writeFile(file, lands);
    const line = broken.split("\n").findIndex((text) => text.includes("One property by its")) + 1;
    expect(code).toBe(1);
    expect(stderr).toContain(`${file}:${line}:3: [lands] UNCLASSIFIED: Query.property is not classified`);
    expect(await readFile(join(folder, "supergraph.graphql"), "utf8")).toBe(before);
  });

  test("refuses an address that isn't NAME=URL, and a department without one", async () => {
    expect(await publish("--address", "census")).toMatchObject({ code: 2, stderr: '--address takes NAME=URL, not "census".\n' });
    const file = join(folder, "departments", "nowhere.graphql");
    await writeFile(file, "");
    const { code, stderr } = await publish();
    await rm(file);
    expect([code, stderr]).toEqual([2, "Department nowhere has no address; give one.\n"]);
  });

  test("writes the file, with the addresses that it is given", async () => {
    const out = join(folder, "other.graphql");
    const { code, stdout } = await publish("--out", out, "--address", "census=https://census.example/graphql");
    expect([code, stdout]).toEqual([0, `${out} written.\n`]);
    const { subgraphs } = readSupergraph(await readFile(out, "utf8"));
    expect(subgraphs.get("census")?.url).toBe("https://census.example/graphql");
    expect(subgraphs.get("housing")?.url).toBe("http://127.0.0.1:4105/graphql");
  });
});
