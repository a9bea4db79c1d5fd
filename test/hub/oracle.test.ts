import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applicationsOf } from "../../subgraphs/kit/population/applications.ts";
import { propertiesOf } from "../../subgraphs/kit/population/properties.ts";
import { vehiclesOf } from "../../subgraphs/kit/population/vehicles.ts";
import { NOW_MS } from "../identity/issuer.ts";
import type { Answer } from "./ask.ts";
import { createMonolith, type Monolith, type Question } from "./monolith.ts";
import type { Case } from "./opendata.ts";
import { listCases } from "./operations.ts";
import { surveyAgreements, surveyApplication, surveyPurpose } from "./survey.ts";
import { population, startWorld, type World } from "./world.ts";

const root = new URL("../../", import.meta.url);
const readText = (path: string): Promise<string> => readFile(new URL(path, root), "utf8");

let world: World;
let monolith: Monolith;

beforeAll(async () => {
  world = await startWorld({
    policies: {
      ...surveyAgreements,
      "applications.yaml": (await readText("policies/applications.yaml")) + surveyApplication,
      "purposes.yaml": (await readText("policies/purposes.yaml")) + surveyPurpose,
    },
  });
  monolith = await createMonolith({
    supergraphSdl: await readText("schema/supergraph.graphql"),
    policiesDir: world.policiesDir,
    departments: world.departments,
  });
});
afterAll(() => world?.close());

const callers = {
  "housing-app": { bureau: "housing", purpose: "prh-eligibility" },
  "transport-licensing": { bureau: "transport", purpose: "vehicle-licensing" },
  "stats-analyst": { bureau: "analysts", purpose: "open-statistics" },
  "survey-app": { bureau: "census", purpose: "household-survey" },
} as const;

const properties = [...propertiesOf(population)];
const cases = listCases({
  // The anchors own no property, so owners of some come first.
  refs: properties.flatMap(({ owners }) => owners.map(({ ref }) => ref)),
  prns: properties.map(({ prn }) => prn),
  marks: [...vehiclesOf(population)].map(({ mark }) => mark),
  numbers: [...applicationsOf(population)].map(({ number }) => number),
});

const anchor = "HD-PRH-0000123";

function ask({ client, operation, variables = {}, caseReference }: Case): Promise<Answer> {
  const caller = { client, purpose: callers[client].purpose };
  return world.ask({ ...caller, operation, variables, caseReference: caseReference === null ? null : anchor });
}

function questionOf({ client, operation, variables = {}, caseReference }: Case): Question {
  return { ...callers[client], operation, variables, caseReference: caseReference === null ? undefined : anchor, nowMs: NOW_MS };
}

/** `path coordinate` of each error that explains a withheld field. */
function withheldIn({ errors }: Answer): readonly string[] {
  return errors
    .filter(({ extensions }) => extensions.code === "UNAUTHORIZED_FIELD_OR_TYPE")
    .map(({ path, extensions }) => `${path?.join(".")} ${String(extensions["coordinate"])}`)
    .toSorted();
}

describe("the hub answers as one plain schema of all departments, each field looked up, would", () => {
  test("the list has at least 60 operations under different names", () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    expect(cases.length).toBeGreaterThanOrEqual(60);
  });

  test.for(cases)("$client: $name", async (each) => {
    const question = questionOf(each);
    const expected = await monolith.answer(question);
    const answer = await ask(each);
    expect(expected.failed.length > 0, expected.failed.join("\n")).toBe(each.isFailing ?? false);
    expect(answer.data, answer.text.slice(0, 500)).toEqual(expected.data);
    // The order of keys is part of the answer.
    expect(JSON.stringify(answer.data)).toBe(JSON.stringify(expected.data));
    expect(withheldIn(answer)).toEqual(monolith.withheld(question));
    const others = answer.errors.filter(({ extensions }) => extensions.code !== "UNAUTHORIZED_FIELD_OR_TYPE");
    expect(others.length > 0, JSON.stringify(others)).toBe(each.isFailing ?? false);
  });
});
