/** One operation of the oracle's list. */
export interface Case {
  readonly name: string;
  readonly client:
    | "housing-app"
    | "transport-licensing"
    | "stats-analyst"
    | "survey-app"
    | "student-finance"
    | "food-licensing"
    | "welfare-app";
  readonly operation: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** The client's first when left out. */
  readonly purpose?: string;
  /** The anchor's of the client when left out; null sends no case reference. */
  readonly caseReference?: string | null;
  /** Whether a department refuses a part, so that errors besides those of withheld fields are expected. */
  readonly isFailing?: boolean;
}

/** Operations of one client as name, operation and variables. */
export function hubCases(
  client: Case["client"],
  entries: readonly (readonly [string, string, Readonly<Record<string, unknown>>?])[],
): Case[] {
  return entries.map(([name, operation, variables = {}]) => ({ name, client, operation, variables }));
}

/** Open data, which every caller may read. */
export const openCases = hubCases("stats-analyst", [
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
