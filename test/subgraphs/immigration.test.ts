import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openImmigration } from "../../subgraphs/immigration/department.ts";
import { readTrafficFiles } from "../../subgraphs/immigration/traffic.ts";
import { type PersonRecord, personsOf } from "../../subgraphs/kit/population/persons.ts";
import { type Ask, createAsk, entitiesOf } from "./ask.ts";
import { embeddedTimeoutMs, type Opened, openDepartment, placeKinds, type TestPlace } from "./places.ts";

const persons = [...personsOf({ seed: 1, count: 1_200 })];
const personAt = (index: number): PersonRecord => persons[index] ?? expect.unreachable();
const sumOf = ({ absences }: PersonRecord, months: number): number => absences.slice(0, months).reduce((sum, days) => sum + days, 0);

describe.each(placeKinds)("immigration on %s", { timeout: embeddedTimeoutMs }, (_name, startPlace) => {
  let place: TestPlace;
  let opened: Opened;
  let ask: Ask;

  beforeAll(async () => {
    place = await startPlace();
    opened = await openDepartment(openImmigration, { ...(await place.newSettings()), POPULATION: "1200" });
    ask = await createAsk(opened.department);
  });
  afterAll(async () => {
    await opened.department.close();
    await place.stop();
  });

  test("answers 1,000 persons with all their fields in one statement, in their order", async () => {
    const fields =
      "__typename ... on Person { ref name { en tc } hkid dateOfBirth sex residentStatus absenceDays longer: absenceDays(months: 120) }";
    const asked = [...persons.slice(200), ...persons.slice(0, 10)].slice(0, 1_000);
    opened.takeStatements();
    const { data, errors } = await ask(
      ...entitiesOf(
        fields,
        asked.map(({ ref }) => ({ __typename: "Person", ref })),
      ),
    );
    expect(errors).toEqual([]);
    expect(opened.takeStatements()).toEqual([`select * from "immigration"."persons" where "ref" = any($1)`]);
    expect(data._entities).toEqual(
      asked.map((person) => ({
        __typename: "Person",
        ref: person.ref,
        name: { en: person.nameEn, tc: person.nameTc },
        hkid: person.hkid,
        dateOfBirth: person.dateOfBirth,
        sex: person.sex,
        residentStatus: person.residentStatus,
        absenceDays: sumOf(person, 12),
        longer: sumOf(person, 120),
      })),
    );
  });

  test("knows nothing of persons whom it doesn't have, and looks only for references that could be one", async () => {
    opened.takeStatements();
    const refs = ["PZZZZZZZZ", "", "p' or 1=1", "\0", 7, null, undefined];
    const { data, errors } = await ask(
      ...entitiesOf(
        "... on Person { hkid absenceDays }",
        refs.map((ref) => ({ __typename: "Person", ref })),
      ),
    );
    expect(errors).toEqual([]);
    expect(data._entities).toEqual([{ hkid: null, absenceDays: null }, null, null, null, null, null, null]);
    expect(opened.takeStatements()).toHaveLength(1);
  });

  test("finds one person, or none", async () => {
    const { ref, hkid } = personAt(3);
    const { data } = await ask(
      `{ one: person(ref: "${ref}") { ref hkid } none: person(ref: "PZZZZZZZZ") { ref } wrong: person(ref: "x") { ref } }`,
    );
    expect(data).toEqual({ one: { ref, hkid }, none: null, wrong: null });
  });

  test("says for which numbers of months it counts absences", async () => {
    const { data, errors } = await ask(`{ person(ref: "${personAt(0).ref}") {
      none: absenceDays(months: 0) many: absenceDays(months: 121) given: absenceDays(months: null) one: absenceDays(months: 1) } }`);
    expect(data.person).toEqual({ none: null, many: null, given: sumOf(personAt(0), 12), one: sumOf(personAt(0), 1) });
    expect(errors).toEqual([
      { path: "person.none", message: "`months` must be 1 to 120." },
      { path: "person.many", message: "`months` must be 1 to 120." },
    ]);
  });

  test("gives passenger traffic of the days asked for without the last", async () => {
    const { data, errors } = await ask(`{ passengerTraffic(controlPoint: "airport", from: "2024-02-27", until: "2024-02-28") {
      date controlPoint { id name } direction hongKongResidents mainlandVisitors otherVisitors total } }`);
    expect(errors).toEqual([]);
    const common = { date: "2024-02-27", controlPoint: { id: "airport", name: "Airport" } };
    expect(data.passengerTraffic).toEqual([
      { ...common, direction: "ARRIVAL", hongKongResidents: 25_220, mainlandVisitors: 7_309, otherVisitors: 20_100, total: 52_629 },
      { ...common, direction: "DEPARTURE", hongKongResidents: 19_372, mainlandVisitors: 6_523, otherVisitors: 19_206, total: 45_101 },
    ]);
  });

  test.each([
    ['controlPoint: "airport", from: "2024-03-01", until: "2025-03-03"', "`from` and `until` must be at most 366 days apart."],
    ['from: "2024-03-02", until: "2024-03-01"', "`until` must not be before `from`."],
    ['controlPoint: "moon", from: "2024-03-01", until: "2024-03-02"', "There is no control point with this identifier."],
    ['from: "2024-02-30", until: "2024-03-02"', "Date must be a day such as 2026-04-01."],
    ['from: "yesterday", until: "2024-03-02"', "Date must be a day such as 2026-04-01."],
  ])("refuses traffic with %s", async (args, message) => {
    const { errors } = await ask(`{ passengerTraffic(${args}) { date } }`);
    expect(errors.map((error) => error.message)).toEqual([message]);
  });

  test("has every control point, and all traffic of a whole year", async () => {
    const { data } = await ask('{ controlPoints { id name } passengerTraffic(from: "2024-02-27", until: "2025-02-27") { total } }');
    expect(data.controlPoints).toHaveLength(15);
    expect(data.passengerTraffic).toHaveLength(10_558);
    const points = await ask(
      ...entitiesOf(
        "... on ControlPoint { name }",
        ["lo-wu", "none", 1].map((id) => ({ __typename: "ControlPoint", id })),
      ),
    );
    expect(points.data._entities).toEqual([{ name: "Lo Wu" }, null, null]);
  });
});

