import type { PropertyRecord } from "../../subgraphs/kit/population/properties.ts";
import { departmentCases } from "./departments.ts";
import { type Case, hubCases, openCases } from "./opendata.ts";

/** Facts of the population that operations name. */
export interface Facts {
  readonly refs: readonly string[];
  readonly prns: readonly string[];
  readonly marks: readonly string[];
  readonly numbers: readonly string[];
  /** Properties of companies, the anchors' first. */
  readonly holdings: readonly PropertyRecord[];
  /** References of officers of companies. */
  readonly officers: readonly string[];
  readonly ubis: readonly string[];
  /** Numbers of applications for student finance. */
  readonly studies: readonly string[];
  /** Numbers of applications for the Old Age Allowance. */
  readonly allowances: readonly string[];
  /** References of persons who are paid from a scheme. */
  readonly paid: readonly string[];
}

const ANCHOR = "HD-PRH-0000123";

const failing: Case[] = [
  {
    name: "a refused argument of a list that can't be null",
    client: "stats-analyst",
    operation: "{ carParks(first: 999) { id } }",
    isFailing: true,
  },
  {
    name: "a refused argument beside another department's field",
    client: "housing-app",
    operation: `query ($n: ID!) { prhApplication(number: $n) { number members { residentStatus absenceDays(months: 999) vehicles { class } } } }`,
    variables: { n: ANCHOR },
    isFailing: true,
  },
];

const eligibility =
  "number status householdIncome members { name { en tc } residentStatus absenceDays ownsDomesticProperty vehicles { class valueBand mark } directorships { role company { ubi name { en tc } status } } incomeBand income }";

function housing({ numbers }: Facts): Case[] {
  const thousand = Array.from({ length: 1000 }, (_, index) => numbers[index % (numbers.length * 2)] ?? `HD-PRH-${9_000_000 + index}`);
  return [
    ...hubCases("housing-app", [
      ["eligibility", `query ($n: ID!) { prhApplication(number: $n) { ${eligibility} } }`, { n: ANCHOR }],
      ["eligibility, unknown application", `query ($n: ID!) { prhApplication(number: $n) { ${eligibility} } }`, { n: "HD-PRH-9999999" }],
      ["an application number that is none", '{ prhApplication(number: "__proto__") { number members { residentStatus } } }'],
      ["eligibility of 1,000 numbers", `query ($n: [ID!]!) { prhApplications(numbers: $n) { ${eligibility} } }`, { n: thousand }],
      ["no numbers", `{ prhApplications(numbers: []) { ${eligibility} } }`],
      ["one number where a list is meant", `query ($n: [ID!]!) { prhApplications(numbers: $n) { number } }`, { n: ANCHOR }],
      [
        "repeated numbers",
        "query ($n: [ID!]!) { prhApplications(numbers: $n) { number members { incomeBand } } }",
        { n: [ANCHOR, ANCHOR, "HD-PRH-9999999", ANCHOR] },
      ],
      ["an input of a computed field beside it", `{ prhApplication(number: "${ANCHOR}") { members { ownsDomesticProperty incomeBand } } }`],
      [
        "the companies of a household, with what is withheld of their officers",
        `{ prhApplication(number: "${ANCHOR}") { members { directorships { since role company { type officers { name { en } identification residentialAddress } properties { prn } } } } } }`,
      ],
      ["a computed field without its input", `{ prhApplication(number: "${ANCHOR}") { members { band: incomeBand } } }`],
    ]),
    ...housingFields(numbers),
    {
      name: "eligibility without a case reference",
      client: "housing-app",
      operation: `{ prhApplication(number: "${ANCHOR}") { ${eligibility} } }`,
      caseReference: null,
    },
  ];
}

function housingFields(numbers: Facts["numbers"]): Case[] {
  return hubCases("housing-app", [
    ["a masked year", `{ prhApplication(number: "${ANCHOR}") { members { born: dateOfBirth name { en } } } }`],
    [
      "masked marks under aliases",
      `{ prhApplication(number: "${ANCHOR}") { members { all: vehicles { m: mark n: mark } valid: vehicles(licensedOnly: true) { mark } } } }`,
    ],
    [
      "arguments in variables",
      `query ($m: Int, $l: Boolean) { prhApplication(number: "${ANCHOR}") { members { absenceDays(months: $m) vehicles(licensedOnly: $l) { class } } } }`,
      { m: 36, l: false },
    ],
    [
      "arguments with different values",
      `{ prhApplication(number: "${ANCHOR}") { members { a: absenceDays(months: 1) b: absenceDays(months: 120) c: absenceDays } } }`,
    ],
    [
      "open data below restricted data",
      `{ prhApplication(number: "${ANCHOR}") { submittedOn district { code name { tc } rainfall carParks(first: 1) { id } } } }`,
    ],
    ["open data beside restricted data", `{ prhApplication(number: "${ANCHOR}") { number } districts { code rainfall } }`],
    [
      "withheld at several places",
      `{ a: prhApplication(number: "${ANCHOR}") { members { income hkid ref sex name { en } vehicles { make licenceExpiry class owner { name { en } } } } } b: prhApplication(number: "${ANCHOR}") { members { i: income } } }`,
    ],
    [
      "a withheld root field beside a readable one",
      `{ vehicle(mark: "AA1") { mark } property(prn: "00000001") { prn } prhApplication(number: "${ANCHOR}") { number } }`,
    ],
    ["nothing readable below a readable object", `{ prhApplication(number: "${ANCHOR}") { number members { income hkid } } }`],
    [
      "withheld fields in fragments",
      `{ prhApplication(number: "${ANCHOR}") { members { ...a ...b } } } fragment a on Person { income residentStatus ...b } fragment b on Person { income hkid vehicles { ...c } } fragment c on Vehicle { class make }`,
    ],
    [
      "an interface as a condition",
      `{ prhApplication(number: "${ANCHOR}") { members { ... on Party { __typename ref ... on Person { residentStatus } } } } }`,
    ],
    [
      "conditions around withheld fields",
      `query ($y: Boolean!) { prhApplication(number: "${ANCHOR}") { number members { income @include(if: $y) residentStatus vehicles @skip(if: $y) { mark } } } }`,
      { y: true },
    ],
    [
      "several applications by alias",
      `{ a: prhApplication(number: "${ANCHOR}") { ...f } b: prhApplication(number: "${numbers[0]}") { ...f } c: prhApplication(number: "HD-PRH-9999999") { ...f } } fragment f on PrhApplication { number status members { name { en } vehicles { class mark } incomeBand } }`,
    ],
  ]);
}

