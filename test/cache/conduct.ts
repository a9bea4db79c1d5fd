import { describe, expect, test } from "vitest";
import { describeBroader } from "./broader.ts";
import { describeGone } from "./gone.ts";
import { describeLapse } from "./lapse.ts";
import { describeParts } from "./partly.ts";
import { type Open, openTown, subgraphsOf } from "./subject.ts";
import { buildTown } from "./town.ts";

/** What a hub's cache has to do, wherever it keeps things. */
export function describeCache(name: string, open: Open): void {
  describe(`a cache ${name}`, () => {
    describeNothing(open);
    describeMeeting(open);
    describeParts(open);
    describeBroader(open);
    describeLapse(open);
    describeGone(open);
    describeScopes(open);
  });
}

function describeNothing(open: Open): void {
  test("never keeps a reply with an error, whatever else is in it", async () => {
    const { town } = await openTown(open);
    town.disturb = ({ subgraph }, text) =>
      subgraph === "parks" ? text.replace(/\}$/, ',"errors":[{"message":"no","path":["park","colour"]}]}') : text;
    const first = await town.ask(`{ park(id: "1") { name colour spaces } }`);
    expect(first.problems).toEqual(["SUBGRAPH_ERROR park.colour"]);
    town.disturb = undefined;
    const second = await town.ask(`{ park(id: "1") { name colour spaces } }`);
    expect(second.problems).toEqual([]);
    expect(subgraphsOf(second.calls)).toEqual(["parks"]);
  });

  test("never keeps a reply without data, of a failed call, or with fewer entities than were asked for", async () => {
    const { town } = await openTown(open);
    const texts = [
      '{"errors":[{"message":"no"}]}',
      "fail" as const,
      '{"data":{"_entities":[]}}',
      '{"data":{"_entities":null}}',
      "{}",
      "[1]",
    ];
    for (const text of texts) {
      town.disturb = ({ subgraph }, own) => (subgraph === "traffic" ? text : own);
      const { data } = await town.ask(`{ park(id: "1") { name spaces } }`);
      expect(data).toEqual({ park: { name: "Green", spaces: null } });
    }
    town.disturb = undefined;
    const { data, calls } = await town.ask(`{ park(id: "1") { name spaces } }`);
    expect([data, subgraphsOf(calls)]).toEqual([{ park: { name: "Green", spaces: 10 } }, ["traffic"]]);
  });

  test("keeps nothing that no department declares, and nothing that one forbids", async () => {
    const { town } = await openTown(open);
    for (const operation of [`{ clock }`, `{ park(id: "1") { name } clock }`, `{ person(ref: "A") { secret } }`]) {
      await town.ask(operation, { asker: "a" });
      const { calls, collected } = await town.ask(operation, { asker: "a" });
      expect([calls.length, collected.cacheHits, collected.cacheMisses]).toEqual([1, 0, 0]);
    }
  });
}

/** Two questions that must be answered alike by one record: the first fills it, the second asks nobody. */
const meetings: readonly (readonly [string, string, string])[] = [
  ["aliases", `{ park(id: "1") { name colour } }`, `{ p: park(id: "1") { n: name c: colour } }`],
  ["the order of arguments and of fields", `{ parks(first: 3, kind: BIG) { id name } }`, `{ parks(kind: BIG, first: 3) { name id } }`],
  [
    "fragments",
    `{ park(id: "1") { name colour } }`,
    `{ ...F } fragment F on Query { park(id: "1") { ...G ... { colour } } } fragment G on Park { name }`,
  ],
  ["a literal and a variable", `{ park(id: "1") { name } }`, `query ($id: ID!) { park(id: $id) { name } }`],
  ["a narrower question below the root", `{ park(id: "1") { name colour gates { code width } } }`, `{ park(id: "1") { gates { width } } }`],
  [
    "a narrower question below an entity",
    `{ park(id: "1") { id visitors wardens { name badge } } }`,
    `{ park(id: "1") { id wardens { badge } } }`,
  ],
  [
    "a null and an empty list, whatever is asked of what isn't there",
    `{ parks(first: 3) { gates { code } } }`,
    `{ parks(first: 3) { gates { code } } }`,
  ],
  [
    "types of an interface",
    `{ places { id ... on Park { name colour } ... on Pond { depth } } }`,
    `{ places { ... on Pond { d: depth } ... on Park { n: name } } }`,
  ],
  ["conditions", `{ park(id: "1") { name colour } }`, `query ($no: Boolean = false) { park(id: "1") { name colour @include(if: $no) } }`],
];

