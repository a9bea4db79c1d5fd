import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type DemoCase, departmentCases } from "../../demo/cases.ts";
import { readSchools } from "../../subgraphs/education/schools.ts";
import { applicationsOf } from "../../subgraphs/kit/population/applications.ts";
import { companiesOf } from "../../subgraphs/kit/population/companies.ts";
import { holdingsOf, registeredPropertiesOf } from "../../subgraphs/kit/population/holdings.ts";
import { incomesOf } from "../../subgraphs/kit/population/incomes.ts";
import { personsOf } from "../../subgraphs/kit/population/persons.ts";
import { studiesOf } from "../../subgraphs/kit/population/study.ts";
import { allowancesOf, schemesOf } from "../../subgraphs/kit/population/welfare.ts";
import type { Answer, Ask } from "./ask.ts";
import { startWorld, type World } from "./world.ts";

/** Enough people for more than 100 applications for housing. */
const population = { seed: 1, count: 2_000 };
const persons = new Map([...personsOf(population)].map((person) => [person.ref, person]));
const nameOf = (ref: string) => ({ en: persons.get(ref)?.nameEn, tc: persons.get(ref)?.nameTc });
const yearOf = (ref: string) => persons.get(ref)?.dateOfBirth.slice(0, 4);

let world: World;

beforeAll(async () => {
  world = await startWorld({ population });
});
afterAll(() => world?.close());
beforeEach(() => world.clearCounts());

const demo = new URL("../../demo/operations/", import.meta.url);
const read = (file: string): Promise<string> => readFile(new URL(file, demo), "utf8");

function caseOf(name: string): DemoCase {
  return departmentCases.find((each) => each.name === name) ?? expect.unreachable();
}

/** Asks a case as the demonstration does. */
async function askCase(name: string, changes: Partial<Ask> = {}): Promise<Answer> {
  const { clientId, purpose, caseReference } = caseOf(name);
  const [operation, variables] = await Promise.all([read(`${name}.graphql`), read(`${name}.variables.json`)]);
  const asked = { client: clientId, purpose, caseReference: caseReference ?? null, operation };
  return world.ask({ ...asked, variables: JSON.parse(variables) as Record<string, unknown>, ...changes });
}

/** `coordinate reason` of each error. */
function reasonsIn({ errors }: Answer): readonly string[] {
  return errors.map(({ extensions }) => `${String(extensions["coordinate"])} ${String(extensions["reason"])}`).toSorted();
}

/** Departments that were called. Those of open data may be left out, as the hub may have kept their answers. */
function calls(open: readonly string[] = []): readonly string[] {
  return [...new Set(world.counts.calls)].filter((name) => !open.includes(name)).toSorted();
}

const hub = (agreements: readonly string[], masks: readonly string[] = []) => ({ agreements: agreements.map((id) => `${id}@1`), masks });

