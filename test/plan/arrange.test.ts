import { buildSchema, parse, stripIgnoredCharacters } from "graphql";
import { expect, test } from "vitest";
import { arrange } from "../../gateway/plan/arrange.ts";

const schema = buildSchema(`
  interface Place { id: ID! name: String near(x: Int): [[Place!]] }
  type Flat implements Place { id: ID! name: String near(x: Int): [[Place!]] rent: Int }
  type Shop implements Place { id: ID! name: String near(x: Int): [[Place!]] trade: String rent: String }
  type Park { id: ID! }
  union Thing = Flat | Shop | Park
  type Query { place(x: Int): Place thing: Thing flat: Flat count: Int }
  type Mutation { one: Int two: Int }
`);

function arranged(text: string): { text: string; publicKeys: Record<string, string>; conditions: unknown } | undefined {
  const operation = arrange(parse(text), schema);
  if (operation === undefined) return undefined;
  return {
    text: stripIgnoredCharacters(operation.text),
    publicKeys: Object.fromEntries(operation.publicKeys),
    conditions: operation.conditions,
  };
}

test("an operation without anything that troubles the planner stays as it is", () => {
  const text = "query Q($x:Int){place(x:$x){id name}count}";
  expect(arranged(text)).toEqual({ text, publicKeys: {}, conditions: [] });
});

test("an alias that is the name of some field gets a name of its own", () => {
  expect(arranged("{ place { name: id id: name } }")).toEqual({
    text: "{place{_k1:id _k2:name}}",
    publicKeys: { _k1: "name", _k2: "id" },
    conditions: [],
  });
});

test("a key that stands for different types in different objects is two keys", () => {
  expect(arranged("{ thing { ... on Flat { price: rent } ... on Shop { price: rent } } }")).toEqual({
    text: "{thing{__typename ...on Flat{_k1:rent}...on Shop{_k2:rent}}}",
    publicKeys: { _k1: "price", _k2: "price" },
    conditions: [],
  });
});

test("names that the operation has itself are not used as keys", () => {
  expect(arranged("{ _k1: count place { name: id } }")?.text).toBe("{_k1:count place{_kk1:id}}");
});

test("the type of an object is asked for where the answer depends on it, and under its own name alone", () => {
  expect(arranged("{ place { id kind: __typename } flat { kind: __typename } }")?.text).toBe("{place{__typename id}flat{__typename}}");
  expect(arranged("query($a: Boolean!) { place { id ... on Flat @include(if: $a) { rent } } }")?.text).toBe(
    "query($a:Boolean!){place{__typename id ...on Flat{rent@include(if:$a)}}}",
  );
  expect(arranged("{ place { id ... on Place { name } } }")?.text).toBe("{place{id name}}");
});

test("fragments on interfaces are written out for each type that is left, and fields that stand twice are one", () => {
  expect(arranged("{ thing { ...P ...P ... on Flat { id rent } } } fragment P on Place { id ... on Shop { trade } }")?.text).toBe(
    "{thing{__typename ...on Flat{id rent}...on Shop{id trade}}}",
  );
});

test("what is never asked for is left out, with the variables that nothing else uses", () => {
  expect(arranged("query($x: Int) { count place(x: $x) @skip(if: true) { id } }")?.text).toBe("{count}");
  expect(arranged("query($a: Boolean!) { count @skip(if: $a) @include(if: $a) }")).toBeUndefined();
});

test("conditions upon conditions are one variable of the hub's own", () => {
  const found = arranged("query($a: Boolean!, $b: Boolean!) { ... @include(if: $a) { count @skip(if: $b) } }");
  expect(found?.text).toBe("query($_kc1:Boolean!){count@include(if:$_kc1)}");
  expect(found?.conditions).toEqual([
    {
      variable: "_kc1",
      anyOf: [
        [
          { variable: "a", isTrue: true },
          { variable: "b", isTrue: false },
        ],
      ],
    },
  ]);
});

test("a field that stands under several conditions is asked for when any one holds, and always when one of them always does", () => {
  expect(arranged("query($a: Boolean!, $b: Boolean!) { count @include(if: $a) count @include(if: $b) }")?.conditions).toEqual([
    { variable: "_kc1", anyOf: [[{ variable: "a", isTrue: true }], [{ variable: "b", isTrue: true }]] },
  ]);
  expect(arranged("query($a: Boolean!) { count @include(if: $a) count @skip(if: $a) }")?.text).toBe("{count}");
  expect(arranged("query($a: Boolean!) { flat @include(if: $a) { id } flat { rent } }")?.text).toBe(
    "query($a:Boolean!){flat{id@include(if:$a)rent}}",
  );
});

test("a condition is not said again below what it stands on", () => {
  expect(arranged("query($a: Boolean!) { flat @include(if: $a) { id rent @include(if: $a) } }")?.text).toBe(
    "query($a:Boolean!){flat@include(if:$a){id rent}}",
  );
});

test("one field under two keys has conditions of their own", () => {
  expect(arranged("query($a: Boolean!) { k: flat @skip(if: $a) { id } l: flat @skip(if: $a) { rent } }")?.text).toBe(
    "query($_kc1:Boolean!$_kc2:Boolean!){k:flat@include(if:$_kc1){id}l:flat@include(if:$_kc2){rent}}",
  );
});

test("a mutation whose place in the order depends on conditions is refused", () => {
  expect(() => arranged("mutation($a: Boolean!) { one @include(if: $a) two one }")).toThrow(
    expect.objectContaining({ code: "OPERATION_NOT_SUPPORTED" }),
  );
  expect(arranged("mutation($a: Boolean!) { one two one @include(if: $a) }")?.text).toBe("mutation{one two}");
});

test("the depth of lists is known for each key", () => {
  const keys = arrange(parse("{ place { id: near(x: 1) { name } } }"), schema)?.askedKeys;
  expect(keys?.get("place")?.depth).toBe(0);
  expect(keys?.get("place")?.below.get("_k1")?.depth).toBe(2);
});

test("an operation that would become too large when types are written out is left as it is", () => {
  const fields = Array.from({ length: 12 }, (_, index) => `k${index}: near(x: ${index})`);
  const nest = (depth: number): string =>
    depth === 0 ? "{ id }" : `{ ${fields.map((field) => `${field} ${nest(depth - 1)}`).join(" ")} }`;
  const text = `{ thing { ... on Place ${nest(3)} } }`;
  expect(arranged(text)?.text).toBe(stripIgnoredCharacters(text));
});
