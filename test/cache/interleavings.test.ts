import { expect, test } from "vitest";
import { createTestEngine } from "./engine.ts";
import { buildTown, type Town } from "./town.ts";

/** A step of one of the actors: it is run to its end before the next one of any actor is. */
type StepName = string;

/** Every order in which the actors' steps can follow each other. */
function interleave(actors: readonly (readonly StepName[])[]): StepName[][] {
  if (actors.every((steps) => steps.length === 0)) return [[]];
  return actors.flatMap((steps, index) => {
    const [first, ...rest] = steps;
    if (first === undefined) return [];
    return interleave(actors.map((own, at) => (at === index ? rest : own))).map((order) => [first, ...order]);
  });
}

/** Lets what can go on without a held call go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const item = { type: "Park", key: { id: "1" } };
const operation = `{ park(id: "1") { colour } }`;

/**
 * One run: two fills, one change with its invalidation, and two reads, in the order of the names. A fill's call reads the department's fact when it begins and is
 * answered when it ends, which is all the time that a late fill needs to do harm.
 */
async function run(town: Town, order: readonly StepName[]): Promise<string[]> {
  const { facts } = town;
  const first = facts.parks.get("1");
  if (first !== undefined) first.colour = "green";
  // Nothing of the run before is left.
  await town.invalidate("parks", { all: true });
  const wrongs: string[] = [];
  const held = new Map<string, PromiseWithResolvers<void>>();
  let fill = "";
  let changes = 0;
  /** How many changes were invalidated when a read or fill began: it may see no older state. */
  let acknowledged = 0;
  town.hold = async () => {
    const gate = held.get(fill);
    await gate?.promise;
  };
  const running: Promise<void>[] = [];
  const ask = async (name: string): Promise<void> => {
    const least = acknowledged;
    const { data } = await town.ask(operation);
    const { colour } = (data as { park: { colour: string } }).park;
    const seen = colour === "green" ? 0 : Number(colour);
    if (seen < least) wrongs.push(`${name} began after change ${least} was acknowledged and saw ${seen}`);
  };
  for (const step of order) {
    const [actor = "", what] = step.split(".");
    if (what === "begin") {
      held.set(actor, Promise.withResolvers());
      fill = actor;
      running.push(ask(actor));
      await settle();
      fill = "";
    } else if (what === "end") held.get(actor)?.resolve();
    else if (what === "change") {
      changes += 1;
      const park = facts.parks.get("1");
      if (park !== undefined) park.colour = String(changes);
    } else if (what === "invalidate") {
      await town.invalidate("parks", item);
      acknowledged = changes;
    } else running.push(ask(actor));
    await settle();
  }
  for (const gate of held.values()) gate.resolve();
  await Promise.all(running);
  // What is left in the cache is judged too.
  await ask("last");
  return wrongs.map((wrong) => `${order.join(" ")}: ${wrong}`);
}

test("in no order of fills, changes, invalidations and reads is anything served that was acknowledged to be gone", async () => {
  const orders = interleave([["one.begin", "one.end"], ["two.begin", "two.end"], ["x.change", "x.invalidate"], ["reader.read"]]);
  expect(orders).toHaveLength(630);
  const wrongs: string[] = [];
  const town = buildTown(createTestEngine());
  // One after the other, as they share a town.
  for (const order of orders) wrongs.push(...(await run(town, order)));
  expect(wrongs).toEqual([]);
}, 300_000);
