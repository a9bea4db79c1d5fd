import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NOW_MS } from "../identity/issuer.ts";
import type { Answer, Ask } from "./ask.ts";
import { startWorld, type World } from "./world.ts";

let world: World;

const lands = "agreements/housing-lands-declarations.yaml";
const identity = "agreements/housing-immigration-prh.yaml";

/** Six persons in a request, ten in a day, four requests; a request that is refused counts too. */
const limits =
  "limits: { subjectsPerRequest: 6, subjectsPerDay: 10, requestsPerDay: 4 }\nmatching: { ground: consent, reference: An example }";

async function agreementText(path: string): Promise<string> {
  return readFile(new URL(`../../policies/${path}`, import.meta.url), "utf8");
}

beforeAll(async () => {
  const declarations = await agreementText(lands);
  world = await startWorld({
    departments: ["housing", "immigration", "lands"],
    policies: {
      [lands]: declarations.replace(/^matching:(?:\n {2}.*)+\n/m, ""),
      [identity]: `${await agreementText(identity)}${limits}\n`,
    },
  });
});
afterAll(() => world?.close());

/** Asks with a token that outlives the days of these tests. */
async function ask(asked: Ask): Promise<Answer> {
  const token = await world.token({ exp: NOW_MS / 1_000 + 3 * 24 * 60 * 60 });
  return world.ask({ authorization: `Bearer ${token}`, ...asked });
}

const membersOf = (count: number): string =>
  `{ ${Array.from({ length: count }, (_, index) => `a${index}: prhApplication(number: "HD-PRH-${String(1 + index).padStart(7, "0")}") { members { residentStatus } }`).join(" ")} }`;

function peopleIn(answer: Answer): number {
  return Object.values(answer.data as Record<string, { members: unknown[] } | null>).reduce(
    (sum, found) => sum + (found?.members.length ?? 0),
    0,
  );
}

function refusalOf({ status, errors, data }: Answer): unknown {
  expect(data ?? null).toBeNull();
  return [status, errors[0]?.extensions.code, errors[0]?.extensions["limit"], errors[0]?.extensions["endsAt"]];
}

describe("an agreement's limits", () => {
  test("refuse more subjects than a request may have, and hold nothing of them against the day", async () => {
    expect(refusalOf(await ask({ operation: membersOf(8) }))).toEqual([429, "AGREEMENT_LIMIT", "subjectsPerRequest", undefined]);
    const answer = await ask({ operation: membersOf(1) });
    expect(answer.errors).toEqual([]);
    expect(peopleIn(answer)).toBeGreaterThan(0);
  });

  test("count a person once, however often the answer tells of it", async () => {
    const operation = `{ ${["a", "b", "c", "d"].map((key) => `${key}: prhApplication(number: "HD-PRH-0000123") { members { residentStatus } }`).join(" ")} }`;
    expect((await ask({ operation })).errors).toEqual([]);
  });

  test("end with the day in Hong Kong, and say when", async () => {
    const answers: Answer[] = [];
    // One after the other: what a request takes is gone for the next.
    for (let count = 0; count < 4; count += 1) answers.push(await ask({ operation: membersOf(1) }));
    const refused = answers.at(-1);
    if (refused === undefined) throw new Error("Nothing was asked.");
    const [status, code, limit, endsAt] = refusalOf(refused) as [number, string, string, string];
    expect([status, code]).toEqual([429, "AGREEMENT_LIMIT"]);
    expect(["subjectsPerDay", "requestsPerDay"]).toContain(limit);
    expect(endsAt).toMatch(/T16:00:00\.000Z$/);
    world.forward(24 * 60 * 60 * 1_000);
    expect((await ask({ operation: membersOf(1) })).errors).toEqual([]);
  });

  test("do not concern what other agreements share", async () => {
    for (let count = 0; count < 6; count += 1) {
      expect((await ask({ operation: '{ prhApplication(number: "HD-PRH-0000123") { number status } }' })).status).toBe(200);
    }
  });
});

describe("a matching of ten persons or more", () => {
  const check = (numbers: readonly string[]): Promise<Answer> =>
    ask({
      operation: "query($numbers: [ID!]!) { prhApplications(numbers: $numbers) { number members { ownsDomesticProperty } } }",
      variables: { numbers },
      purpose: "tenancy-declaration",
      caseReference: "HD-DECL-000001",
    });
  const numbers = Array.from({ length: 12 }, (_, index) => `HD-PRH-${String(index + 1).padStart(7, "0")}`);

  test("is refused under an agreement that names no basis for it", async () => {
    const { status, errors, data } = await check(numbers);
    expect(data ?? null).toBeNull();
    expect([status, errors[0]?.extensions]).toMatchObject([
      403,
      { code: "UNAUTHORIZED_FIELD_OR_TYPE", denied: [{ coordinate: "Person.ownsDomesticProperty", reason: "MATCHING" }] },
    ]);
  });

  test("is none with fewer persons", async () => {
    const { errors, data } = await check(numbers.slice(0, 1));
    expect(errors).toEqual([]);
    expect(data).toMatchObject({ prhApplications: [{ number: numbers[0] }] });
  });
});
