import { expect, test } from "vitest";
import { type Open, openTown, subgraphsOf } from "./subject.ts";

/** What a cache has to do as time goes by. */
export function describeLapse(open: Open): void {
  describeTime(open);
  describeStale(open);
}

function describeTime(open: Open): void {
  test("keeps each field for as long as its department says, and no longer", async () => {
    const { town, advance } = await openTown(open);
    const operation = `{ park(id: "1") { name spaces visitors } }`;
    await town.ask(operation);
    advance(31_000);
    const { calls } = await town.ask(operation);
    expect(calls).toEqual(["traffic query($representations:[_Any!]!){_entities(representations:$representations){...on Park{spaces}}}"]);
    advance(29_000);
    expect(subgraphsOf((await town.ask(`{ park(id: "1") { name visitors } }`)).calls)).toEqual(["parks"]);
    advance(40_000);
    expect(subgraphsOf((await town.ask(`{ park(id: "1") { visitors } }`)).calls)).toEqual(["traffic"]);
  });

  test("remembers for seconds that there is no such thing", async () => {
    const { town, advance } = await openTown(open);
    const operation = `{ park(id: "7") { name } }`;
    await town.ask(operation);
    expect((await town.ask(operation)).calls).toEqual([]);
    town.facts.parks.set("7", { name: "New", colour: "new", spaces: 7, gates: null });
    advance(5_000);
    expect((await town.ask(operation)).data).toEqual({ park: { name: "New" } });
  });

  test("remembers for seconds that an entity is unknown, and forgets what it knew of it", async () => {
    const { town, advance } = await openTown(open);
    const operation = `{ park(id: "1") { id visitors } }`;
    await town.ask(operation);
    town.disturb = ({ subgraph }, text) => (subgraph === "traffic" ? '{"data":{"_entities":[null]}}' : text);
    await town.ask(`{ park(id: "1") { id spaces } }`);
    const { data, calls } = await town.ask(operation);
    expect([data, calls]).toEqual([{ park: { id: "1", visitors: null } }, []]);
    town.disturb = undefined;
    advance(5_000);
    expect((await town.ask(operation)).data).toEqual({ park: { id: "1", visitors: 100 } });
  });
}

function describeStale(open: Open): void {
  test("serves open data beyond its age while it is fetched anew, or can't be, for as long as its department allows", async () => {
    const { town, advance } = await openTown(open);
    const operation = `{ park(id: "1") { id spaces } }`;
    await town.ask(operation);
    const park = town.facts.parks.get("1");
    if (park !== undefined) park.spaces = 11;
    advance(12_000);
    town.disturb = ({ subgraph }, text) => (subgraph === "traffic" ? "fail" : text);
    const stale = await town.ask(operation);
    expect([stale.data, stale.collected.cacheStale]).toEqual([{ park: { id: "1", spaces: 10 } }, 1]);
    town.disturb = undefined;
    await town.ask(operation);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { data, calls, collected } = await town.ask(operation);
    expect([data, calls, collected.cacheStale]).toEqual([{ park: { id: "1", spaces: 11 } }, [], 0]);
    advance(31_000);
    expect((await town.ask(operation)).collected.cacheStale).toBe(0);
  });

  test("never serves beyond its age what was invalidated", async () => {
    const { town, advance } = await openTown(open);
    const operation = `{ park(id: "1") { id spaces } }`;
    await town.ask(operation);
    const park = town.facts.parks.get("1");
    if (park !== undefined) park.spaces = 11;
    advance(12_000);
    await town.invalidate("traffic", { type: "Park", key: { id: "1" } });
    expect((await town.ask(operation)).data).toEqual({ park: { id: "1", spaces: 11 } });
  });
}
