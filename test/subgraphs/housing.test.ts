import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openHousing } from "../../subgraphs/housing/department.ts";
import { ANCHOR_APPLICATION } from "../../subgraphs/kit/population/anchors.ts";
import { type ApplicationRecord, applicationsOf } from "../../subgraphs/kit/population/applications.ts";
import { type Ask, createAsk, entitiesOf } from "./ask.ts";
import { embeddedTimeoutMs, type Opened, openDepartment, placeKinds, type TestPlace } from "./places.ts";

const applications = [...applicationsOf({ seed: 1, count: 16_000 })];
const fields = "number submittedOn status district { code } members { ref } householdIncome";
const answerOf = ({ number, submittedOn, status, district, incomeCents, memberRefs }: ApplicationRecord) => ({
  number,
  submittedOn,
  status,
  district: { code: district },
  members: memberRefs.map((ref) => ({ ref })),
  householdIncome: String(incomeCents),
});

describe.each(placeKinds)("housing on %s", { timeout: embeddedTimeoutMs }, (_name, startPlace) => {
  let place: TestPlace;
  let opened: Opened;
  let ask: Ask;

  beforeAll(async () => {
    place = await startPlace();
    opened = await openDepartment(openHousing, { ...(await place.newSettings()), POPULATION: "16000" });
    ask = await createAsk(opened.department);
  });
  afterAll(async () => {
    await opened.department.close();
    await place.stop();
  });

  test("answers 1,000 applications in one statement, in the order of the numbers, null where there is none", async () => {
    opened.takeStatements();
    const asked = applications.slice(0, 995).reverse();
    const numbers = [...asked.map(({ number }) => number), "HD-PRH-9999999", "HD-PRH-1", "' or 1=1", "", asked[0]?.number];
    const { data, errors } = await ask(`query ($numbers: [ID!]!) { prhApplications(numbers: $numbers) { ${fields} } }`, { numbers });
    expect(errors).toEqual([]);
    expect(opened.takeStatements()).toEqual([`select * from "housing"."applications" where "number" = any($1)`]);
    expect(data.prhApplications).toEqual([...asked.map(answerOf), null, null, null, null, ...asked.slice(0, 1).map(answerOf)]);
  });

  test("refuses more than 1,000 numbers", async () => {
    const numbers = Array.from({ length: 1_001 }, () => ANCHOR_APPLICATION);
    const { data, errors } = await ask("query ($numbers: [ID!]!) { prhApplications(numbers: $numbers) { number } }", { numbers });
    expect(data).toEqual({ prhApplications: null });
    expect(errors).toEqual([{ path: "prhApplications", message: "At most 1000 application numbers at a time." }]);
  });

  test("answers 1,000 applications as entities in one statement", async () => {
    opened.takeStatements();
    const asked = applications.slice(0, 1_000);
    const { data, errors } = await ask(
      ...entitiesOf(
        `... on PrhApplication { ${fields} }`,
        asked.map(({ number }) => ({ __typename: "PrhApplication", number })),
      ),
    );
    expect(errors).toEqual([]);
    expect(opened.takeStatements()).toHaveLength(1);
    expect(data._entities).toEqual(asked.map(answerOf));
  });

  test("finds the anchors' application of four members, and none by a number that doesn't exist", async () => {
    const { data } = await ask(
      `{ one: prhApplication(number: "${ANCHOR_APPLICATION}") { ${fields} } none: prhApplication(number: "HD-PRH-9999999") { number } }`,
    );
    expect(data).toEqual({ one: answerOf(applications[0] ?? expect.unreachable()), none: null });
    expect(data.one.members).toHaveLength(4);
  });

  test("has the estates of every district by name, with their flats", async () => {
    const codes = Array.from("ABCDEFGHJKLMNPQRST");
    const { data } = await ask(
      ...entitiesOf(
        "... on District { code rentalFlats estates { id name { en tc } district { code } flats } }",
        [...codes, "I", null].map((code) => ({ __typename: "District", code })),
      ),
    );
    const districts = data._entities.slice(0, 18);
    expect(data._entities.slice(18)).toEqual([null, null]);
    let estates = 0;
    let flats = 0;
    for (const [index, district] of districts.entries()) {
      const names = district.estates.map(({ name }: { readonly name: { readonly en: string } }) => name.en);
      expect(names).toEqual(names.toSorted((a: string, b: string) => (a < b ? -1 : 1)));
      expect(
        district.estates.every(({ district: { code } }: { readonly district: { readonly code: string } }) => code === codes[index]),
      ).toBe(true);
      estates += names.length;
      flats += district.rentalFlats;
    }
    expect([estates, flats]).toEqual([241, 837_800]);
    expect(districts[1]).toMatchObject({ code: "B", estates: [], rentalFlats: 0 });
  });

  test("finds one estate, or none", async () => {
    const { data } = await ask(
      '{ one: estate(id: "tak-long-estate") { name { en tc } intakeYear blocks flats latitude longitude district { code } } none: estate(id: "__proto__") { id } }',
    );
    expect(data).toEqual({
      one: {
        name: { en: "Tak Long Estate", tc: "德朗邨" },
        intakeYear: 2013,
        blocks: 9,
        flats: 8_200,
        latitude: 22.330105,
        longitude: 114.2031,
        district: { code: "G" },
      },
      none: null,
    });
  });
});
