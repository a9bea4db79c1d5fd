import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { companyRefOf } from "../../subgraphs/kit/keys.ts";
import { ANCHOR_ALLOWANCE, ANCHOR_APPLICATION, ANCHOR_COMPANY, ANCHOR_MARK, ANCHOR_STUDY } from "../../subgraphs/kit/population/anchors.ts";
import { applicationsOf } from "../../subgraphs/kit/population/applications.ts";
import { companiesOf } from "../../subgraphs/kit/population/companies.ts";
import { consentsOf } from "../../subgraphs/kit/population/consents.ts";
import { ABSENCE_MONTHS, daysOfMonthBefore, monthsSince, REFERENCE_DAY } from "../../subgraphs/kit/population/days.ts";
import { districtWeights } from "../../subgraphs/kit/population/districts.ts";
import { formatHkid } from "../../subgraphs/kit/population/hkid.ts";
import { holdingsOf, registeredPropertiesOf } from "../../subgraphs/kit/population/holdings.ts";
import { householdsOf, type Population, refsOf } from "../../subgraphs/kit/population/households.ts";
import { INCOME_YEARS, incomesOf } from "../../subgraphs/kit/population/incomes.ts";
import { createPermutation } from "../../subgraphs/kit/population/permute.ts";
import { personsOf } from "../../subgraphs/kit/population/persons.ts";
import { propertiesOf } from "../../subgraphs/kit/population/properties.ts";
import { createRandom, pickWeighted } from "../../subgraphs/kit/population/random.ts";
import { studiesOf } from "../../subgraphs/kit/population/study.ts";
import { vehiclesOf } from "../../subgraphs/kit/population/vehicles.ts";
import { allowancesOf, schemesOf } from "../../subgraphs/kit/population/welfare.ts";
import { fc } from "../services/fc.ts";

const standard: Population = { seed: 1, count: 20_000 };

describe("an identity card number", () => {
  test.each([
    ["A", 123_456, "A123456(3)"],
    ["E", 364_912, "E364912(5)"],
    ["AB", 987_654, "AB987654(3)"],
    ["Z", 683_365, "Z683365(A)"],
    ["K", 0, "K000000(0)"],
    ["G", 0, "G000000(A)"],
  ])("of %s and %d is %s", (letters, number, hkid) => {
    expect(formatHkid(letters, number)).toBe(hkid);
  });
});

describe("a permutation", () => {
  test("gives each number below its size another one of them, whatever size and key", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), fc.array(fc.nat(), { maxLength: 3 }), (size, key) => {
        const permute = createPermutation({ size, key });
        const images = new Set(Array.from({ length: size }, (_, index) => permute(index)));
        return images.size === size && [...images].every((image) => image >= 0 && image < size);
      }),
    );
  });

  test("refuses numbers that are out of its range", () => {
    const permute = createPermutation({ size: 10, key: [1] });
    for (const index of [-1, 10, 0.5, Number.NaN]) expect(() => permute(index)).toThrow(RangeError);
  });
});

