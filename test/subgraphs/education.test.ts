import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEducation } from "../../subgraphs/education/department.ts";
import { readSchools, type Schools } from "../../subgraphs/education/schools.ts";
import { ANCHOR_STUDY } from "../../subgraphs/kit/population/anchors.ts";
import { studiesOf } from "../../subgraphs/kit/population/study.ts";
import { makeDirectory, removeDirectory } from "../services/process.ts";
import { type Ask, createAsk, entitiesOf } from "./ask.ts";
import { embeddedTimeoutMs, type Opened, openDepartment, placeKinds, type TestPlace } from "./places.ts";

const population = { seed: 1, count: 1_200 };
const studies = [...studiesOf(population)];
const fields = "number submittedOn status school { number level district { code } } student { ref } applicant { ref } members { ref }";
const people = (refs: readonly string[]) => refs.map((ref) => ({ ref }));

describe("the file of schools", () => {
  const good = ["11252600012", "SHATIN PUBLIC SCHOOL", "沙田公立學校", "R", "PRIMARY", "AIDED", 22.37515, 114.17679];

  test.each([
    ["number", 0, "1125260001"],
    ["district", 3, "I"],
    ["level", 4, "UNIVERSITY"],
    ["finance type", 5, "FREE"],
    ["latitude", 6, 2.2],
  ])("with a wrong %s is refused with the record's place", async (_name, column, value) => {
    const folder = await makeDirectory("schools");
    const file = join(folder, "schools.json");
    await writeFile(file, JSON.stringify([good, good.with(column, value)]));
    await expect(readSchools(pathToFileURL(file))).rejects.toThrow(`schools.json: record 1.${column} `);
    await removeDirectory(folder);
  });

  test("has 2,348 schools, each of a level in one of the 18 districts", async () => {
    const { byNumber, byDistrict, find } = await readSchools();
    expect(byNumber.size).toBe(2_348);
    expect([...byDistrict.keys()].toSorted()).toEqual(Array.from("ABCDEFGHJKLMNPQRST"));
    for (const district of byDistrict.keys()) {
      const counts = (["KINDERGARTEN", "PRIMARY", "SECONDARY"] as const).map((level) => find(level, district).length);
      expect(Math.min(...counts)).toBeGreaterThan(10);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(byDistrict.get(district)?.length);
    }
  });
});

describe.each(placeKinds)("education on %s", { timeout: embeddedTimeoutMs }, (_name, startPlace) => {
  let place: TestPlace;
  let opened: Opened;
  let ask: Ask;
  let schools: Schools;

  beforeAll(async () => {
    place = await startPlace();
    schools = await readSchools();
    opened = await openDepartment(openEducation, { ...(await place.newSettings()), POPULATION: "1200" });
    ask = await createAsk(opened.department);
  });
  afterAll(async () => {
    await opened?.department.close();
    await place?.stop();
  });

  test("answers 1,000 applications as entities in one statement, each with a school of the student's level and district", async () => {
    opened.takeStatements();
    const numbers = Array.from({ length: 1_000 }, (_, index) => studies[index]?.number ?? `ED-SFA-${9_000_000 + index}`);
    const { data, errors } = await ask(
      ...entitiesOf(
        `... on StudentFinanceApplication { ${fields} }`,
        numbers.map((number) => ({ __typename: "StudentFinanceApplication", number })),
      ),
    );
    expect(errors).toEqual([]);
    expect(opened.takeStatements()).toEqual([`select * from "education"."applications" where "number" = any($1)`]);
    expect(data._entities.slice(studies.length)).toEqual(numbers.slice(studies.length).map(() => null));
    expect(studies.length).toBeGreaterThan(20);
    for (const [index, { number, submittedOn, status, school, studentRef, applicantRef, memberRefs }] of studies.entries()) {
      expect(data._entities[index]).toMatchObject({
        number,
        submittedOn,
        status,
        school: { level: school.level, district: { code: school.district } },
        student: { ref: studentRef },
        applicant: { ref: applicantRef },
        members: people(memberRefs),
      });
      expect(schools.byNumber.has(data._entities[index].school.number)).toBe(true);
    }
  });

  test("finds the anchors' application, and none by a number that doesn't exist", async () => {
    const { data } = await ask(
      `{ one: studentFinanceApplication(number: "${ANCHOR_STUDY}") { number members { ref } } none: studentFinanceApplication(number: "ED-SFA-9999999") { number } wrong: studentFinanceApplication(number: "1 or 1=1") { number } }`,
    );
    expect(data).toEqual({ one: { number: ANCHOR_STUDY, members: people(studies[0]?.memberRefs ?? []) }, none: null, wrong: null });
    expect(data.one.members).toHaveLength(4);
  });

  test("finds one school, or none", async () => {
    const { data } = await ask(
      '{ one: school(number: "11252600012") { name { en tc } district { code } level financeType latitude longitude } none: school(number: "__proto__") { number } }',
    );
    expect(data).toEqual({
      one: {
        name: { en: "SHATIN PUBLIC SCHOOL (PRIMARY SECTION)", tc: "沙田公立學校(小學部)" },
        district: { code: "R" },
        level: "PRIMARY",
        financeType: "AIDED",
        latitude: 22.37515,
        longitude: 114.17679,
      },
      none: null,
    });
  });

  test("counts and lists the schools of a district, of all levels or of one, and bounds the list", async () => {
    const { data, errors } = await ask(
      ...entitiesOf(
        "... on District { code all: schoolCount secondary: schoolCount(level: SECONDARY) first: schools(level: SECONDARY, first: 3) { number level } default: schools { number } none: schools(first: 0) { number } }",
        [...Array.from("RI"), null].map((code) => ({ __typename: "District", code })),
      ),
    );
    expect(errors).toEqual([]);
    const secondary = schools.find("SECONDARY", "R").slice(0, 3);
    expect(data._entities).toMatchObject([
      { code: "R", all: 194, secondary: 59, first: secondary.map(({ number }) => ({ number, level: "SECONDARY" })), none: [] },
      null,
      null,
    ]);
    expect(data._entities[0].default).toHaveLength(20);
    const { errors: refused } = await ask(
      ...entitiesOf("... on District { schools(first: 301) { number } }", [{ __typename: "District", code: "R" }]),
    );
    expect(refused).toMatchObject([{ message: "`first` must be 0 to 300." }]);
  });
});
