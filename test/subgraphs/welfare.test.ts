import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ANCHOR_ALLOWANCE } from "../../subgraphs/kit/population/anchors.ts";
import { refsOf } from "../../subgraphs/kit/population/households.ts";
import { allowancesOf, schemesOf } from "../../subgraphs/kit/population/welfare.ts";
import { openWelfare } from "../../subgraphs/welfare/department.ts";
import { type Ask, createAsk, entitiesOf } from "./ask.ts";
import { embeddedTimeoutMs, type Opened, openDepartment, placeKinds, type TestPlace } from "./places.ts";

const population = { seed: 1, count: 1_200 };
const refs = [...refsOf(population)];
const schemes = Map.groupBy(schemesOf(population), ({ ref }) => ref);
const applications = [...allowancesOf(population)];

const paidTo = (ref: string) =>
  (schemes.get(ref) ?? [])
    .toSorted((left, right) => (left.code < right.code ? -1 : 1))
    .map(({ code, monthlyCents, since }) => ({ code, monthlyAmount: String(monthlyCents), since }));

describe.each(placeKinds)("welfare on %s", { timeout: embeddedTimeoutMs }, (_name, startPlace) => {
  let place: TestPlace;
  let opened: Opened;
  let ask: Ask;

  beforeAll(async () => {
    place = await startPlace();
    opened = await openDepartment(openWelfare, { ...(await place.newSettings()), POPULATION: "1200" });
    ask = await createAsk(opened.department);
  });
  afterAll(async () => {
    await opened?.department.close();
    await place?.stop();
  });

  test("answers the schemes of 1,000 persons in one statement, by code", async () => {
    opened.takeStatements();
    const asked = refs.slice(0, 1_000);
    const { data, errors } = await ask(
      ...entitiesOf(
        "... on Person { ref schemes { code monthlyAmount since } }",
        asked.map((ref) => ({ __typename: "Person", ref })),
      ),
    );
    expect(errors).toEqual([]);
    const statements = opened.takeStatements();
    expect(statements).toHaveLength(1);
    expect(statements[0]).toContain(`"welfare"."persons"."ref" = any($1)`);
    expect(data._entities).toEqual(asked.map((ref) => ({ ref, schemes: paidTo(ref) })));
    const codes = asked.flatMap((ref) => paidTo(ref).map(({ code }) => code));
    expect(new Set(codes)).toEqual(new Set(["CSSA", "OAA", "OALA", "NDA", "HDA"]));
  });

  test("says nothing of persons whom it doesn't know, and an empty list of those without a scheme", async () => {
    const without = refs.find((ref) => !schemes.has(ref));
    const asked = [without, "PZZZZZZZZ", "x", null].map((ref) => ({ __typename: "Person", ref }));
    const { data, errors } = await ask(...entitiesOf("... on Person { schemes { code } }", asked));
    expect([data._entities, errors]).toEqual([[{ schemes: [] }, { schemes: null }, null, null], []]);
  });

  test("answers applications as entities in one statement, with the applicant as a reference", async () => {
    opened.takeStatements();
    const numbers = [...applications.map(({ number }) => number), "SW-OAA-9999999", "' or 1=1", 7];
    const { data, errors } = await ask(
      ...entitiesOf(
        "... on AllowanceApplication { number submittedOn status applicant { ref } }",
        numbers.map((number) => ({ __typename: "AllowanceApplication", number })),
      ),
    );
    expect(errors).toEqual([]);
    expect(opened.takeStatements()).toEqual([`select * from "welfare"."applications" where "number" = any($1)`]);
    const expected = applications.map(({ applicantRef, ...rest }) => ({ ...rest, applicant: { ref: applicantRef } }));
    expect(data._entities).toEqual([...expected, null, null, null]);
  });

  test("finds the anchor's application, and none by a number that doesn't exist", async () => {
    const { data } = await ask(
      `{ one: allowanceApplication(number: "${ANCHOR_ALLOWANCE}") { applicant { ref } status } none: allowanceApplication(number: "SW-OAA-9999999") { number } }`,
    );
    expect(data).toEqual({ one: { applicant: { ref: applications[0]?.applicantRef }, status: "VETTING" }, none: null });
  });
});
