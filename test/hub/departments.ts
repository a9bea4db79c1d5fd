import { type Case, hubCases } from "./opendata.ts";
import type { Facts } from "./operations.ts";

/** Operations that need welfare, companies, education, consent, health or environment. */
export function departmentCases(facts: Facts): readonly Case[] {
  return [
    ...openDepartments(facts),
    ...placesOfDistricts,
    ...declarations(facts),
    ...finance(facts),
    ...licences(facts),
    ...allowances(facts),
    ...surveyPersons(facts),
    ...surveyParties(facts),
  ];
}

function openDepartments({ ubis }: Facts): Case[] {
  const refused: Case = {
    name: "more schools than a district may be asked for",
    client: "stats-analyst",
    operation: '{ district(code: "R") { code schools(first: 301) { number } } }',
    isFailing: true,
  };
  const entries = hubCases("stats-analyst", [
    [
      "a company with its public officers",
      "query ($u: ID!) { company(ubi: $u) { ubi ref name { en tc } type status incorporatedOn officers { name { en tc } role since } } }",
      { u: ubis[0] },
    ],
    [
      "companies in the order of their identifiers",
      "query ($u: [ID!]!) { companies(ubis: $u) { ubi name { en } officers { role } } }",
      { u: [...ubis.slice(0, 5).reverse(), "99999999", "none"] },
    ],
    [
      "what is not public of a company",
      "query ($u: ID!) { company(ubi: $u) { status officers { role residentialAddress identification } properties { prn } } }",
      { u: ubis[1] },
    ],
    [
      "a school and its district",
      '{ school(number: "11252600012") { name { en tc } level financeType latitude longitude district { code name { en } population } } }',
    ],
    [
      "schools of all districts by level",
      "{ districts { code schoolCount primary: schoolCount(level: PRIMARY) schools(level: SECONDARY, first: 2) { number name { en } } } }",
    ],
    [
      "five departments on one district",
      'query ($l: SchoolLevel) { district(code: "J") { name { tc } rentalFlats rainfall carParks(first: 1) { id } schools(level: $l, first: 3) { level } } }',
      { l: "PRIMARY" },
    ],
    ["an unknown school and an unknown company", '{ school(number: "1") { name { en } } company(ubi: "1") { name { en } } }'],
  ]);
  return [...entries, refused];
}

const placesOfDistricts = hubCases("stats-analyst", [
  [
    "a hospital with everything, and its district",
    '{ hospital(name: "Prince of Wales Hospital") { name names { en tc } cluster { en tc } address { en tc } latitude longitude hasEmergency emergencyWaiting { updatedAt isResuscitating criticalMinutes emergencyMinutes urgentMinutes urgentMinutesMost otherMinutes otherMinutesMost } district { code name { en } population } } }',
  ],
  [
    "hospitals of all districts, and how long one waits there",
    "{ districts { code name { en } all: hospitals { name hasEmergency } hospitals(emergencyOnly: true) { name emergencyWaiting { urgentMinutes } district { code } } } }",
  ],
  [
    "hospitals, where they are, and the rain there",
    "query ($only: Boolean) { hospitals { names { tc } district { code rainfall hospitals(emergencyOnly: $only) { name } } } }",
    { only: true },
  ],
  [
    "notifiable diseases by month",
    '{ notifiableDiseases { id name unit months { month count } } notifiableDisease(id: "measles") { months(year: 2019) { month count } years: months(year: 1900) { month } } }',
  ],
  [
    "air quality of a station by the hour, and of what is near it",
    '{ aqhiStation(id: "sha-tin") { id name { en tc } kind address { en tc } latitude longitude hours(from: "2025-03-01", until: "2025-03-03") { begins index risk isEstimated } lastHour { index } district { code hospitals { name } schoolCount } } }',
  ],
  [
    "stations of all districts and hospitals beside them",
    "query ($from: Date!) { districts { code aqhiStations { id hours(from: $from, until: $from) { begins } lastHour { begins risk } district { rainfall } } hospitals(emergencyOnly: true) { name } } aqhiStations { id } }",
    { from: "2025-03-01" },
  ],
  [
    "an unknown hospital and an unknown disease",
    '{ hospital(name: "None") { name } notifiableDisease(id: "none") { name } aqhiStation(id: "none") { id } }',
  ],
]);

function declarations({ numbers }: Facts): Case[] {
  const operation =
    'query ($n: [ID!]!) { district(code: "A") { code } prhApplications(numbers: $n) { number status householdIncome members { ownsDomesticProperty name { en } properties { prn } } } }';
  const base = { client: "housing-app", purpose: "tenancy-declaration", operation, variables: { n: numbers } } as const;
  return [
    { ...base, name: "declarations of a batch", caseReference: "HD-DECL-202611" },
    { ...base, name: "declarations under the reference of an application", caseReference: "HD-PRH-0000123" },
    { ...base, name: "declarations without a batch", caseReference: null },
  ];
}