describe("case 2, declarations of 1,000 households", () => {
  const applications = new Map([...applicationsOf(population)].map((application) => [application.number, application]));
  const owners = new Set(
    [...registeredPropertiesOf(population)].filter(({ use }) => use === "DOMESTIC").flatMap((each) => each.owners.map(({ ref }) => ref)),
  );

  test("is answered by housing and the Land Registry alone, with one statement and one call for each 1,000 members", async () => {
    const answer = await askCase("case2");
    const { numbers } = JSON.parse(await read("case2.variables.json")) as { readonly numbers: readonly string[] };
    expect(numbers).toHaveLength(1_000);
    expect(answer.errors).toEqual([]);
    expect(answer.data).toEqual({
      prhApplications: numbers.map((number) => {
        const application = applications.get(number);
        if (application === undefined) return null;
        const members = application.memberRefs.map((ref) => ({ ownsDomesticProperty: owners.has(ref) }));
        return { number, status: application.status, members };
      }),
    });
    expect(answer.extensions["hub"]).toMatchObject(hub(["HD-LR-2026-07", "HD-OWN-2026-06"]));
    expect(world.counts).toEqual({ calls: ["housing", "lands"], statements: ["housing"], rest: ["POST /v1/owners/domestic"] });
    expect(JSON.stringify(answer.data).match(/"ownsDomesticProperty":true/g)?.length).toBeGreaterThan(0);
  });

  test("grants nothing besides: what isn't agreed is withheld, and nobody is asked for it", async () => {
    const operation =
      "query ($numbers: [ID!]!) { prhApplications(numbers: $numbers) { number householdIncome submittedOn members { ref ownsDomesticProperty name { en } incomeBand properties { prn } } } }";
    const answer = await askCase("case2", { operation });
    expect(reasonsIn(answer)).toEqual([
      "Person.incomeBand PURPOSE",
      "Person.name PURPOSE",
      "Person.properties NOT_IN_AGREEMENT",
      "Person.ref NOT_IN_AGREEMENT",
      "PrhApplication.householdIncome PURPOSE",
      "PrhApplication.submittedOn PURPOSE",
    ]);
    expect(calls()).toEqual(["housing", "lands"]);
  });

  test.each([["HD-PRH-0000123"], [null]])("runs only under the reference of a batch, not under %s", async (caseReference) => {
    const answer = await askCase("case2", { caseReference });
    expect([answer.data ?? null, answer.errors.map(({ extensions }) => extensions.code)]).toEqual([null, ["OPERATION_EMPTY"]]);
    expect(calls()).toEqual([]);
  });
});

describe("case 4, a means test with consent", () => {
  const study = [...studiesOf(population)][0] ?? expect.unreachable();
  const incomes = Map.groupBy(incomesOf(population), ({ ref }) => ref);
  const bandOf = (ref: string): string | null => {
    const cents = incomes.get(ref)?.at(-1)?.assessableCents;
    if (cents === undefined) return null;
    return cents < 12e6 ? "under-120k" : cents < 24e6 ? "120k-to-240k" : cents < 48e6 ? "240k-to-480k" : "480k-and-over";
  };
  const agreed = (ref: string) => {
    const person = persons.get(ref);
    return { name: nameOf(ref), residentStatus: person?.residentStatus, dateOfBirth: yearOf(ref), income: bandOf(ref), incomeBand: null };
  };
  const nothing = { name: null, residentStatus: null, dateOfBirth: null, income: null, incomeBand: null };

  test("shows what the agreements share of the three members who consent, and nothing of the one whose consent has run out", async () => {
    const answer = await askCase("case4");
    const schools = await readSchools();
    const { studentFinanceApplication: found } = answer.data as { readonly studentFinanceApplication: Record<string, unknown> };
    const { school, ...rest } = found;
    const [first = "", second = "", third = ""] = study.memberRefs;
    expect(rest).toEqual({
      number: "ED-SFA-0000123",
      submittedOn: study.submittedOn,
      status: study.status,
      members: [agreed(first), agreed(second), agreed(third), nothing],
    });
    const choice = schools.find(study.school.level, study.school.district).map(({ nameEn, nameTc }) => ({ en: nameEn, tc: nameTc }));
    expect(choice).toContainEqual((school as { readonly name: object }).name);
    expect(rest["members"]).toMatchObject([{ income: expect.stringMatching(/k/) }, {}, {}, {}]);
  });

  test("explains what no agreement shares, and doesn't say which member has not consented", async () => {
    const answer = await askCase("case4");
    expect(reasonsIn(answer)).toEqual(["Person.incomeBand NOT_IN_AGREEMENT"]);
    expect(answer.extensions["hub"]).toMatchObject(
      hub(["ED-IMMD-2026-01", "ED-IRD-2026-02", "ED-OWN-2026-00"], ["Person.dateOfBirth", "Person.income"]),
    );
    // Revenue alone has the income; the Land Registry would be asked for the band, which is withheld.
    expect(calls(["census"])).toEqual(["consent", "education", "immigration", "revenue"]);
  });

  test("shows nothing under consent without the case, only the bureau's own data", async () => {
    const answer = await askCase("case4", { caseReference: null });
    expect(answer.data).toMatchObject({
      studentFinanceApplication: { number: "ED-SFA-0000123", members: [nothing, nothing, nothing, nothing] },
    });
    expect(reasonsIn(answer)).toEqual([
      "Person.dateOfBirth CASE_REQUIRED",
      "Person.income CASE_REQUIRED",
      "Person.incomeBand NOT_IN_AGREEMENT",
      "Person.name CASE_REQUIRED",
      "Person.residentStatus CASE_REQUIRED",
    ]);
    expect(calls(["census"])).toEqual(["education"]);
  });

  test("doesn't let the bureau read the register of consents", async () => {
    const operation =
      "query ($number: ID!) { studentFinanceApplication(number: $number) { members { consents { purpose until } name { en } } } }";
    const answer = await askCase("case4", { operation });
    expect(reasonsIn(answer)).toEqual(["Person.consents NOT_IN_AGREEMENT"]);
    expect(answer.data).toMatchObject({
      studentFinanceApplication: { members: [{ consents: null }, {}, {}, { consents: null, name: null }] },
    });
    expect(answer.text).not.toMatch(/2026-08-31|2027-08-31|prh-eligibility/);
  });

  test("withholds what needs consent when the register can't be reached", async () => {
    await world.stop("consent");
    try {
      const answer = await askCase("case4");
      expect(answer.data).toMatchObject({ studentFinanceApplication: { number: "ED-SFA-0000123" } });
      const { members } = (answer.data as { readonly studentFinanceApplication: { readonly members: unknown } }).studentFinanceApplication;
      expect(members).toEqual([nothing, nothing, nothing, nothing]);
    } finally {
      await world.restart("consent");
    }
  });
});

