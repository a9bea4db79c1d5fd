import { parse } from "graphql";
import { describe, expect, test } from "vitest";
import { clearOperation } from "../../gateway/access/clear.ts";
import { createCoster } from "../../gateway/access/cost.ts";
import { validateOperation } from "../../gateway/access/validate.ts";
import { defaultLimits } from "../../gateway/core/limits.ts";
import { readSupergraph } from "../../schema/supergraph.ts";
import { refusalOf } from "./sample.ts";

/** @param cost How the supergraph links and names the directives. */
function supergraph(cost: { readonly link: string; readonly cost: string; readonly listSize: string }): string {
  const { listSize, cost: weigh } = cost;
  return `
    schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION) ${cost.link} { query: Query }
    directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
    directive @join__graph(name: String!, url: String!) on ENUM_VALUE
    directive @join__type(graph: join__Graph!, key: String) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
    directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments) repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION
    directive @${weigh}(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
    directive @${listSize}(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
    scalar join__DirectiveArguments
    scalar link__Import
    enum link__Purpose { SECURITY EXECUTION }
    enum join__Graph { A @join__graph(name: "a", url: "http://a") }
    type Query @join__type(graph: A) {
      item: Item
      items: [Item]
      grid: [[Item]]
      names: [String]
      few: [Item] @${listSize}(assumedSize: 3)
      page(first: Int, last: Int): [Item] @${listSize}(slicingArguments: ["first", "last"])
      loose(first: Int, last: Int): [Item] @${listSize}(slicingArguments: ["first", "last"], assumedSize: 7, requireOneSlicingArgument: false)
      usual(first: Int = 5): [Item] @${listSize}(slicingArguments: ["first"])
      deep(input: Slice): [Item] @${listSize}(slicingArguments: ["input.first"])
      connection(first: Int): Connection @${listSize}(slicingArguments: ["first"], sizedFields: ["nodes"])
      byKeys(keys: [ID!]!): [Item]
      search(by: Filter): Item
      thing: Thing
      joined: [Item] @join__directive(graphs: [A], name: "${listSize}", args: {assumedSize: 4})
    }
    type Connection @join__type(graph: A) { nodes: [Item] others: [Item] }
    type Item @join__type(graph: A) { id: ID other: Item items: [Item] dear: Int @${weigh}(weight: 5) heavy: Heavy }
    type Heavy @join__type(graph: A) @${weigh}(weight: 20) { id: ID }
    union Thing @join__type(graph: A) = Item | Heavy
    input Slice @join__type(graph: A) { first: Int }
    input Filter @join__type(graph: A) { text: String @${weigh}(weight: 2) inner: [Filter!] }
  `;
}

const link = (rest: string): string => `@link(url: "https://specs.apollo.dev/cost/v0.1"${rest})`;
const plain = { link: link(', import: ["@cost", "@listSize"]'), cost: "cost", listSize: "listSize" };

function costOf(
  text: string,
  variables: Readonly<Record<string, unknown>> = {},
  { costMax = 1_000, names = plain }: { readonly costMax?: number; readonly names?: typeof plain } = {},
): number {
  const { apiSchema: schema, costs } = readSupergraph(supergraph(names));
  const coster = createCoster({ schema, costs, listSizeDefault: 10, limits: { ...defaultLimits(), costMax } });
  const document = parse(text);
  validateOperation(schema, document);
  const cleared = clearOperation({ schema, document, operationName: undefined, entitlement: undefined, onDenied: "withhold" });
  coster.admit(cleared);
  return coster.charge(cleared, variables);
}