function finance({ studies }: Facts): Case[] {
  const operation =
    "query ($n: ID!) { studentFinanceApplication(number: $n) { number submittedOn status school { name { en } level district { code schoolCount } } student { name { en } } applicant { name { tc } residentStatus } members { name { en tc } residentStatus dateOfBirth income last: income(year: 2024) incomeBand hkid consents { purpose } } } }";
  return [
    ...studies.slice(0, 6).map(
      (number, index): Case => ({
        name: `a means test with the members' consent, ${index + 1}`,
        client: "student-finance",
        operation,
        variables: { n: number },
      }),
    ),
    ...hubCases("student-finance", [
      [
        "nothing but what needs consent",
        "query ($n: ID!) { studentFinanceApplication(number: $n) { members { n: name { e: en } i: income } } }",
        { n: studies[1] },
      ],
      [
        "fields under consent in fragments and beside __typename",
        "query ($n: ID!) { studentFinanceApplication(number: $n) { members { __typename ...a ... on Person { residentStatus } } } } fragment a on Person { name { tc } income }",
        { n: studies[0] },
      ],
      [
        "an unknown application for student finance",
        '{ studentFinanceApplication(number: "ED-SFA-9999999") { number members { income } } }',
      ],
    ]),
    {
      name: "a means test without a case reference",
      client: "student-finance",
      operation,
      variables: { n: studies[0] },
      caseReference: null,
    },
  ];
}

function licences({ ubis, holdings }: Facts): Case[] {
  const company =
    "ubi name { en } status officers { name { en } role identification residentialAddress } properties { prn address use consideration owners { share } district { code name { en } population rentalFlats } }";
  const owners = holdings.flatMap(({ owners: [first] }) => (first?.ref.startsWith("C") === true ? [first.ref.slice(1)] : []));
  return hubCases("food-licensing", [
    ["a licence of a company", `query ($u: ID!) { company(ubi: $u) { ${company} } }`, { u: ubis[0] }],
    ["licences of companies that own property", `query ($u: [ID!]!) { companies(ubis: $u) { ${company} } }`, { u: owners }],
    [
      "persons are not found for a licence",
      '{ district(code: "A") { code } person(ref: "P00000000") { directorships { role } } property(prn: "10000001") { prn } }',
    ],
  ]);
}

function allowances({ allowances: numbers }: Facts): Case[] {
  const operation =
    "query ($n: ID!) { allowanceApplication(number: $n) { number submittedOn status applicant { name { en tc } dateOfBirth residentStatus year: absenceDays seven: absenceDays(months: 84) hkid sex income vehicles { mark } schemes { code monthlyAmount since } } } }";
  return [
    ...numbers
      .slice(0, 2)
      .map(
        (number, index): Case => ({ name: `a residence test, ${index + 1}`, client: "welfare-app", operation, variables: { n: number } }),
      ),
    {
      name: "a residence test without a case reference",
      client: "welfare-app",
      operation,
      variables: { n: numbers[0] },
      caseReference: null,
    },
    ...hubCases("welfare-app", [
      [
        "an unknown application for an allowance",
        '{ allowanceApplication(number: "SW-OAA-9999999") { number applicant { schemes { code } } } }',
      ],
    ]),
  ];
}

function surveyPersons({ paid, officers, studies, allowances: numbers }: Facts): Case[] {
  return hubCases("survey-app", [
    [
      "schemes and consents under masks",
      "query ($r: ID!) { person(ref: $r) { schemes { code monthlyAmount since } consents { purpose until since } name { en } } }",
      { r: paid[0] },
    ],
    [
      "directorships and back to the officers",
      "query ($r: ID!) { person(ref: $r) { directorships { role since company { ubi name { tc } officers { role identification residentialAddress } } } } }",
      { r: officers[1] },
    ],
    [
      "a person from ten departments",
      "query ($r: ID!) { person(ref: $r) { ref sex ownsDomesticProperty incomeBand vehicles { class } directorships { role } schemes { code } consents { purpose } properties { prn district { schoolCount name { en } } } } }",
      { r: officers[0] },
    ],
    [
      "a student's household without conditions",
      "query ($n: ID!) { studentFinanceApplication(number: $n) { number submittedOn status school { number } student { ref } applicant { ref } members { incomeBand consents { purpose } schemes { monthlyAmount } } } }",
      { n: studies[1] },
    ],
    [
      "an applicant's allowance and status withheld",
      "query ($n: ID!) { allowanceApplication(number: $n) { number status submittedOn applicant { ref dateOfBirth schemes { since } } } }",
      { n: numbers[0] },
    ],
  ]);
}

function surveyParties({ holdings, officers, ubis }: Facts): Case[] {
  const shared = holdings.find(({ owners }) => owners.length === 2);
  return hubCases("survey-app", [
    [
      "owners that are a company and a person, by interface",
      "query ($p: ID!) { property(prn: $p) { use owners { share party { __typename ref } } } }",
      { p: shared?.prn },
    ],
    [
      "owners by their types, each from its department",
      "query ($p: ID!) { property(prn: $p) { owners { party { ref ... on Company { ubi name { en } status } ... on Person { name { en } residentStatus directorships { company { ubi } } } } } } }",
      { p: shared?.prn },
    ],
    [
      "owners in fragments on the interface inside fragments on types",
      "query ($p: ID!) { property(prn: $p) { owners { party { ...c ...p } } } } fragment c on Company { ... on Party { r: ref } properties { prn } } fragment p on Person { ... on Party { r: ref } sex }",
      { p: shared?.prn },
    ],
    [
      "a company that owns alone, and its officers' other property",
      "query ($p: ID!) { property(prn: $p) { address owners { party { ... on Company { type officers { name { tc } } properties { prn use consideration owners { share } } } } } } }",
      { p: holdings[0]?.prn },
    ],
    [
      "a circle from a person over a company to its property's owners",
      "query ($r: ID!) { person(ref: $r) { directorships { company { properties { owners { party { __typename ... on Person { sex } } } } } } } }",
      { r: officers[0] },
    ],
    [
      "an unknown company among known ones",
      "query ($u: [ID!]!) { companies(ubis: $u) { ref properties { prn } officers { role } } }",
      { u: [ubis[0], "99999999", ubis[1]] },
    ],
  ]);
}
