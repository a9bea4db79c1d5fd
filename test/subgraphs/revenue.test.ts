import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refsOf } from "../../subgraphs/kit/population/households.ts";
import { type IncomeRecord, incomesOf } from "../../subgraphs/kit/population/incomes.ts";
import { bandOf } from "../../subgraphs/revenue/band.ts";
import { openRevenue } from "../../subgraphs/revenue/department.ts";
import { type Ask, createAsk, entitiesOf } from "./ask.ts";
import { embeddedTimeoutMs, type Opened, openDepartment, placeKinds, type TestPlace } from "./places.ts";

const population = { seed: 1, count: 1_200 };
const refs = [...refsOf(population)];
const incomes = Map.groupBy(incomesOf(population), ({ ref }) => ref);
const latestOf = (ref: string): IncomeRecord | undefined => incomes.get(ref)?.at(-1);

describe("an income band", () => {
  const year = (assessable: number, rent = 0) => ({ assessableCents: BigInt(assessable) * 100n, rentCents: BigInt(rent) * 100n });

  test.each([
    [0, "NONE"],
    [1, "UNDER_120K"],
    [119_999, "UNDER_120K"],
    [120_000, "FROM_120K_TO_240K"],
    [240_000, "FROM_240K_TO_480K"],
    [479_999, "FROM_240K_TO_480K"],
    [480_000, "OVER_480K"],
  ])("of HK$%d for an owner is %s", (assessable, band) => {
    expect(bandOf(year(assessable), true)).toBe(band);
  });

  test("takes the rent off for those who own no domestic property, up to HK$100,000", () => {
    expect(bandOf(year(300_000, 70_000), false)).toBe("FROM_120K_TO_240K");
    expect(bandOf(year(300_000, 70_000), true)).toBe("FROM_240K_TO_480K");
    expect(bandOf(year(340_000, 250_000), false)).toBe("FROM_240K_TO_480K");
    expect(bandOf(year(339_999, 250_000), false)).toBe("FROM_120K_TO_240K");
    expect(bandOf(year(50_000, 90_000), false)).toBe("NONE");
  });

  test("can't be said without the Land Registry's answer", () => {
    expect([bandOf(year(1), null), bandOf(year(1), undefined), bandOf(undefined, null)]).toEqual([null, null, null]);
  });

  test("is NONE for a person without income", () => {
    expect([bandOf(undefined, true), bandOf(undefined, false)]).toEqual(["NONE", "NONE"]);
  });
});

describe.each(placeKinds)("revenue on %s", { timeout: embeddedTimeoutMs }, (_name, startPlace) => {
  let place: TestPlace;
  let opened: Opened;
  let ask: Ask;

  beforeAll(async () => {
    place = await startPlace();
    opened = await openDepartment(openRevenue, { ...(await place.newSettings()), POPULATION: "1200" });
    ask = await createAsk(opened.department);
  });
  afterAll(async () => {
    await opened.department.close();
    await place.stop();
  });

  test("answers incomes and bands of 1,000 persons in one statement", async () => {
    opened.takeStatements();
    const asked = refs.slice(0, 1_000);
    const representations = asked.map((ref, index) => ({ __typename: "Person", ref, ownsDomesticProperty: index % 2 === 0 }));
    const { data, errors } = await ask(
      ...entitiesOf("... on Person { ref income earlier: income(year: 2022) incomeBand }", representations),
    );
    expect(errors).toEqual([]);
    const statements = opened.takeStatements();
    expect(statements).toHaveLength(1);
    expect(statements[0]).toContain(`"revenue"."persons"."ref" = any($1)`);
    expect(data._entities).toEqual(
      asked.map((ref, index) => {
        const latest = latestOf(ref);
        const amounts = latest && { assessableCents: BigInt(latest.assessableCents), rentCents: BigInt(latest.rentCents) };
        const earlier = incomes.get(ref)?.find(({ year }) => year === 2022);
        return {
          ref,
          income: latest === undefined ? null : String(latest.assessableCents),
          earlier: earlier === undefined ? null : String(earlier.assessableCents),
          incomeBand: bandOf(amounts, index % 2 === 0),
        };
      }),
    );
    expect(new Set(data._entities.map(({ incomeBand }: { readonly incomeBand: string }) => incomeBand)).size).toBe(5);
  });

  test("gives no band without the Land Registry's answer, whatever stands in its place", async () => {
    const answers = [null, undefined, "false", 0];
    const ref = refs.find((one) => latestOf(one) !== undefined);
    const { data } = await ask(
      ...entitiesOf(
        "... on Person { income incomeBand }",
        answers.map((ownsDomesticProperty) => ({ __typename: "Person", ref, ownsDomesticProperty })),
      ),
    );
    const income = String(latestOf(ref ?? "")?.assessableCents);
    expect(data._entities).toEqual(answers.map(() => ({ income, incomeBand: null })));
  });

  test("says nothing of persons whom it doesn't know, and NONE of those without income", async () => {
    const without = refs.find((ref) => latestOf(ref) === undefined);
    const asked = [without, "PZZZZZZZZ", "x", null].map((ref) => ({ __typename: "Person", ref, ownsDomesticProperty: true }));
    const { data, errors } = await ask(...entitiesOf("... on Person { income(year: 1900) incomeBand }", asked));
    expect(errors).toEqual([]);
    expect(data._entities).toEqual([{ income: null, incomeBand: "NONE" }, { income: null, incomeBand: null }, null, null]);
  });
});