describe("the traffic files", () => {
  const header =
    "date,control_point,arrivals_hong_kong_residents,arrivals_mainland_visitors,arrivals_other_visitors,departures_hong_kong_residents,departures_mainland_visitors,departures_other_visitors";

  test.each([
    ["of an unknown control point", "2025-01-01,moon,1,1,1,1,1,1", "traffic.csv:2: there is no control point moon."],
    ["that is there twice", "2025-01-01,lo-wu,1,1,1,1,1,1\n2025-01-01,lo-wu,1,1,1,1,1,1", "traffic.csv:3: rows must be in the order"],
    [
      "with a wrong number",
      "2025-01-01,lo-wu,1.5,1,1,1,1,1",
      'traffic.csv:2: arrivals_hong_kong_residents "1.5" must be a number of persons.',
    ],
    ["with a wrong date", "2025-02-29,lo-wu,1,1,1,1,1,1", 'traffic.csv:2: date "2025-02-29" must be a date.'],
  ])("with a row %s are refused by file and line", async (_name, rows, message) => {
    const folder = await mkdtemp(join(tmpdir(), "crossharbour-traffic-"));
    await writeFile(join(folder, "controlpoints.csv"), "id,name\nlo-wu,Lo Wu\n");
    await writeFile(join(folder, "traffic.csv"), `${header}\n${rows}\n`);
    await expect(readTrafficFiles(new URL(`${pathToFileURL(folder).href}/`))).rejects.toThrow(message);
    await rm(folder, { recursive: true });
  });
});