describe("case 5, the licence of a company", () => {
  const company = [...companiesOf(population)][0] ?? expect.unreachable();
  const [shop] = holdingsOf(population);

  const lastHour = { begins: "2025-05-31T23:00:00+08:00", index: 4, risk: "MODERATE" };
  const air = { name: { en: "Sha Tin" }, kind: "GENERAL", lastHour };

  test("shows the public register and the company's premises, of identity card numbers their beginning, and no price and no home", async () => {
    const answer = await askCase("case5");
    const { company: found } = answer.data as { readonly company: Record<string, unknown> };
    expect(found).toEqual({
      ubi: company.ubi,
      name: { en: company.nameEn, tc: company.nameTc },
      type: company.type,
      status: "LIVE",
      incorporatedOn: company.incorporatedOn,
      officers: company.officers.map(({ nameEn, nameTc, role, hkid }) => ({
        name: { en: nameEn, tc: nameTc },
        role,
        identification: `${hkid.slice(0, 4)}*******`,
        residentialAddress: null,
      })),
      properties: [
        {
          prn: shop?.prn,
          address: shop?.address,
          use: "COMMERCIAL",
          consideration: null,
          district: { code: "R", name: { en: "Sha Tin" }, population: 687_300, rentalFlats: 77_800, aqhiStations: [air] },
        },
      ],
    });
    expect(reasonsIn(answer)).toEqual(["Officer.residentialAddress WITHHELD", "Property.consideration NOT_IN_AGREEMENT"]);
    expect(answer.extensions["hub"]).toMatchObject(hub(["FE-CR-2026-02", "FE-LR-2026-01"], ["Officer.identification"]));
    expect(calls(["census", "environment", "housing"])).toEqual(["companies", "lands"]);
  });

  test("shows anybody the public register, and nothing else", async () => {
    const answer = await askCase("case5", { client: "stats-analyst", purpose: "open-statistics", caseReference: null });
    expect(answer.data).toMatchObject({
      company: { status: "LIVE", officers: [{ role: "DIRECTOR", identification: null, residentialAddress: null }], properties: null },
    });
    expect(reasonsIn(answer)).toEqual([
      "Company.properties NOT_IN_AGREEMENT",
      "Officer.identification NOT_IN_AGREEMENT",
      "Officer.residentialAddress NOT_IN_AGREEMENT",
    ]);
    expect(calls(["companies"])).toEqual([]);
  });

  test("doesn't lead from the company to the persons behind it", async () => {
    const operation =
      "query ($ubi: ID!) { company(ubi: $ubi) { status properties { prn owners { share party { ref ... on Person { name { en } } } } } } }";
    const answer = await askCase("case5", { operation });
    expect(answer.data).toEqual({ company: { status: "LIVE", properties: [{ prn: shop?.prn, owners: null }] } });
    expect(reasonsIn(answer)).toEqual(["Property.owners NOT_IN_AGREEMENT"]);
    expect(calls(["companies"])).toEqual(["lands"]);
  });
});

