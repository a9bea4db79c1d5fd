import { expect, test } from "vitest";
import { inPairs, type Trial, tryLeak } from "./seeding.ts";
import { leaks } from "./seeds.ts";

const bounds = { federations: 4, casesEach: 60, timeoutMs: 60_000 };

test("each seeded leak is found by the property, and without one nothing is", { timeout: 600_000 }, async () => {
  const trials: ({ readonly name: string } & Trial)[] = [];
  const none = { name: "no leak", edits: [], seed: 1 };
  await inPairs([none, ...leaks], async (leak) => {
    trials.push({ name: leak.name, ...(await tryLeak(leak, bounds)) });
  });
  const [clean, found] = [trials.filter(({ name }) => name === none.name), trials.filter(({ name }) => name !== none.name)];
  expect(clean.map(({ status, output }) => (status === 0 ? "" : output))).toEqual([""]);
  // A process that ends with status 1 for another reason has found nothing.
  const missed = found.filter(({ status, output }) => status !== 1 || !output.startsWith("LEAKS_SEED="));
  expect(missed.map(({ name, output }) => `${name}: ${output.slice(0, 500)}`)).toEqual([]);
  expect(found.length).toBeGreaterThanOrEqual(20);
});
