import { expect, test } from "vitest";
import { hasSeen } from "../../gateway/cache/epochs.ts";
import { type Open, openTown, subgraphsOf } from "./subject.ts";

/** What is invalidated, and the departments that are asked again. */
const cases = [
  ["traffic", { all: true }, ["traffic"]],
  ["traffic", { type: "Park" }, ["traffic"]],
  ["traffic", { type: "Park", key: { id: "2" } }, ["traffic"]],
  ["traffic", { type: "Park", key: { id: 2 } }, ["traffic"]],
  ["traffic", { type: "Park", key: { id: "99" } }, []],
  ["traffic", { type: "Park", key: { nothing: "2" } }, ["traffic"]],
  ["traffic", { type: "Warden" }, []],
  ["parks", { all: true }, ["parks"]],
  ["parks", { type: "Park" }, ["parks"]],
  ["parks", { type: "Park", key: { id: "1" } }, ["parks"]],
  ["parks", { type: "Place" }, ["parks"]],
  ["parks", { type: "Pond" }, []],
  ["parks", { tag: "lists" }, ["parks"]],
  ["parks", { tag: "park-1" }, ["parks"]],
  ["parks", { tag: "park-2" }, []],
  ["people", { all: true }, []],
] as const;

/** What a cache has to do when something is said to be no longer so. */
export function describeGone(open: Open): void {
  describeInvalidation(open);
  describeLate(open);
}

function describeInvalidation(open: Open): void {
  const operation = `{ parks(first: 2) { name spaces } park(id: "1") { colour } }`;
  test.each(cases)(`when %s invalidates %j, asks %j again, and once`, async (subgraph, item, asked) => {
    const { town } = await openTown(open);
    await town.ask(operation);
    await town.invalidate(subgraph, item);
    expect(subgraphsOf((await town.ask(operation)).calls)).toEqual(asked);
    expect((await town.ask(operation)).calls).toEqual([]);
  });
}

function describeLate(open: Open): void {
  test("keeps nothing of what was fetched before an invalidation and arrived after it", async () => {
    const { town } = await openTown(open);
    const release = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    town.hold = async () => {
      held.resolve();
      await release.promise;
    };
    const late = town.ask(`{ park(id: "1") { colour } }`);
    await held.promise;
    const park = town.facts.parks.get("1");
    if (park !== undefined) park.colour = "new";
    await town.invalidate("parks", { type: "Park", key: { id: "1" } });
    release.resolve();
    town.hold = undefined;
    expect((await late).data).toEqual({ park: { colour: "green" } });
    expect((await town.ask(`{ park(id: "1") { colour } }`)).data).toEqual({ park: { colour: "new" } });
  });

  test("neither keeps nor serves what a condition may keep back", async () => {
    const { town } = await openTown(open);
    const operation = `{ park(id: "1") { name spaces } }`;
    town.conditioned = ["Park.spaces"];
    await town.ask(operation);
    expect(subgraphsOf((await town.ask(operation)).calls)).toEqual(["traffic"]);
    town.conditioned = [];
    expect(subgraphsOf((await town.ask(operation)).calls)).toEqual(["traffic"]);
    expect((await town.ask(operation)).calls).toEqual([]);
    town.conditioned = ["Park.spaces"];
    expect(subgraphsOf((await town.ask(operation)).calls)).toEqual(["traffic"]);
  });

  test("neither keeps nor serves what was fetched after something that a condition may keep back", async () => {
    const { town } = await openTown(open);
    const operation = `{ person(ref: "A") { favourite { name } } }`;
    town.conditioned = ["Person.favourite"];
    await town.ask(operation, { asker: "a" });
    expect(subgraphsOf((await town.ask(operation, { asker: "a" })).calls)).toEqual(["people", "parks"]);
    town.conditioned = [];
    expect(subgraphsOf((await town.ask(operation, { asker: "a" })).calls)).toEqual(["people", "parks"]);
  });

  test("serves nothing older than a mutation whose answer was given", async () => {
    const { town, engine } = await openTown(open);
    await town.ask(`{ park(id: "1") { colour } }`);
    const { collected } = await town.ask(`mutation { paint(id: "1", colour: "white") { id } }`);
    expect(hasSeen(engine.table, collected.epoch ?? "none")).toBe(true);
    expect((await town.ask(`{ park(id: "1") { colour } }`)).data).toEqual({ park: { colour: "white" } });
  });
}
