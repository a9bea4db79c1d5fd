/*
 * The graph of the benchmarks: a market's traders, wares, stores and notes, each the property of a department of its own.
 *
 * Fields that start a call of a department take a `nonce`, which changes nothing: a caller who sends another nonce with each request
 * makes every call different, so that no gateway can share or keep any of them.
 */

/** Departments of the benchmarks' graph. */
export const departmentNames = ["traders", "wares", "stores", "notes"] as const;

/** One of them. */
export type DepartmentName = (typeof departmentNames)[number];

const link = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@requires", "@external"])
  @link(url: "https://crossharbour.example/hub/v1.0", import: ["@classified", "@cacheControl", "Level", "Identifier", "CacheControlScope"])
`;

const types: Readonly<Record<DepartmentName, string>> = {
  traders: `
type Query {
  traders(first: Int! = 21, nonce: String): [Trader!] @classified(level: RESTRICTED, personal: true)
  trader(id: ID!, nonce: String): Trader @classified(level: RESTRICTED, personal: true)
}

type Trader @key(fields: "id") @classified(level: RESTRICTED, personal: true) @cacheControl(maxAge: 3600) {
  id: ID
  name(nonce: String): String
  phone: String
  licence: String
}
`,
  wares: `
type Query {
  wares(first: Int! = 200, from: Int! = 0, nonce: String): [Ware!] @classified(level: OPEN)
  ware(code: ID!): Ware @classified(level: OPEN)
  ledger(nonce: String): [Entry!] @classified(level: OPEN)
}

type Ware @key(fields: "code") @classified(level: OPEN) @cacheControl(maxAge: 3600) {
  code: ID!
  title(nonce: String): String
  price: Int
  weight: Int
  organic: Boolean
  supplier: Trader @classified(level: RESTRICTED, personal: true)
}

type Entry @classified(level: OPEN) @cacheControl(maxAge: 3600) {
  number: Int!
  day: String!
  text: String!
  amount: Float!
  isSettled: Boolean!
  tags: [String!]!
  place: Place
}

type Place @classified(level: OPEN) @cacheControl(maxAge: 3600) {
  row: String!
  stall: Int!
}

type Trader @key(fields: "id", resolvable: false) {
  id: ID @classified(level: RESTRICTED, personal: true)
}
`,
  stores: `
type Ware @key(fields: "code") @classified(level: OPEN) @cacheControl(maxAge: 3600) {
  code: ID!
  price: Int @external
  weight: Int @external
  stock(nonce: String): Int
  label: String
  freight: Int @requires(fields: "price weight")
  depot: Depot
}

type Depot @classified(level: OPEN) @cacheControl(maxAge: 3600) {
  name: String!
  keeper: Trader @classified(level: RESTRICTED, personal: true)
}

type Trader @key(fields: "id", resolvable: false) {
  id: ID @classified(level: RESTRICTED, personal: true)
}
`,
  notes: `
type Trader @key(fields: "id") @classified(level: RESTRICTED, personal: true) @cacheControl(maxAge: 3600) {
  id: ID
  licence: String @external
  notes(nonce: String): [Note!]
  rota(nonce: String): [Note!] @requires(fields: "licence")
}

type Ware @key(fields: "code") @classified(level: RESTRICTED) @cacheControl(maxAge: 3600) {
  code: ID! @classified(level: OPEN)
  remarks(nonce: String): Int
}

type Note @key(fields: "id") @classified(level: RESTRICTED, personal: true) @cacheControl(maxAge: 3600) {
  id: ID
  text: String
  stars: Int
  ware: Ware
}
`,
};

/** A department's SDL as it publishes it, classifications included. */
export function sdlOf(name: DepartmentName): string {
  return `${link}${types[name]}`;
}

/** The same without the hub's directives, as a department of another federation would publish it. */
export function plainSdlOf(name: DepartmentName): string {
  return `${link.split("\n").slice(0, 2).join("\n")}\n${withoutClasses(types[name])}`;
}

/** The same in the words of Federation 1, for gateways that know no later one: types of others are extended there, and keys are external. */
export function firstSdlOf(name: DepartmentName): string {
  const owned: Readonly<Record<DepartmentName, readonly string[]>> = { traders: ["Trader"], wares: ["Ware"], stores: [], notes: ["Note"] };
  return withoutClasses(types[name])
    .replace("type Query {", "extend type Query {")
    .replaceAll(", resolvable: false", "")
    .replaceAll(/type (Trader|Ware) (@key[^{]*\{\n {2}(?:id: ID|code: ID!))/g, (text, type: string, rest: string) =>
      owned[name].includes(type) ? text : `extend type ${type} ${rest} @external`,
    );
}

function withoutClasses(text: string): string {
  return text.replaceAll(/ @(?:classified|cacheControl)\([^)]*\)/g, "");
}
