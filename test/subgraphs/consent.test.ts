import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openConsent } from "../../subgraphs/consent/department.ts";
import { consentsOf } from "../../subgraphs/kit/population/consents.ts";
import { refsOf } from "../../subgraphs/kit/population/households.ts";
import { type Ask, createAsk, entitiesOf } from "./ask.ts";
import { embeddedTimeoutMs, type Opened, openDepartment, placeKinds, type TestPlace } from "./places.ts";

const population = { seed: 1, count: 1_200 };
const refs = [...refsOf(population)];
const consents = Map.groupBy(consentsOf(population), ({ ref }) => ref);

const givenBy = (ref: string) =>
  (consents.get(ref) ?? [])
    .toSorted((left, right) => (left.since === right.since ? (left.purpose < right.purpose ? -1 : 1) : left.since < right.since ? 1 : -1))
    .map(({ purpose, since, until }) => ({ purpose, since, until }));

describe.each(placeKinds)("consent on %s", { timeout: embeddedTimeoutMs }, (_name, startPlace) => {
  let place: TestPlace;
  let opened: Opened;
  let ask: Ask;

  beforeAll(async () => {
    place = await startPlace();
    opened = await openDepartment(openConsent, { ...(await place.newSettings()), POPULATION: "1200" });
    ask = await createAsk(opened.department);
  });
  afterAll(async () => {
    await opened?.department.close();
    await place?.stop();
  });

  test("answers the consents of 1,000 persons in one statement, the latest first, also those that have run out", async () => {
    opened.takeStatements();
    const asked = refs.slice(0, 1_000);
    const { data, errors } = await ask(
      ...entitiesOf(
        "... on Person { ref consents { purpose since until } }",
        asked.map((ref) => ({ __typename: "Person", ref })),
      ),
    );
    expect(errors).toEqual([]);
    expect(opened.takeStatements()).toEqual([
      `select * from "consent"."consents" where "ref" = any($1) order by "ref", "since" desc, "purpose"`,
    ]);
    expect(data._entities).toEqual(asked.map((ref) => ({ ref, consents: givenBy(ref) })));
    const all = asked.flatMap(givenBy);
    expect(all.some(({ until }) => until < "2026-11-24")).toBe(true);
    expect(new Set(all.map(({ purpose }) => purpose))).toEqual(new Set(["student-finance", "prh-eligibility", "old-age-allowance"]));
  });

  test("answers an empty list for those who have consented to nothing, whether they are known or not", async () => {
    const without = refs.find((ref) => !consents.has(ref));
    const asked = [without, "PZZZZZZZZ", "x", null].map((ref) => ({ __typename: "Person", ref }));
    const { data, errors } = await ask(...entitiesOf("... on Person { consents { purpose } }", asked));
    expect([data._entities, errors]).toEqual([[{ consents: [] }, { consents: [] }, null, null], []]);
  });
});
