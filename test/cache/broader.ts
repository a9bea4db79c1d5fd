import { expect, test } from "vitest";
import { type Open, openTown, subgraphsOf } from "./subject.ts";

/** What a cache has to do once a record has lacked what was asked for. */
export function describeBroader(open: Open): void {
  describeLearning(open);
  describeBounds(open);
  describeFaults(open);
}

const parkOf = (id: string, selection: string): string => `{ park(id: "${id}") { ${selection} } }`;

function describeLearning(open: Open): void {
  test("brings at once what records of a field of the root have lacked", async () => {
    const { town } = await openTown(open);
    await town.ask(parkOf("1", "name"));
    await town.ask(parkOf("1", "colour"));
    await town.ask(parkOf("1", "name"));
    expect((await town.ask(parkOf("1", "colour"))).calls).toEqual([]);
    expect((await town.ask(parkOf("2", "colour"))).calls).toEqual([`parks {park(id:"2"){colour _hub_also_name:name}}`]);
    const { data, calls } = await town.ask(parkOf("2", "name colour"));
    expect([data, calls]).toEqual([{ park: { name: null, colour: "red" } }, []]);
  });

  test("brings at once what entities of a type have lacked", async () => {
    const { town } = await openTown(open);
    await town.ask(`{ parks(first: 1) { id spaces } }`);
    await town.ask(`{ parks(first: 1) { id spaces visitors } }`);
    const { calls } = await town.ask(`{ parks(first: 3) { id spaces } }`);
    expect(calls.at(-1)).toMatch(/^traffic .*\.\.\.on Park\{spaces _hub_also_visitors:visitors\}/);
    const { data, calls: none } = await town.ask(`{ parks(first: 3) { visitors } }`);
    expect([data, none]).toEqual([{ parks: [{ visitors: 100 }, { visitors: 200 }, { visitors: 300 }] }, []]);
  });

  test("gives each field under the key that was asked for, whatever else was brought", async () => {
    const { town } = await openTown(open);
    await town.ask(parkOf("1", "name"));
    await town.ask(parkOf("1", "name colour"));
    expect((await town.ask(parkOf("2", "name: colour"))).data).toEqual({ park: { name: "red" } });
    expect((await town.ask(parkOf("3", "colour: name name: colour"))).data).toEqual({ park: { colour: "Blue", name: "blue" } });
    expect((await town.ask(parkOf("3", "name"))).data).toEqual({ park: { name: "Blue" } });
  });
}

function describeBounds(open: Open): void {
  test("asks for nothing unasked that runs out sooner than what is asked for", async () => {
    const { town } = await openTown(open);
    await town.ask(`{ parks(first: 1) { id visitors } }`);
    await town.ask(`{ parks(first: 1) { id visitors spaces } }`);
    const { calls } = await town.ask(`{ parks(first: 2) { id visitors } }`);
    expect(calls.at(-1)).not.toContain("spaces");
  });

  test.each([
    ["arguments", "colour(shade: 2)"],
    ["lists", "gates { code }"],
  ])("asks for nothing unasked that has %s", async (_, selection) => {
    const { town } = await openTown(open);
    await town.ask(parkOf("1", "name"));
    await town.ask(parkOf("1", selection));
    await town.ask(parkOf("1", `name ${selection}`));
    expect((await town.ask(parkOf("2", "name"))).calls).toEqual([`parks {park(id: "2"){name}}`]);
  });

  test("asks for nothing unasked of what isn't open", async () => {
    const { town } = await openTown(open);
    await town.ask(`{ person(ref: "A") { name } }`, { asker: "a" });
    await town.ask(`{ person(ref: "A") { name age } }`, { asker: "a" });
    expect((await town.ask(`{ person(ref: "B") { name } }`, { asker: "a" })).calls).toEqual([`people {person(ref: "B"){name}}`]);
  });

  test("forgets what nobody has asked for in ten minutes", async () => {
    const { town, advance } = await openTown(open);
    await town.ask(parkOf("1", "name"));
    await town.ask(parkOf("1", "name colour"));
    expect((await town.ask(parkOf("2", "name"))).calls).toEqual([`parks {park(id:"2"){name _hub_also_colour:colour}}`]);
    advance(600_000);
    expect((await town.ask(parkOf("3", "name"))).calls).toEqual([`parks {park(id: "3"){name}}`]);
  });
}

function describeFaults(open: Open): void {
  test("asks again for what was asked for alone, when what is brought beside it has an error, and then leaves it", async () => {
    const { town } = await openTown(open);
    await town.ask(parkOf("1", "name"));
    await town.ask(parkOf("1", "name colour"));
    town.disturb = (call, text) =>
      call.query.includes("colour") ? '{"data":{"park":null},"errors":[{"message":"no","path":["park","_hub_also_colour"]}]}' : text;
    const { data, problems, calls } = await town.ask(parkOf("2", "name"));
    expect([data, problems]).toEqual([{ park: { name: null } }, []]);
    expect(calls).toEqual([`parks {park(id:"2"){name _hub_also_colour:colour}}`, `parks {park(id: "2"){name}}`]);
    expect((await town.ask(parkOf("2", "name"))).calls).toEqual([]);
    expect((await town.ask(parkOf("3", "name"))).calls).toEqual([`parks {park(id: "3"){name}}`]);
  });

  test("asks a department that isn't there once", async () => {
    const { town } = await openTown(open);
    await town.ask(`{ parks(first: 1) { id spaces } }`);
    await town.ask(`{ parks(first: 1) { id spaces visitors } }`);
    town.disturb = ({ subgraph }, text) => (subgraph === "traffic" ? "fail" : text);
    const { problems, calls } = await town.ask(`{ parks(first: 3) { id spaces } }`);
    expect(subgraphsOf(calls).filter((name) => name === "traffic")).toEqual(["traffic"]);
    expect(problems).toEqual(["SUBGRAPH_UNAVAILABLE parks.@"]);
  });
}