describe("case 6, the residence test of the Old Age Allowance", () => {
  const allowance = [...allowancesOf(population)][0] ?? expect.unreachable();
  const ref = allowance.applicantRef;
  const absent = (months: number): number | undefined =>
    persons
      .get(ref)
      ?.absences.subarray(0, months)
      .reduce((sum, days) => sum + days, 0);

  test("shows days of absence as numbers, the year of birth, and the department's own payments", async () => {
    const answer = await askCase("case6");
    const schemes = [...schemesOf(population)].filter((scheme) => scheme.ref === ref);
    expect(answer.data).toEqual({
      allowanceApplication: {
        number: "SW-OAA-0000123",
        submittedOn: allowance.submittedOn,
        status: "VETTING",
        applicant: {
          name: nameOf(ref),
          dateOfBirth: yearOf(ref),
          residentStatus: persons.get(ref)?.residentStatus,
          absentInOneYear: absent(12),
          absentInSevenYears: absent(84),
          hkid: null,
          schemes: schemes.map(({ code, monthlyCents, since }) => ({ code, monthlyAmount: String(monthlyCents), since })),
        },
      },
    });
    expect(reasonsIn(answer)).toEqual(["Person.hkid WITHHELD"]);
    expect(answer.extensions["hub"]).toMatchObject(hub(["SW-IMMD-2026-01", "SW-OWN-2026-00"], ["Person.dateOfBirth"]));
    expect([calls(), world.counts.statements.toSorted()]).toEqual([
      ["immigration", "welfare"],
      ["immigration", "welfare", "welfare"],
    ]);
  });

  test("grants nothing besides: neither income nor property, vehicles, companies, consents or sex", async () => {
    const operation =
      "query ($number: ID!) { allowanceApplication(number: $number) { applicant { ref sex income incomeBand ownsDomesticProperty vehicles { mark } directorships { role } consents { purpose } absenceDays } } }";
    const answer = await askCase("case6", { operation });
    expect(answer.data).toMatchObject({ allowanceApplication: { applicant: { absenceDays: absent(12) } } });
    const denied = ["consents", "directorships", "income", "incomeBand", "ownsDomesticProperty", "ref", "sex", "vehicles"];
    expect(reasonsIn(answer)).toEqual(denied.map((field) => `Person.${field} NOT_IN_AGREEMENT`));
    expect(calls()).toEqual(["immigration", "welfare"]);
  });

  test("is refused to every other caller", async () => {
    const others = [
      ["housing-app", "prh-eligibility", "HD-PRH-0000123"],
      ["student-finance", "student-finance", "ED-SFA-0000123"],
      ["stats-analyst", "open-statistics", "SW-OAA-0000123"],
    ] as const;
    for (const [client, purpose, caseReference] of others) {
      const answer = await askCase("case6", { client, purpose, caseReference });
      expect([client, answer.data ?? null, answer.errors[0]?.extensions.code]).toEqual([client, null, "OPERATION_EMPTY"]);
    }
    expect(calls()).toEqual([]);
  });
});
