import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Enclosure, openEnclosure, START_MS } from "./enclosure.ts";

let enclosure: Enclosure;

beforeAll(async () => {
  enclosure = await openEnclosure({ limits: { referencesMax: 3 } });
});
afterAll(() => enclosure?.close());
beforeEach(() => enclosure.setClock(START_MS));

const forbidden = (coordinate: string): object => ({
  status: 403,
  body: {
    errors: [
      { message: "The department doesn't share this with the bureau for this purpose.", extensions: { code: "FORBIDDEN", coordinate } },
    ],
  },
});

const entities = (selection: string): string => `query ($r: [_Any!]!) { _entities(representations: $r) { __typename ${selection} } }`;
const ann = { __typename: "Person", ref: "P1" };

describe("a department lets nobody in", () => {
  test("without the hub's header, or with that of another department", async () => {
    const reasonOf = async (header?: string): Promise<unknown> => {
      const { status, body } = await enclosure.send('{ person(ref: "P1") { name } }', header);
      return [status, body.errors[0].extensions.reason, enclosure.ran];
    };
    expect(await reasonOf()).toEqual([401, "MISSING", []]);
    expect(await reasonOf(await enclosure.sign({ subgraph: "clinic" }))).toEqual([401, "AUDIENCE", []]);
    expect(await reasonOf("forged")).toEqual([401, "MALFORMED", []]);
  });
});

describe("a department refuses the whole operation of a verified call, before any resolver runs,", () => {
  test.each([
    ["a field that isn't shared", 'query { person(ref: "P1") { name hkid } }', {}, "Person.hkid"],
    ["it under an alias", 'query { person(ref: "P1") { name: hkid } }', {}, "Person.hkid"],
    ["it in a fragment", "query { things { ...F } } fragment F on Person { hkid }", {}, "Person.hkid"],
    [
      "it in a fragment that is spread twice, first where it can't be",
      "query { owners { ...O } things { ...F } } fragment O on Owner { ...F } fragment F on Person { hkid }",
      {},
      "Person.hkid",
    ],
    ["it in a nested inline fragment", "query { owners { ... on Owner { ... on Person { hkid } } } }", {}, "Person.hkid"],
    ["it even where it is skipped", 'query { person(ref: "P1") { hkid @include(if: false) } }', {}, "Person.hkid"],
    ["a field of an interface that one of its types doesn't share", "query { owners { label } }", {}, "Firm.label"],
    ["a field of a type that shares nothing, its key too", "query { owners { ... on Firm { ref } } }", {}, "Firm.ref"],
    ["it by its reference", entities("... on Person { hkid }"), { r: [ann] }, "Person.hkid"],
    ["it by the interface of its reference", entities("... on Owner { label }"), { r: [ann] }, "Firm.label"],
    ["an argument that isn't shared", 'query { person(ref: "P1") { file(form: SHORT) } }', {}, "Form.SHORT"],
    ["an input field that isn't shared", 'query { find(filter: { hkid: "A1" }) { name } }', {}, "Filter.hkid"],
    ["it deep in a list", 'query { find(filter: { and: [{ name: "a" }, { and: { hkid: "A1" } }] }) { name } }', {}, "Filter.hkid"],
    ["it in a variable", "query ($f: Filter) { find(filter: $f) { name } }", { f: { and: [{ hkid: "A1" }] } }, "Filter.hkid"],
    ["it in the default of a variable", 'query ($f: Filter = { hkid: "A1" }) { find(filter: $f) { name } }', {}, "Filter.hkid"],
    [
      "it in a value for lists, given by itself",
      "query ($a: [Filter!]) { find(filter: { and: $a }) { name } }",
      { a: { hkid: "" } },
      "Filter.hkid",
    ],
    ["an enum's value that isn't shared", "query { find(order: HKID) { name } }", {}, "Order.HKID"],
    ["it in a variable", "query ($o: Order) { find(order: $o) { name } }", { o: "HKID" }, "Order.HKID"],
    ["it in the variable of an input field", "query ($o: Order) { find(filter: { order: $o }) { name } }", { o: "HKID" }, "Order.HKID"],
    ["what a field is computed from that isn't shared", 'query { person(ref: "P1") { size } }', {}, "Person.size"],
    ["the schema's text", "query { _service { sdl } }", {}, "Query._service"],
  ])("that asks for %s", async (_what, query, variables, coordinate) => {
    expect(await enclosure.ask(query, variables)).toEqual(forbidden(coordinate));
    expect(enclosure.ran).toEqual([]);
    // The second time the verdict is a kept one.
    expect(await enclosure.ask(query, variables)).toEqual(forbidden(coordinate));
  });

  test.each([
    ["another bureau", { bureau: "clinic" }],
    ["another purpose", { purpose: "lists" }],
    ["a case that matches no agreement", { casePatterns: [] }],
    ["a case of another pattern", { casePatterns: ["^X-[0-9]{3}$"] }],
  ])("for %s, also when the operation was let pass for one that may", async (_whose, says) => {
    const query = 'query { person(ref: "P1") { name } }';
    expect((await enclosure.ask(query)).status).toBe(200);
    expect(await enclosure.ask(query, {}, says)).toEqual(forbidden("Query.person"));
    expect(enclosure.ran).toEqual([]);
    expect((await enclosure.ask("{ places { code } }", {}, says)).status).toBe(200);
  });

  test("and says so in its log, with no value of the request", async () => {
    enclosure.logged.length = 0;
    await enclosure.ask('query { find(filter: { hkid: "A123456(3)" }) { name } }');
    expect(enclosure.logged).toEqual([["operation-refused", { bureau: "housing", purpose: "checks", coordinate: "Filter.hkid" }]]);
  });
});

