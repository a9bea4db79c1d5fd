import { expect, test } from "vitest";
import { type Open, openTown, subgraphsOf } from "./subject.ts";

/** What a cache has to do that holds a part of what is asked for. */
export function describeParts(open: Open): void {
  describeEntities(open);
  describeRoot(open);
}

function describeEntities(open: Open): void {
  test("asks for the missing fields of the missing entities alone", async () => {
    const { town } = await openTown(open);
    await town.ask(`{ parks(first: 1) { id spaces } }`);
    const { data, calls } = await town.ask(`{ parks(first: 3) { id spaces } }`);
    expect(data).toEqual({
      parks: [
        { id: "1", spaces: 10 },
        { id: "2", spaces: 20 },
        { id: "3", spaces: 30 },
      ],
    });
    expect(calls.length).toBe(2);
    expect(town.calls.at(-1)?.variables["representations"]).toEqual([
      { __typename: "Park", id: "2" },
      { __typename: "Park", id: "3" },
    ]);
    const more = await town.ask(`{ parks(first: 3) { id spaces visitors(day: 4) } }`);
    expect(more.calls).toEqual([
      `traffic query($representations:[_Any!]!){_entities(representations:$representations){...on Park{visitors(day:4)}}}`,
    ]);
    expect(more.data).toEqual({
      parks: [
        { id: "1", spaces: 10, visitors: 104 },
        { id: "2", spaces: 20, visitors: 204 },
        { id: "3", spaces: 30, visitors: 304 },
      ],
    });
  });

  test("asks for what any of several entities lacks, of those that lack something", async () => {
    const { town } = await openTown(open);
    await town.ask(`{ park(id: "1") { id spaces } }`);
    await town.ask(`{ park(id: "2") { id visitors } }`);
    await town.ask(`{ park(id: "3") { id visitors spaces } }`);
    const { data } = await town.ask(`{ parks(first: 3) { id spaces visitors } }`);
    expect(data).toEqual({
      parks: [
        { id: "1", spaces: 10, visitors: 100 },
        { id: "2", spaces: 20, visitors: 200 },
        { id: "3", spaces: 30, visitors: 300 },
      ],
    });
    expect(town.calls.at(-1)?.variables["representations"]).toEqual([
      { __typename: "Park", id: "1" },
      { __typename: "Park", id: "2" },
    ]);
  });
}

function describeRoot(open: Open): void {
  test("asks for the missing fields of the root alone", async () => {
    const { town } = await openTown(open);
    await town.ask(`{ park(id: "1") { name } }`);
    const { data, calls } = await town.ask(`query ($id: ID!) { a: park(id: "1") { name } b: park(id: $id) { name } parks { id } }`, {
      variables: { id: "3" },
    });
    expect(data).toEqual({ a: { name: "Green" }, b: { name: "Blue" }, parks: [{ id: "1" }, { id: "2" }] });
    expect(calls).toEqual(["parks query($id:ID!){b:park(id:$id){...on Park{name}}parks{id}}"]);
  });

  test("puts errors of a narrower call where they belong in the whole answer", async () => {
    const { town } = await openTown(open);
    await town.ask(`{ parks(first: 1) { id spaces } }`);
    town.disturb = ({ subgraph }) =>
      subgraph === "traffic" ? '{"data":{"_entities":[{"spaces":20},null]},"errors":[{"message":"no","path":["_entities",1]}]}' : "{}";
    await town.ask(`{ parks(first: 3) { id } }`).catch(() => undefined);
    town.disturb = ({ subgraph }, text) =>
      subgraph === "traffic" ? '{"data":{"_entities":[{"spaces":20},null]},"errors":[{"message":"no","path":["_entities",1]}]}' : text;
    const { data, problems } = await town.ask(`{ parks(first: 3) { id spaces } }`);
    expect(data).toEqual({
      parks: [
        { id: "1", spaces: 10 },
        { id: "2", spaces: 20 },
        { id: "3", spaces: null },
      ],
    });
    expect(problems).toEqual(["SUBGRAPH_ERROR parks.@"]);
  });

  test("tells entities apart by what a field of theirs requires", async () => {
    const { town } = await openTown(open);
    const operation = `{ person(ref: "A") { name band } }`;
    expect((await town.ask(operation, { asker: "a" })).data).toEqual({ person: { name: "Ann", band: "YOUNG" } });
    town.facts.people.set("A", { name: "Ann", age: 80 });
    await town.invalidate("people", { type: "Person" });
    const { data, calls } = await town.ask(operation, { asker: "a" });
    expect([data, subgraphsOf(calls)]).toEqual([{ person: { name: "Ann", band: "OLD" } }, ["people", "welfare"]]);
  });
}
