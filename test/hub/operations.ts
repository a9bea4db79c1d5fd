/** One operation of the oracle's list. */
export interface Case {
  readonly name: string;
  readonly client: "housing-app" | "transport-licensing" | "stats-analyst" | "survey-app";
  readonly operation: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** null sends no case reference. */
  readonly caseReference?: null;
  /** Whether a department refuses a part, so that errors besides those of withheld fields are expected. */
  readonly isFailing?: boolean;
}

/** Facts of the population that operations name. */
export interface Facts {
  readonly refs: readonly string[];
  readonly prns: readonly string[];
  readonly marks: readonly string[];
  readonly numbers: readonly string[];
}

const ANCHOR = "HD-PRH-0000123";

function hubCases(client: Case["client"], entries: readonly (readonly [string, string, Readonly<Record<string, unknown>>?])[]): Case[] {
  return entries.map(([name, operation, variables = {}]) => ({ name, client, operation, variables }));
}

/** Open data, which every caller may read. */
const open = hubCases("stats-analyst", [
  ["all districts", "{ districts { code name { en tc } region { en } } }"],
  ["one district", '{ district(code: "A") { code name { en } population medianHouseholdIncome } }'],
  ["an unknown district", '{ district(code: "I") { code name { en } rentalFlats rainfall } }'],
  ["a district by spelling", '{ districtBySpelling(spelling: "Sha Tin") { code spellings { source value } } }'],
  ["figures of years", '{ district(code: "T") { years { year population medianHouseholdIncome } } }'],
  [
    "one field with different arguments",
    '{ district(code: "B") { now: population then: population(year: 2021) never: population(year: 1900) } }',
  ],
  [
    "four departments on one district",
    '{ district(code: "R") { name { tc } rentalFlats estates { id } carParks(first: 2) { id } rainfall } }',
  ],
  ["four departments on all districts", "{ districts { code rentalFlats rainfall carParks(first: 1) { id heightLimit } population } }"],
  ["two root fields of one department", '{ a: district(code: "A") { code } b: district(code: "B") { code } districts { code } }'],
  [
    "root fields of all departments with open data",
    '{ districts { code } controlPoints { id } carParks(first: 3) { id } currentWeather { temperature } estate(id: "butterfly-estate") { id } }',
  ],
  [
    "an estate and its district's census",
    '{ estate(id: "butterfly-estate") { name { en tc } district { code name { en } population } intakeYear blocks flats latitude longitude } }',
  ],
  ["an unknown estate", '{ estate(id: "nowhere") { id district { code population } } }'],
  [
    "an estate's district's estates' districts",
    '{ estate(id: "butterfly-estate") { district { estates { id district { code region { en } } } } } }',
  ],
  [
    "a car park with everything",
    '{ carPark(id: "tdc103p1") { id name { en tc } address { en tc } latitude longitude heightLimit vacancy { vehicleType spaces updatedAt } } }',
  ],
  [
    "car parks of a district and rain there",
    '{ carParks(district: "R", first: 7) { id district { code rainfall name { en } rentalFlats } } }',
  ],
  ["no car parks at all", "{ carParks(first: 0) { id district { name { en } } } }"],
  ["car parks with vacancy", "{ carParks(first: 30) { id vacancy { vehicleType spaces } district { carParks(first: 1) { id } } } }"],
  ["weather", "{ currentWeather { updatedAt temperature humidity uvIndex temperatures { place value unit } } }"],
  [
    "warnings and forecast",
    "{ weatherWarnings { code name action issuedAt updatedAt } forecast(days: 4) { date weather wind temperatureMin temperatureMax humidityMin humidityMax } }",
  ],
  [
    "climate",
    '{ dailyClimate(from: "2015-03-01", until: "2015-04-01") { date temperatureMean temperatureMax temperatureMin rainfall humidityMean } }',
  ],
  [
    "passenger traffic",
    '{ passengerTraffic(controlPoint: "airport", from: "2024-02-27", until: "2024-03-01") { date direction hongKongResidents mainlandVisitors otherVisitors total controlPoint { id name } } }',
  ],
  ["an empty period of traffic", '{ passengerTraffic(from: "2024-02-27", until: "2024-02-27") { date } }'],
  [
    "dates in variables",
    "query ($from: Date!, $until: Date!) { dailyClimate(from: $from, until: $until) { date rainfall } }",
    { from: "2016-01-01", until: "2016-01-05" },
  ],
  ["a variable's default", 'query ($code: ID! = "Q") { district(code: $code) { code name { en } rainfall } }'],
  ["null for an optional variable", "{ carParks(district: null, first: 2) { id } }"],
  [
    "aliases everywhere",
    '{ here: district(code: "M") { is: code called: name { english: en } flats: rentalFlats parks: carParks(first: 2) { key: id called: name { en } } } }',
  ],
  [
    "one alias for different departments' fields in different objects",
    '{ a: district(code: "M") { x: rentalFlats } b: district(code: "M") { x: rainfall } c: district(code: "M") { x: population } }',
  ],
  [
    "a fragment used twice",
    'query { a: district(code: "A") { ...f } b: district(code: "B") { ...f } } fragment f on District { code name { ...t } rainfall estates { name { ...t } } } fragment t on LocalText { en tc }',
  ],
  [
    "inline fragments with and without a type",
    '{ district(code: "C") { ... { code } ... on District { rentalFlats ... on District { rainfall } } } }',
  ],
  [
    "fields that merge",
    '{ district(code: "D") { name { en } estates { id } } district(code: "D") { name { tc } estates { flats name { en } } } }',
  ],
  [
    "__typename in all places",
    '{ __typename district(code: "E") { __typename kind: __typename name { __typename en } estates { __typename id } carParks(first: 1) { __typename } } }',
  ],
  ["nothing but __typename of an entity", '{ estate(id: "butterfly-estate") { district { __typename } } }'],
  [
    "include of a variable that is true",
    "query ($more: Boolean!) { districts { code rainfall @include(if: $more) rentalFlats @skip(if: $more) } }",
    { more: true },
  ],
  [
    "include of a variable that is false",
    "query ($more: Boolean!) { districts { code rainfall @include(if: $more) rentalFlats @skip(if: $more) } }",
    { more: false },
  ],
  [
    "conditions on fragments",
    'query ($a: Boolean!, $b: Boolean!) { district(code: "F") { code ... @include(if: $a) { population ... @skip(if: $b) { rainfall } } ...more @include(if: $b) } } fragment more on District { carParks(first: 1) { id } }',
    { a: true, b: false },
  ],
  [
    "both conditions on one field",
    'query ($a: Boolean!, $b: Boolean!) { district(code: "F") { code estates @include(if: $a) @skip(if: $b) { id } } }',
    { a: true, b: true },
  ],
  ["a condition on a root field", "query ($a: Boolean!) { districts @include(if: $a) { code } controlPoints { id } }", { a: false }],
  ["an answer without fields", 'query ($a: Boolean!) { district(code: "G") { code @include(if: $a) } }', { a: false }],
  ["literal conditions", '{ district(code: "G") { code rainfall @skip(if: true) rentalFlats @include(if: true) } }'],
]);

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
  "number status householdIncome members { name { en tc } residentStatus absenceDays ownsDomesticProperty vehicles { class valueBand mark } incomeBand income }";

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
      ["a computed field without its input", `{ prhApplication(number: "${ANCHOR}") { members { band: incomeBand } } }`],
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
    ]),
    {
      name: "eligibility without a case reference",
      client: "housing-app",
      operation: `{ prhApplication(number: "${ANCHOR}") { ${eligibility} } }`,
      caseReference: null,
    },
  ];
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
  return [...open, ...failing, ...housing(facts), ...licensing, ...survey(facts)];
}
