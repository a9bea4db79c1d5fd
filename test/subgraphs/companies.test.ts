import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openCompanies } from "../../subgraphs/companies/department.ts";
import { ANCHOR_COMPANY } from "../../subgraphs/kit/population/anchors.ts";
import { type CompanyRecord, companiesOf } from "../../subgraphs/kit/population/companies.ts";
import { personsOf } from "../../subgraphs/kit/population/persons.ts";
import { type Ask, createAsk, entitiesOf } from "./ask.ts";
import { embeddedTimeoutMs, type Opened, openDepartment, placeKinds, type TestPlace } from "./places.ts";

const population = { seed: 1, count: 6_000 };
const companies = [...companiesOf(population)];
const persons = [...personsOf(population)];
const fields = "ubi ref name { en tc } type status incorporatedOn officers { name { en tc } role since residentialAddress identification }";

const answerOf = ({ ubi, nameEn, nameTc, type, status, incorporatedOn, officers }: CompanyRecord) => ({
  ubi,
  ref: `C${ubi}`,
  name: { en: nameEn, tc: nameTc },
  type,
  status,
  incorporatedOn,
  officers: officers.map((officer) => ({
    name: { en: officer.nameEn, tc: officer.nameTc },
    role: officer.role,
    since: officer.since,
    residentialAddress: officer.residentialAddress,
    identification: officer.hkid,
  })),
});

describe.each(placeKinds)("companies on %s", { timeout: embeddedTimeoutMs }, (_name, startPlace) => {
  let place: TestPlace;
  let opened: Opened;
  let ask: Ask;

  beforeAll(async () => {
    place = await startPlace();
    opened = await openDepartment(openCompanies, { ...(await place.newSettings()), POPULATION: String(population.count) });
    ask = await createAsk(opened.department);
  });
  afterAll(async () => {
    await opened?.department.close();
    await place?.stop();
  });

  test("answers 1,000 entities with their officers in one statement for each table", async () => {
    opened.takeStatements();
    const ubis = Array.from({ length: 1_000 }, (_, index) => companies[index]?.ubi ?? String(99_000_000 + index));
    const { data, errors } = await ask(
      ...entitiesOf(
        `... on Company { ${fields} }`,
        ubis.map((ubi) => ({ __typename: "Company", ubi })),
      ),
    );
    expect(errors).toEqual([]);
    expect(opened.takeStatements().toSorted()).toEqual([
      `select * from "companies"."companies" where "ubi" = any($1)`,
      `select * from "companies"."officers" where "ubi" = any($1) order by "ubi", "place"`,
    ]);
    const nothing = { name: null, type: null, status: null, incorporatedOn: null, officers: null };
    expect(data._entities).toEqual(
      ubis.map((ubi, index) => {
        const company = companies[index];
        return company === undefined ? { ubi, ref: `C${ubi}`, ...nothing } : answerOf(company);
      }),
    );
  });

  test("lists companies in the order of the identifiers, null where there is none, in one statement", async () => {
    opened.takeStatements();
    const asked = companies.slice(0, 20).reverse();
    const ubis = [...asked.map(({ ubi }) => ubi), "99999999", "1", "' or 1=1", ANCHOR_COMPANY];
    const { data, errors } = await ask("query ($ubis: [ID!]!) { companies(ubis: $ubis) { ubi status } }", { ubis });
    expect(errors).toEqual([]);
    expect(opened.takeStatements()).toHaveLength(1);
    const shortOf = ({ ubi, status }: CompanyRecord) => ({ ubi, status });
    expect(data.companies).toEqual([...asked.map(shortOf), null, null, null, ...companies.slice(0, 1).map(shortOf)]);
  });

  test("refuses more than 1,000 identifiers", async () => {
    const ubis = Array.from({ length: 1_001 }, () => ANCHOR_COMPANY);
    const { errors } = await ask("query ($ubis: [ID!]!) { companies(ubis: $ubis) { ubi } }", { ubis });
    expect(errors).toEqual([{ path: "companies", message: "At most 1000 identifiers of companies at a time." }]);
  });

  test("knows of 1,000 persons in which companies they are officers, in one statement", async () => {
    opened.takeStatements();
    const asked = persons.slice(0, 1_000);
    const { data, errors } = await ask(
      ...entitiesOf(
        "... on Person { ref directorships { role since company { ubi } } }",
        asked.map(({ ref }) => ({ __typename: "Person", ref })),
      ),
    );
    expect(errors).toEqual([]);
    expect(opened.takeStatements()).toHaveLength(1);
    const expected = asked.map(({ ref }) => ({
      ref,
      directorships: companies.flatMap(({ ubi, officers }) =>
        officers.filter((officer) => officer.ref === ref).map(({ role, since }) => ({ role, since, company: { ubi } })),
      ),
    }));
    expect(data._entities).toEqual(expected);
    expect(expected.filter(({ directorships }) => directorships.length > 0).length).toBeGreaterThan(20);
  });

  test("finds the anchors' company, and none by an identifier that doesn't exist", async () => {
    const { data } = await ask(`{ one: company(ubi: "${ANCHOR_COMPANY}") { ${fields} } none: company(ubi: "99999999") { ubi } }`);
    expect(data).toEqual({ one: answerOf(companies[0] ?? expect.unreachable()), none: null });
    expect(data.one.officers).toMatchObject([{ role: "DIRECTOR", identification: persons[0]?.hkid }]);
  });
});