/** Two questions that look alike and ask for different things. */
const strangers: readonly (readonly [string, string])[] = [
  [`{ park(id: "1") { colour } }`, `{ park(id: "1") { colour(shade: 1) } }`],
  [`{ park(id: "1") { colour(shade: 1) } }`, `{ park(id: "1") { colour: colour(shade: 2) } }`],
  [`{ park(id: "1") { visitors } }`, `{ park(id: "1") { visitors(day: 1) } }`],
  [`{ park(id: "1") { name } }`, `{ park(id: "2") { name: id } }`],
  [`{ parks(first: 1) { id } }`, `{ parks(first: 2) { id } }`],
  [`{ parks(kind: SMALL) { id } }`, `{ parks(kind: BIG) { id } }`],
  [`{ park(id: "null") { name } }`, `{ park(id: "1") { name } }`],
  [`{ park(id: "1") { gates { code } } }`, `{ park(id: "1") { gates { code width } } }`],
];

function describeMeeting(open: Open): void {
  test.each(meetings)("lets questions meet in one record that differ in %s", async (_what, first, second) => {
    const { town } = await openTown(open);
    await town.ask(first, { variables: { id: "1", no: false } });
    const fresh = buildTown(undefined);
    const { data, calls } = await town.ask(second, { variables: { id: "1", no: false } });
    expect([data, calls]).toEqual([(await fresh.ask(second, { variables: { id: "1", no: false } })).data, []]);
  });

  test.each(strangers)("answers %s and %s each for itself", async (first, second) => {
    const { town } = await openTown(open);
    const fresh = buildTown(undefined);
    for (const operation of [first, second, first, second]) {
      expect((await town.ask(operation)).data).toEqual((await fresh.ask(operation)).data);
    }
  });

  test("keeps two runs of one field in one question apart", async () => {
    const { town } = await openTown(open);
    const operation = `{ a: park(id: "1") { gates { code } } b: park(id: "1") { gates { width } } }`;
    const { data } = await town.ask(operation);
    expect(data).toEqual({ a: { gates: [{ code: "N" }, { code: "S" }] }, b: { gates: [{ width: 2 }, { width: 3 }] } });
    expect((await town.ask(operation)).data).toEqual(data);
    const inner = `{ park(id: "1") { a: gates { code } b: gates { width } } }`;
    const first = await town.ask(inner);
    expect((await town.ask(inner)).data).toEqual(first.data);
  });
}

function describeScopes(open: Open): void {
  test("keeps what is personal apart for each asker, and open data for none", async () => {
    const { town } = await openTown(open);
    const operation = `{ person(ref: "A") { name } }`;
    await town.ask(operation, { asker: "housing" });
    expect((await town.ask(operation, { asker: "welfare" })).calls).toHaveLength(1);
    expect((await town.ask(operation, { asker: "housing" })).calls).toEqual([]);
    await town.ask(`{ park(id: "1") { name } }`, { asker: "housing" });
    expect((await town.ask(`{ park(id: "1") { name } }`, { asker: "welfare" })).calls).toEqual([]);
  });

  test("keeps nothing personal where it isn't known who asks", async () => {
    const { town } = await openTown(open);
    const operation = `{ person(ref: "A") { name } }`;
    await town.ask(operation);
    expect((await town.ask(operation)).calls).toHaveLength(1);
  });

  test("keeps open data apart that was asked for because a person led to it, and with a field of a person's", async () => {
    const { town } = await openTown(open);
    const spaces = `{ park(id: "1") { spaces } }`;
    await town.ask(`{ person(ref: "A") { favourite { spaces } } }`, { asker: "housing" });
    // What leads there on its own is shared.
    expect((await town.ask(spaces, { asker: "welfare" })).calls).toHaveLength(2);
    expect((await town.ask(spaces, { asker: "housing" })).calls).toEqual([]);
    await town.ask(`{ park(id: "2") { name } one: park(id: "3") { keeper { ref } } }`, { asker: "housing" });
    expect((await town.ask(`{ park(id: "2") { name } }`, { asker: "welfare" })).calls).toHaveLength(1);
  });

  test("keeps what holds a person with open data apart as a whole", async () => {
    const { town } = await openTown(open);
    const operation = `{ park(id: "1") { name keeper { ref } } }`;
    await town.ask(operation, { asker: "housing" });
    expect((await town.ask(operation, { asker: "welfare" })).calls).toHaveLength(1);
  });
}