describe("a department refuses references", () => {
  const name = entities("... on Person { name }");
  test.each([
    ["to an interface", name, [{ __typename: "Owner", ref: "P1" }], "TYPE"],
    ["to a type that isn't there", name, [{ __typename: "Nobody", ref: "P1" }], "TYPE"],
    ["to a type that every object inherits", name, [{ __typename: "constructor", ref: "P1" }], "TYPE"],
    ["to a type with no key", name, [{ __typename: "Query" }], "TYPE"],
    ["without a type", name, [{ ref: "P1" }], "TYPE"],
    ["of another than the first type", name, [ann, { __typename: "Thing", ref: "P1" }], "TYPE"],
    ["without a key", name, [{ __typename: "Person" }], "KEY"],
    ["that are no objects", name, [["P1"]], "NO_LIST"],
    ["that hold a field of the entity", name, [{ ...ann, hkid: "A123456(3)" }], "FIELD"],
    ["that hold what every object inherits", name, [{ ...ann, toString: "A123456(3)" }], "FIELD"],
    ["that forge what a field is computed from which isn't selected", name, [{ ...ann, height: 180 }], "FIELD"],
    ["that forge what another field is computed from", entities("... on Person { score }"), [{ ...ann, width: 90 }], "FIELD"],
    ["whose input is of another type", entities("... on Person { score }"), [{ ...ann, height: { gt: 1 } }], "VALUE"],
    ["whose key is an object", name, [{ __typename: "Person", ref: { $ne: "" } }], "VALUE"],
    ["whose key is a list", name, [{ __typename: "Person", ref: ["P1"] }], "VALUE"],
    ["in too great a number", name, [ann, ann, ann, ann], "TOO_MANY"],
  ])("%s", async (_what, query, r, reason) => {
    const { status, body } = await enclosure.ask(query, { r });
    expect([status, body.errors[0].extensions]).toEqual([
      403,
      { code: "FORBIDDEN", coordinate: "Query._entities(representations:)", reason },
    ]);
    expect(body.data).toBeUndefined();
    expect(enclosure.ran).toEqual([]);
  });

  test("that are written in the operation, and those of one field among several", async () => {
    const reasonOf = async (query: string, variables = {}): Promise<unknown> =>
      (await enclosure.ask(query, variables)).body.errors[0].extensions.reason;
    const select = "{ ... on Person { name } }";
    expect(await reasonOf(`{ _entities(representations: [{ __typename: "Person", ref: "P1", height: 1 }]) ${select} }`)).toBe("FIELD");
    expect(await reasonOf(`query ($r: [_Any!]! = [{ __typename: "Firms", ref: "P1" }]) { _entities(representations: $r) ${select} }`)).toBe(
      "TYPE",
    );
    const two = `query ($r: [_Any!]!, $s: [_Any!]!) { a: _entities(representations: $r) ${select} b: _entities(representations: $s) ${select} }`;
    expect(await reasonOf(two, { r: [ann], s: [{ ...ann, height: 1 }] })).toBe("FIELD");
    // Both may hold as many as one may.
    expect(await reasonOf(two, { r: [ann, ann], s: [ann, ann] })).toBe("TOO_MANY");
    expect(enclosure.ran).toEqual([]);
  });
});

describe("a department answers what its agreements grant and what the hub needs to join it:", () => {
  test.each([
    ["a shared field under an alias", 'query { person(ref: "P1") { is: name } }', {}, { person: { is: "Ann" } }],
    ["the type of anything", "query { owners { __typename } }", {}, { owners: [{ __typename: "Person" }, { __typename: "Firm" }] }],
    [
      "an interface's field on the types that share it",
      "query { owners { ... on Person { label } } }",
      {},
      { owners: [{ label: "Ann" }, {}] },
    ],
    ["a key", 'query { person(ref: "P1") { __typename ref } }', {}, { person: ann }],
    ["inputs that are shared", 'query { find(filter: { name: "A", order: NAME }) { name } }', {}, { find: [{ name: "Ann" }] }],
    [
      "what a condition names",
      entities("... on Person { consents }"),
      { r: [ann] },
      { _entities: [{ __typename: "Person", consents: ["checks"] }] },
    ],
    [
      "what another department computes from, in the form that it needs",
      entities("... on Person { file(form: LONG) }"),
      { r: [ann] },
      { _entities: [{ __typename: "Person", file: "file" }] },
    ],
    [
      "what it computes from others' fields",
      entities("... on Person { score }"),
      { r: [{ ...ann, height: 180 }] },
      { _entities: [{ __typename: "Person", score: "score 180" }] },
    ],
    [
      "an input that is null",
      entities("... on Person { score }"),
      { r: [{ ...ann, height: null }] },
      { _entities: [{ __typename: "Person", score: "score null" }] },
    ],
    ["no references", entities("... on Person { name }"), { r: [] }, { _entities: [] }],
  ])("%s", async (_what, query, variables, data) => {
    expect(await enclosure.ask(query, variables)).toEqual({ status: 200, body: { data } });
  });
});
