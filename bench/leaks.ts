import { createSharedPlanner } from "../test/federation/planners.ts";
import { tryLeaks } from "../test/interference/property.ts";
import type { SoakOptions } from "./soak.ts";

const casesEach = 20;
/** After as many federations, how it goes is told. */
const sayEvery = 100;

/**
 * Asks random operations on random federations under random agreements in two worlds that differ in what the caller may not see. What a caller
 * could tell them apart by is written out with its seed, by which `LEAKS_SEED=n LEAKS_FEDERATIONS=1 npm test -- interference` runs it again.
 */
export async function soakLeaks({ numbers, say }: SoakOptions): Promise<boolean> {
  const casesMax = numbers.get("cases") ?? 0;
  const firstSeed = numbers.get("seed") ?? 1;
  const planner = createSharedPlanner();
  const totals = { federations: 0, composed: 0, cases: 0, leaks: 0 };
  const kinds = new Map<string, number>();
  for (let seed = firstSeed; totals.cases < casesMax; seed += 1) {
    // The planner reads one supergraph at a time.
    const { isComposed, cases, leaks, seen } = await tryLeaks(seed, Math.min(casesEach, casesMax - totals.cases), {
      shared: planner,
      isNarrowing: true,
    });
    totals.federations += 1;
    totals.composed += isComposed ? 1 : 0;
    totals.cases += cases;
    totals.leaks += leaks.length;
    for (const leak of leaks) console.log(`${leak}\n`);
    for (const [kind, times] of seen) kinds.set(kind, (kinds.get(kind) ?? 0) + times);
    if (totals.federations % sayEvery === 0) say(`seed ${seed}: ${totals.cases} cases, ${totals.leaks} leaks`);
  }
  await planner.close();
  console.log(
    `seeds ${firstSeed} to ${firstSeed + totals.federations - 1}: ${totals.composed} of ${totals.federations} federations compose`,
  );
  console.log(`${totals.cases} cases, ${totals.leaks} leaks. The answers that were compared:`);
  for (const [kind, times] of [...kinds].toSorted(([, left], [, right]) => right - left)) console.log(`  ${times} ${kind}`);
  return totals.leaks === 0;
}