const licensing = hubCases("transport-licensing", [
  ["a licence", "query ($m: ID!) { vehicle(mark: $m) { mark class make licenceExpiry owner { name { en tc } } } }", { m: "AA1" }],
  ["an unknown vehicle", '{ vehicle(mark: "ZZ9999") { mark owner { name { en } } } }'],
  [
    "a licence with withheld fields",
    '{ vehicle(mark: "AA1") { mark valueBand owner { ref hkid name { en } vehicles { mark } ownsDomesticProperty incomeBand } } }',
  ],
  [
    "two licences and the weather",
    '{ a: vehicle(mark: "AA1") { make } b: vehicle(mark: "AA1") { owner { name { tc } } } currentWeather { temperature } }',
  ],
]);

function survey({ refs, prns, marks, numbers }: Facts): Case[] {
  const property = "prn address district { code name { en } population } use consideration";
  return hubCases("survey-app", [
    [
      "a person from all departments",
      `query ($r: ID!) { person(ref: $r) { ref name { en tc } hkid dateOfBirth sex residentStatus absenceDays properties { ${property} } ownsDomesticProperty vehicles { mark make licenceExpiry } incomeBand income } }`,
      { r: refs[0] },
    ],
    ["an unknown person", '{ person(ref: "nobody") { ref name { en } vehicles { mark } incomeBand } }'],
    [
      "a property and its owners by interface",
      `query ($p: ID!) { property(prn: $p) { ${property} owners { share party { __typename ref } } } }`,
      { p: prns[0] },
    ],
    [
      "owners as persons",
      `query ($p: ID!) { property(prn: $p) { owners { share party { ... on Person { name { en tc } residentStatus } } } } }`,
      { p: prns[0] },
    ],
    [
      "owners by interface and as persons",
      `query ($p: ID!) { property(prn: $p) { owners { party { ref ... on Person { r: ref vehicles { mark owner { sex } } incomeBand } } } } }`,
      { p: prns[1] },
    ],
    [
      "owners in named fragments on both",
      `query ($p: ID!) { property(prn: $p) { owners { party { ...a ...b } } } } fragment a on Party { ref ...b } fragment b on Person { sex dateOfBirth name { tc } income }`,
      { p: prns[2] },
    ],
    [
      "a circle back to the person",
      `query ($r: ID!) { person(ref: $r) { properties { prn owners { party { ref ... on Person { properties { prn } name { en } } } } } vehicles { owner { ref vehicles { mark } } } } }`,
      { r: refs[1] },
    ],
    [
      "masks of every kind",
      "query ($n: [ID!]!) { prhApplications(numbers: $n) { submittedOn members { hkid dateOfBirth name { tc } income last: income(year: 2024) vehicles { make licenceExpiry } properties { address consideration } } } }",
      { n: numbers.slice(0, 60) },
    ],
    [
      "a vehicle's owner's properties",
      "query ($m: ID!) { vehicle(mark: $m) { class valueBand owner { properties { prn use district { rainfall } } ownsDomesticProperty } } }",
      { m: marks[1] },
    ],
    [
      "withheld in housing's own type",
      "query ($n: [ID!]!) { prhApplications(numbers: $n) { number status householdIncome district { name { en } } members { sex } } }",
      { n: numbers.slice(0, 5) },
    ],
    [
      "several persons by alias",
      `{ a: person(ref: "${refs[2]}") { ...p } b: person(ref: "${refs[3]}") { ...p } c: person(ref: "${refs[4]}") { ...p } } fragment p on Person { name { en } incomeBand ownsDomesticProperty properties { use } }`,
    ],
    [
      "unlicensed vehicles as well",
      "query ($n: [ID!]!) { prhApplications(numbers: $n) { members { all: vehicles { mark } valid: vehicles(licensedOnly: true) { mark } } } }",
      { n: numbers },
    ],
  ]);
}

/** All operations, over a population whose facts are given. */
export function listCases(facts: Facts): readonly Case[] {
  return [...openCases, ...failing, ...housing(facts), ...licensing, ...survey(facts), ...departmentCases(facts)];
}
