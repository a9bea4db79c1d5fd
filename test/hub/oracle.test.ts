import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ANCHOR_ALLOWANCE, ANCHOR_APPLICATION, ANCHOR_STUDY } from "../../subgraphs/kit/population/anchors.ts";
import { applicationsOf } from "../../subgraphs/kit/population/applications.ts";
import { companiesOf } from "../../subgraphs/kit/population/companies.ts";
import { holdingsOf } from "../../subgraphs/kit/population/holdings.ts";
import { propertiesOf } from "../../subgraphs/kit/population/properties.ts";
import { studiesOf } from "../../subgraphs/kit/population/study.ts";
import { vehiclesOf } from "../../subgraphs/kit/population/vehicles.ts";
import { allowancesOf, schemesOf } from "../../subgraphs/kit/population/welfare.ts";
import { NOW_MS } from "../identity/issuer.ts";
import type { Answer } from "./ask.ts";
import { readMatchedAgreements } from "./matching.ts";
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
      ...(await readMatchedAgreements()),
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

const callers: Readonly<Record<Case["client"], { readonly bureau: string; readonly purpose: string; readonly caseReference: string }>> = {
  "housing-app": { bureau: "housing", purpose: "prh-eligibility", caseReference: ANCHOR_APPLICATION },
  "transport-licensing": { bureau: "transport", purpose: "vehicle-licensing", caseReference: ANCHOR_APPLICATION },
  "stats-analyst": { bureau: "analysts", purpose: "open-statistics", caseReference: ANCHOR_APPLICATION },
  "survey-app": { bureau: "census", purpose: "household-survey", caseReference: ANCHOR_APPLICATION },
  "student-finance": { bureau: "education", purpose: "student-finance", caseReference: ANCHOR_STUDY },
  "food-licensing": { bureau: "food", purpose: "company-licence", caseReference: "FE-LIC-0000123" },
  "welfare-app": { bureau: "welfare", purpose: "old-age-allowance", caseReference: ANCHOR_ALLOWANCE },
};

const properties = [...propertiesOf(population)];
const cases = listCases({
  // The anchors own no property, so owners of some come first.
  refs: properties.flatMap(({ owners }) => owners.map(({ ref }) => ref)),
  prns: properties.map(({ prn }) => prn),
  marks: [...vehiclesOf(population)].map(({ mark }) => mark),
  numbers: [...applicationsOf(population)].map(({ number }) => number),
  holdings: [...holdingsOf(population)],
  officers: [...companiesOf(population)].flatMap(({ officers }) => officers.map(({ ref }) => ref)),
  ubis: [...companiesOf(population)].map(({ ubi }) => ubi),
  studies: [...studiesOf(population)].map(({ number }) => number),
  allowances: [...allowancesOf(population)].map(({ number }) => number),
  paid: [...schemesOf(population)].map(({ ref }) => ref),
});

function questionOf({ client, operation, variables = {}, ...given }: Case): Question {
  const caller = callers[client];
  const caseReference = given.caseReference === null ? undefined : (given.caseReference ?? caller.caseReference);
  return { ...caller, purpose: given.purpose ?? caller.purpose, operation, variables, caseReference, nowMs: NOW_MS };
}

function ask(each: Case): Promise<Answer> {
  const { purpose, operation, variables, caseReference = null } = questionOf(each);
  return world.ask({ client: each.client, purpose, operation, variables, caseReference });
}

/** `path coordinate` of each error that explains a withheld field. */
function withheldIn({ errors }: Answer): readonly string[] {
  return errors
    .filter(({ extensions }) => extensions.code === "UNAUTHORIZED_FIELD_OR_TYPE")
    .map(({ path, extensions }) => `${path?.join(".")} ${String(extensions["coordinate"])}`)
    .toSorted();
}

describe("the hub answers as one plain schema of all departments, each field looked up, would", () => {
  test("the list has at least 90 operations under different names", () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    expect(cases.length).toBeGreaterThanOrEqual(90);
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
