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

/** @param set Variables of conditions that are true. */
function arranged(text: string, ...set: readonly string[]): { text: string; publicKeys: Record<string, string> } | undefined {
  const operation = arrange(parse(text), schema, new Set(set));
  if (operation === undefined) return undefined;
  return {
    text: stripIgnoredCharacters(operation.text),
    publicKeys: Object.fromEntries(operation.publicKeys),
  };
}

test("an operation without anything that troubles the planner stays as it is", () => {
  const text = "query Q($x:Int){place(x:$x){id name}count}";
  expect(arranged(text)).toEqual({ text, publicKeys: {} });
});

test("an alias that is the name of some field gets a name of its own", () => {
  expect(arranged("{ place { name: id id: name } }")).toEqual({
    text: "{place{_k1:id _k2:name}}",
    publicKeys: { _k1: "name", _k2: "id" },
  });
});

test("a key that stands for different types in different objects is two keys", () => {
  expect(arranged("{ thing { ... on Flat { price: rent } ... on Shop { price: rent } } }")).toEqual({
    text: "{thing{__typename ...on Flat{_k1:rent}...on Shop{_k2:rent}}}",
    publicKeys: { _k1: "price", _k2: "price" },
  });
});

test("names that the operation has itself are not used as keys", () => {
  expect(arranged("{ _k1: count place { name: id } }")?.text).toBe("{_k1:count place{_kk1:id}}");
});

test("the type of an object is asked for where the answer depends on it, and under its own name alone", () => {
  expect(arranged("{ place { id kind: __typename } flat { kind: __typename } }")?.text).toBe("{place{__typename id}flat{__typename}}");
  expect(arranged("{ place { id ... on Place { name } } }")?.text).toBe("{place{id name}}");
});

test("fragments on interfaces are written out for each type that is left, and fields that stand twice are one", () => {
  expect(arranged("{ thing { ...P ...P ... on Flat { id rent } } } fragment P on Place { id ... on Shop { trade } }")?.text).toBe(
    "{thing{__typename ...on Flat{id rent}...on Shop{id trade}}}",
  );
});

test("what conditions exclude is left out, with the variables that nothing else uses", () => {
  const text = "query($x: Int, $a: Boolean!) { count place(x: $x) @skip(if: $a) { id } flat @include(if: $a) { id } }";
  expect(arranged(text, "a")?.text).toBe("{count flat{id}}");
  expect(arranged(text)?.text).toBe("query($x:Int){count place(x:$x){id}}");
  expect(arranged("{ count place @skip(if: true) { id } flat @include(if: true) { id } }")?.text).toBe("{count flat{id}}");
});

test("conditions of fragments, conditions upon conditions and two conditions of one field are all looked at", () => {
  const nested =
    "query($a: Boolean!, $b: Boolean!) { flat { rent ... @include(if: $a) { id ...F @skip(if: $b) } } } fragment F on Place { name }";
  expect(arranged(nested)?.text).toBe("{flat{rent}}");
  expect(arranged(nested, "a")?.text).toBe("{flat{rent id name}}");
  expect(arranged(nested, "b")?.text).toBe("{flat{rent}}");
  expect(arranged(nested, "a", "b")?.text).toBe("{flat{rent id}}");
  expect(arranged("query($a: Boolean!) { count flat @skip(if: $a) @include(if: $a) { id } }", "a")?.text).toBe("{count}");
});

test("a field that stands twice is asked for when any of its conditions holds", () => {
  const twice = "query($a: Boolean!, $b: Boolean!) { count flat @include(if: $a) { id } flat @skip(if: $b) { rent } }";
  expect(arranged(twice, "b")?.text).toBe("{count}");
  expect(arranged(twice, "a", "b")?.text).toBe("{count flat{id}}");
  expect(arranged(twice, "a")?.text).toBe("{count flat{id rent}}");
});

test("objects of which conditions exclude every field are still asked for, and an operation of which nothing is left isn't", () => {
  expect(arranged("query($a: Boolean!) { flat { id @include(if: $a) } }")?.text).toBe("{flat{__typename}}");
  expect(arranged("query($a: Boolean!) { flat { ... on Place { ... @include(if: $a) { id } } } }")?.text).toBe("{flat{__typename}}");
  expect(arranged("query($a: Boolean!) { ... { count @include(if: $a) } }")).toBeUndefined();
});

test("an object's type isn't asked for where only excluded fields depend on it", () => {
  const text = "query($a: Boolean!) { place { id ... on Flat @include(if: $a) { rent } ... on Shop { trade @include(if: $a) } } }";
  expect(arranged(text)?.text).toBe("{place{id}}");
  expect(arranged(text, "a")?.text).toBe("{place{__typename id ...on Flat{rent}...on Shop{trade}}}");
});

test("mutations stand in the order in which they are first included", () => {
  const text = "mutation($a: Boolean!) { one @include(if: $a) two one }";
  expect(arranged(text)?.text).toBe("mutation{two one}");
  expect(arranged(text, "a")?.text).toBe("mutation{one two}");
});

test("one field under several keys stands under one after the other, but for mutations", () => {
  expect(arranged("{ flat { k: id rent id l: rent ... on Place { m: id } } count }")?.text).toBe("{flat{k:id id m:id rent l:rent}count}");
  expect(arranged("mutation { k: one two l: one }")?.text).toBe("mutation{k:one two l:one}");
});

test("the depth of lists is known for each key", () => {
  const keys = arrange(parse("{ place { id: near(x: 1) { name } } }"), schema, new Set())?.askedKeys;
  expect(keys?.get("place")?.depth).toBe(0);
  expect(keys?.get("place")?.below.get("_k1")?.depth).toBe(2);
});

test("an operation that would become too large when types are written out is left as it is", () => {
  const fields = Array.from({ length: 12 }, (_, index) => `k${index}: near(x: ${index})`);
  const nest = (depth: number): string =>
    depth === 0 ? "{ id }" : `{ ${fields.map((field) => `${field} ${nest(depth - 1)}`).join(" ")} }`;
  const text = `{ thing { ... on Place ${nest(3)} } }`;
  expect(arranged(text)?.text).toBe(stripIgnoredCharacters(text));
  const conditioned = `query($a: Boolean!) { thing { ... on Place ${nest(3)} ... on Park { id @include(if: $a) } } }`;
  expect(arranged(conditioned)?.text).toBe(stripIgnoredCharacters(text));
});
