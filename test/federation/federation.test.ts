import { afterAll, expect, test } from "vitest";
import { createSharedPlanner } from "./planners.ts";
import { tryFederation } from "./property.ts";

/** First seed; another one may be given to look at other federations. */
const firstSeed = Number(process.env["FEDERATION_SEED"] ?? 1);
const federations = Number(process.env["FEDERATIONS"] ?? 130);
const operationsEach = 16;

const planner = createSharedPlanner();

afterAll(() => planner.close());

test(`random operations on random federations from seed ${firstSeed} on are answered as the monolith answers them`, {
  timeout: 600_000,
}, async () => {
  let composed = 0;
  let operations = 0;
  const failures: string[] = [];
  const plannerFaults: string[] = [];
  for (let seed = firstSeed; seed < firstSeed + federations; seed += 1) {
    // The planner reads one supergraph at a time.
    const result = await tryFederation(seed, operationsEach, { shared: planner });
    composed += result.isComposed ? 1 : 0;
    operations += result.operations;
    failures.push(...result.failures);
    plannerFaults.push(...result.plannerFaults);
  }
  expect(failures.join("\n\n")).toBe("");
  // What the planner can't do must stay the exception, or the property shows little.
  expect(plannerFaults.length).toBeLessThanOrEqual(Math.max(2, operations * 0.005));
  expect(composed).toBeGreaterThanOrEqual(Math.floor(federations * 0.8));
  expect(operations).toBeGreaterThanOrEqual(composed * 3);
});