describe("what costs too much is refused", () => {
  test("before it is planned, with the value, the limit and how to ask for more", () => {
    const refused = refusalOf(() => costOf("{ items { items { items { id } } } }"));
    expect(refused.code).toBe("OPERATION_LIMIT");
    expect(refused.facts).toMatchObject({ limit: "costMax", value: 1_110, max: 1_000 });
    expect(refused.facts["how"]).toContain("higher limit");
  });

  test("by what its variables say", () => {
    const text = "query ($n: Int) { page(first: $n) { id } }";
    expect(costOf(text, { n: 1_000 })).toBe(1_000);
    expect(refusalOf(() => costOf(text, { n: 1_001 })).facts).toMatchObject({ limit: "costMax", value: 1_001 });
  });

  test("by the length of a list of keys, written or in a variable", () => {
    const keys = Array.from({ length: 1_001 }, (_, index) => String(index));
    expect(refusalOf(() => costOf(`{ byKeys(keys: ${JSON.stringify(keys)}) { id } }`)).facts).toMatchObject({ value: 1_001 });
    expect(refusalOf(() => costOf("query ($k: [ID!]!) { byKeys(keys: $k) { id } }", { k: keys })).facts).toMatchObject({ value: 1_001 });
    expect(costOf("query ($k: [ID!]!) { byKeys(keys: $k) { id } }", { k: ["1"] })).toBe(10);
  });

  test("whatever number of times its fragments double it, and without reading them twice", () => {
    const fragments = Array.from(
      { length: 60 },
      (_, index) => `fragment F${index} on Item { ...F${index + 1} other { ...F${index + 1} } }`,
    );
    const text = `query ($n: Int) { page(first: $n) { ...F0 } } ${fragments.join(" ")} fragment F60 on Item { items @include(if: $b) { id } }`;
    const refused = refusalOf(() => costOf(text.replace("($n: Int)", "($n: Int, $b: Boolean!)"), { n: 1, b: true }));
    expect(refused.facts).toMatchObject({ limit: "costMax" });
  });

  test("when it gives none or several of the slicing arguments that its subgraph wants one of", () => {
    for (const [text, given] of [
      ["{ page { id } }", 0],
      ["{ page(first: 1, last: 1) { id } }", 2],
      ["{ page(first: null) { id } }", 0],
    ] as const) {
      const refused = refusalOf(() => costOf(text));
      expect([refused.code, refused.facts["given"]]).toEqual(["BAD_USER_INPUT", given]);
      expect(refused.message).toContain("first, last");
    }
    const refused = refusalOf(() => costOf("query ($n: Int) { page(first: $n) { id } }", {}));
    expect(refused.facts).toMatchObject({ coordinate: "Query.page", given: 0 });
  });
});

describe("the cost", () => {
  test.for<readonly [string, Readonly<Record<string, unknown>>, number]>([
    ["{ item { id } }", {}, 1],
    ["{ __typename }", {}, 0],
    ["{ items { id } }", {}, 10],
    ["{ grid { id } }", {}, 100],
    ["{ names }", {}, 0],
    ["{ items { other { id } } }", {}, 20],
    ["{ few { id } }", {}, 3],
    ["{ joined { id } }", {}, 4],
    ["{ page(first: 4) { id } }", {}, 4],
    ["{ page(last: 0) { id } }", {}, 0],
    ["{ page(first: -5) { id } }", {}, 0],
    ["{ loose { id } }", {}, 7],
    ["{ loose(first: 2, last: 3) { id } }", {}, 3],
    ["{ usual { id } }", {}, 5],
    ["query ($n: Int) { usual(first: $n) { id } }", {}, 5],
    ["query ($n: Int) { usual(first: $n) { id } }", { n: 8 }, 8],
    ["{ deep(input: { first: 6 }) { id } }", {}, 7],
    ["query ($n: Int) { deep(input: { first: $n }) { id } }", { n: 6 }, 7],
    ["query ($s: Slice) { deep(input: $s) { id } }", { s: { first: 6 } }, 7],
    ["{ connection(first: 3) { nodes { id } others { id } } }", {}, 14],
    ["{ connection(first: 3) { ...C } } fragment C on Connection { nodes { id } }", {}, 4],
    ["query ($n: Int) { connection(first: $n) { nodes { id } } }", { n: 20 }, 21],
    ["{ item { dear } }", {}, 6],
    ["{ item { heavy { id } } }", {}, 21],
    ["{ thing { __typename } }", {}, 20],
    ["{ thing { ... on Item { other { id } } ... on Heavy { id } } }", {}, 21],
    ['{ search(by: { text: "a" }) { id } }', {}, 4],
    ['{ search(by: { inner: [{ text: "a" }, {}] }) { id } }', {}, 6],
    ["query ($f: Filter) { search(by: $f) { id } }", { f: { text: "a", inner: [{ text: "b" }] } }, 7],
    ["query ($f: Filter) { search(by: $f) { id } }", {}, 1],
    ["{ items @skip(if: true) { id } }", {}, 0],
    ["query ($b: Boolean!) { items @include(if: $b) { id } }", { b: false }, 0],
    ["query ($b: Boolean!) { items @include(if: $b) { id } }", { b: true }, 10],
  ])("of %s with %o is %i", ([text, variables, cost]) => {
    expect(costOf(text, variables)).toBe(cost);
  });

  test.for([
    { link: link(""), cost: "cost", listSize: "cost__listSize" },
    { link: link(', as: "price"'), cost: "price", listSize: "price__listSize" },
    { link: link(', import: [{name: "@cost", as: "@weight"}, {name: "@listSize", as: "@length"}]'), cost: "weight", listSize: "length" },
  ])("is read by whatever names the supergraph has for the directives: $cost, $listSize", (names) => {
    expect(costOf("{ few { dear heavy { id } } }", {}, { names })).toBe(3 * (1 + 5 + 20));
    expect(costOf("{ joined { id } }", {}, { names })).toBe(4);
  });
});