describe("random numbers", () => {
  test("of one path are the same each time, and of another path are others", () => {
    const take = (...path: number[]): number[] => {
      const random = createRandom(...path);
      return Array.from({ length: 5 }, () => random.share());
    };
    expect(take(1, 2, 3)).toEqual(take(1, 2, 3));
    expect(new Set([take(1, 2, 3), take(1, 2, 4), take(1, 3, 3), take(2, 2, 3), take(1, 2)].map(String)).size).toBe(5);
  });

  test("are spread evenly, and weights are kept", () => {
    const random = createRandom(7);
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 30_000; draw += 1) {
      const value = pickWeighted(random, [
        ["once", 1],
        ["twice", 2],
        ["never", 0],
      ]);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect(counts.get("never")).toBeUndefined();
    expect(counts.get("once")).toBeGreaterThan(9_600);
    expect(counts.get("once")).toBeLessThan(10_400);
    const tens = new Set(Array.from({ length: 1_000 }, () => random.whole(1, 10)));
    expect([...tens].sort((left, right) => left - right)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});

describe("the synthetic population", () => {
  test("is the same on every machine: a change of the generator has to be meant, and counted in describePopulation", () => {
    const digestOf = (population: Population): string => {
      const hash = createHash("sha256");
      for (const records of [personsOf, vehiclesOf, propertiesOf, applicationsOf, incomesOf]) {
        for (const record of records(population)) hash.update(JSON.stringify({ ...record, absences: undefined }));
      }
      for (const { absences } of personsOf(population)) hash.update(absences);
      return hash.digest("hex");
    };
    expect(digestOf({ seed: 1, count: 500 })).toBe("59e9e8a3e2059cc6de58a67a3e492d0cf3004f549ebce5b63414858b2c27a642");
    expect(digestOf({ seed: 2, count: 500 })).not.toBe(digestOf({ seed: 1, count: 500 }));
    const later = createHash("sha256");
    for (const records of [companiesOf, holdingsOf, schemesOf, allowancesOf, studiesOf, consentsOf]) {
      for (const record of records({ seed: 1, count: 500 })) later.update(JSON.stringify(record));
    }
    expect(later.digest("hex")).toBe("4defbd4c7c7f4df4ac9822b0826f2eb22e49d2dacdd2de195e0b3eabe9f0cff9");
  });

  test("has persons with unique references and numbers of the reserved block, and absences that fit the calendar", () => {
    const persons = [...personsOf(standard)];
    expect(persons).toHaveLength(standard.count);
    expect(new Set(persons.map(({ ref }) => ref)).size).toBe(standard.count);
    expect(new Set(persons.map(({ hkid }) => hkid)).size).toBe(standard.count);
    expect([...refsOf(standard)]).toEqual(persons.map(({ ref }) => ref));
    for (const { ref, hkid, dateOfBirth, absences } of persons) {
      expect(ref).toMatch(/^P[0-9A-HJKMNP-TV-Z]{8}$/);
      expect(hkid).toBe(formatHkid(hkid.slice(0, 2), Number(hkid.slice(2, 8))));
      expect(hkid.startsWith("QQ")).toBe(true);
      expect(dateOfBirth < REFERENCE_DAY).toBe(true);
      expect(absences).toHaveLength(ABSENCE_MONTHS);
      const fits = absences.every((days, month) => days <= daysOfMonthBefore(month) && (days === 0 || month < monthsSince(dateOfBirth)));
      expect(fits, ref).toBe(true);
    }
    expect(persons.some(({ nameTc }) => nameTc === null)).toBe(true);
    expect(new Set(persons.map(({ residentStatus }) => residentStatus)).size).toBe(4);
  });

  test("lives in the districts as the census counts them", () => {
    const counts = new Map<string, number>();
    for (const { district, members } of householdsOf(standard)) counts.set(district, (counts.get(district) ?? 0) + members.length);
    const total = districtWeights.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [code, weight] of districtWeights) {
      const share = (counts.get(code) ?? 0) / standard.count;
      expect(share / (weight / total), code).toBeGreaterThan(0.75);
      expect(share / (weight / total), code).toBeLessThan(1.25);
    }
  });

  test("has vehicles with unique marks by the rule, whose owners are grown-up persons", () => {
    const births = new Map([...personsOf(standard)].map(({ ref, dateOfBirth }) => [ref, dateOfBirth]));
    const vehicles = [...vehiclesOf(standard)];
    expect(vehicles.length).toBeGreaterThan(1_000);
    expect(new Set(vehicles.map(({ mark }) => mark)).size).toBe(vehicles.length);
    for (const { mark, ownerRef, valueCents } of vehicles) {
      expect(mark).toMatch(/^[A-HJ-NPR-Z]{2}[1-9]\d{0,3}$/);
      expect((births.get(ownerRef) ?? "none") <= "2008-11-01").toBe(true);
      expect(valueCents).toBeGreaterThan(0);
    }
    expect(new Set(vehicles.map((vehicle) => vehicle.class)).size).toBe(5);
  });

  test("has properties whose owners are persons and whose shares add up to one", () => {
    const refs = new Set(refsOf(standard));
    const properties = [...propertiesOf(standard)];
    expect(new Set(properties.map(({ prn }) => prn)).size).toBe(properties.length);
    for (const { prn, owners, considerationCents } of properties) {
      expect(prn).toMatch(/^\d{8}$/);
      expect(considerationCents).toMatch(/^[1-9]\d*00000$/);
      expect(owners.every(({ ref }) => refs.has(ref))).toBe(true);
      expect(owners.every(({ share }) => share === `1/${owners.length}`)).toBe(true);
    }
  });

  test("has over a thousand applications without gaps, each of a whole household of fewer than ten, whose income is close to what its members earn", () => {
    const latest = new Map<string, number>();
    for (const { ref, year, assessableCents } of incomesOf(standard)) if (year === INCOME_YEARS.last) latest.set(ref, assessableCents);
    const applications = [...applicationsOf(standard)];
    expect(applications.length).toBeGreaterThan(1_000);
    const numbers = new Set(applications.map(({ number }) => number));
    for (let serial = 1; serial <= applications.length; serial += 1) expect(numbers).toContain(`HD-PRH-${String(serial).padStart(7, "0")}`);
    expect(new Set(applications.flatMap(({ memberRefs }) => memberRefs)).size).toBe(
      applications.reduce((sum, { memberRefs }) => sum + memberRefs.length, 0),
    );
    expect(Math.max(...applications.map(({ memberRefs }) => memberRefs.length))).toBeLessThan(10);
    const honest = applications.filter(({ memberRefs, incomeCents }) => {
      const earned = memberRefs.reduce((sum, ref) => sum + (latest.get(ref) ?? 0), 0) / 12;
      return Math.abs(incomeCents - earned) <= 0.04 * earned + 1_000;
    });
    expect(honest.length / applications.length).toBeGreaterThan(0.9);
    expect(honest.length).toBeLessThan(applications.length);
  });

  test("has incomes of the years on record only, one a year, and rents of tenants only", () => {
    const seen = new Set<string>();
    let rents = 0;
    for (const { ref, year, assessableCents, rentCents } of incomesOf(standard)) {
      expect(year >= INCOME_YEARS.first && year <= INCOME_YEARS.last && assessableCents > 0).toBe(true);
      expect(seen.has(`${ref} ${year}`)).toBe(false);
      seen.add(`${ref} ${year}`);
      if (rentCents > 0) rents += 1;
    }
    expect(rents).toBeGreaterThan(1_000);
    expect(rents).toBeLessThan(seen.size / 2);
  });

  test("has companies with unique identifiers, whose officers are grown-up persons by their registered names and numbers", () => {
    const persons = new Map([...personsOf(standard)].map((person) => [person.ref, person]));
    const companies = [...companiesOf(standard)];
    expect(companies.length).toBeGreaterThan(400);
    expect(new Set(companies.map(({ ubi }) => ubi)).size).toBe(companies.length);
    for (const { ubi, officers } of companies) {
      expect(ubi).toMatch(/^[1-7]\d{7}$/);
      expect(officers[0]?.role).toBe("DIRECTOR");
      for (const { ref, nameEn, nameTc, hkid } of officers) {
        expect(persons.get(ref)).toMatchObject({ nameEn, nameTc, hkid });
        expect((persons.get(ref)?.dateOfBirth ?? "none") <= "2008-11-01").toBe(true);
      }
    }
    const homes = new Map(
      [...propertiesOf(standard)].flatMap(({ owners, address }) => owners.map(({ ref }) => [`${ref} ${address}`, ref])),
    );
    const atHome = companies.flatMap(({ officers }) =>
      officers.filter(({ ref, residentialAddress }) => homes.has(`${ref} ${residentialAddress}`)),
    );
    expect(atHome.length).toBeGreaterThan(100);
  });

  test("has properties of companies, some together with a director, under numbers that no other property has", () => {
    const companies = new Map([...companiesOf(standard)].map((company) => [companyRefOf(company.ubi), company]));
    const holdings = [...holdingsOf(standard)];
    const registered = [...registeredPropertiesOf(standard)];
    expect(new Set(registered.map(({ prn }) => prn)).size).toBe(registered.length);
    expect(registered.length).toBe(holdings.length + [...propertiesOf(standard)].length);
    const shared = holdings.filter(({ owners }) => owners.length === 2);
    expect(shared.length).toBeGreaterThan(20);
    for (const { prn, owners } of holdings) {
      expect(prn).toMatch(/^\d{8}$/);
      const company = companies.get(owners[0]?.ref ?? "");
      expect(company?.status).not.toBe("DISSOLVED");
      expect(owners.slice(1).every(({ ref }) => ref === company?.officers[0]?.ref)).toBe(true);
      expect(owners.every(({ share }) => share === `1/${owners.length}`)).toBe(true);
    }
  });

  test("is paid from schemes by age: nobody under 65 from an old-age scheme, and one scheme of a kind each", () => {
    const births = new Map([...personsOf(standard)].map(({ ref, dateOfBirth }) => [ref, dateOfBirth]));
    const schemes = [...schemesOf(standard)];
    expect(new Set(schemes.map(({ ref, code }) => `${ref} ${code}`)).size).toBe(schemes.length);
    for (const { ref, code, monthlyCents, since } of schemes) {
      const latest = code === "OAA" ? "1956-11-01" : code === "OALA" ? "1961-11-01" : "2026-11-01";
      expect((births.get(ref) ?? "none") <= latest).toBe(true);
      expect(monthlyCents > 0 && since < REFERENCE_DAY).toBe(true);
    }
    const paid = new Set(schemes.filter(({ code }) => code === "OAA" || code === "OALA").map(({ ref }) => ref));
    const allowances = [...allowancesOf(standard)];
    expect(allowances.length).toBeGreaterThan(100);
    expect(new Set(allowances.map(({ number }) => number)).size).toBe(allowances.length);
    for (const { applicantRef } of allowances) {
      expect(paid.has(applicantRef)).toBe(false);
      expect((births.get(applicantRef) ?? "none") <= "1956-11-01").toBe(true);
    }
  });

  test("has applications for student finance of whole households, whose members have mostly consented", () => {
    const studies = [...studiesOf(standard)];
    expect(studies.length).toBeGreaterThan(400);
    expect(new Set(studies.map(({ number }) => number)).size).toBe(studies.length);
    const members = studies.flatMap(({ memberRefs }) => memberRefs);
    expect(new Set(members).size).toBe(members.length);
    for (const { studentRef, applicantRef, memberRefs } of studies) {
      expect(memberRefs[0]).toBe(applicantRef);
      expect(memberRefs).toContain(studentRef);
    }
    const consents = [...consentsOf(standard)].filter(({ purpose }) => purpose === "student-finance");
    const holding = new Set(consents.filter(({ until }) => until >= REFERENCE_DAY).map(({ ref }) => ref));
    const share = members.filter((ref) => holding.has(ref)).length / members.length;
    expect(share).toBeGreaterThan(0.8);
    expect(share).toBeLessThan(0.9);
    expect(consents.some(({ ref, until }) => until < REFERENCE_DAY && !holding.has(ref))).toBe(true);
    expect(consents.every(({ since, until }) => since <= until)).toBe(true);
  });

  test.each([
    { seed: 1, count: 20_000 },
    { seed: 2, count: 20_000 },
    { seed: 4_294_967_295, count: 100 },
  ])("has its anchors with seed $seed and $count persons", (population) => {
    const application = [...applicationsOf(population)].find(({ number }) => number === ANCHOR_APPLICATION);
    const members = application?.memberRefs ?? [];
    expect(members).toHaveLength(4);
    const vehicle = [...vehiclesOf(population)].filter(({ mark }) => mark === ANCHOR_MARK);
    expect(vehicle).toMatchObject([{ ownerRef: members[0], class: "PRIVATE_CAR", licenceExpiry: "2027-06-30" }]);
    const head = [...personsOf(population)].find(({ ref }) => ref === members[0]);
    expect(head?.absences.subarray(0, 12).some((days) => days > 0)).toBe(true);
    expect([...propertiesOf(population)].filter(({ owners }) => owners.some(({ ref }) => members.includes(ref)))).toEqual([]);
    expect([...incomesOf(population)].filter(({ ref }) => ref === members[0])).toHaveLength(5);
    const company = [...companiesOf(population)].find(({ ubi }) => ubi === ANCHOR_COMPANY);
    expect(company).toMatchObject({ status: "LIVE", officers: [{ ref: members[0], role: "DIRECTOR" }] });
    expect([...holdingsOf(population)][0]).toMatchObject({ use: "COMMERCIAL", owners: [{ ref: `C${ANCHOR_COMPANY}`, share: "1/1" }] });
    const study = [...studiesOf(population)].find(({ number }) => number === ANCHOR_STUDY);
    expect(study).toMatchObject({ applicantRef: members[0], memberRefs: members });
    const consents = [...consentsOf(population)].filter(({ ref, purpose }) => members.includes(ref) && purpose === "student-finance");
    expect(consents.map(({ ref, until }) => [ref, until > "2026-12-31"])).toEqual(members.map((ref, index) => [ref, index < 3]));
    expect([...allowancesOf(population)].filter(({ number }) => number === ANCHOR_ALLOWANCE)).toMatchObject([{ status: "VETTING" }]);
  });

  test("can be as small as one person", () => {
    expect([...personsOf({ seed: 1, count: 1 })]).toHaveLength(1);
    const one = { seed: 1, count: 1 };
    const [ref] = refsOf(one);
    expect([...applicationsOf(one)]).toMatchObject([{ number: ANCHOR_APPLICATION }]);
    expect([...studiesOf(one)]).toMatchObject([{ number: ANCHOR_STUDY, memberRefs: [ref] }]);
    expect([...companiesOf(one)]).toMatchObject([{ ubi: ANCHOR_COMPANY }]);
    expect([...allowancesOf(one)]).toMatchObject([{ number: ANCHOR_ALLOWANCE, applicantRef: ref, status: "VETTING" }]);
  });
});
