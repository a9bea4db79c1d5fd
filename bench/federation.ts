import { createSharedPlanner } from "../test/federation/planners.ts";
import { tryFederation } from "../test/federation/property.ts";
import type { SoakOptions } from "./soak.ts";

const operationsEach = 4;
/** After as many federations, how it goes is told. */
const sayEvery = 250;
/** Planner faults are told as a share of the cases; more than this is bad. */
const plannerFaultsShareMax = 0.005;

/**
 * Holds the hub's answers to random operations on random federations against those of one server with the same data. What fails is written
 * out with its seed, by which `FEDERATION_SEED=n npm test -- federation` runs it again.
 */
export async function soakFederation({ numbers, say }: SoakOptions): Promise<boolean> {
  const cases = numbers.get("cases") ?? 0;
  const firstSeed = numbers.get("seed") ?? 1;
  const planner = createSharedPlanner();
  const totals = { federations: 0, composed: 0, cases: 0, failures: 0, plannerFaults: 0 };
  const reasons = new Map<string, number>();
  for (let seed = firstSeed; totals.cases < cases; seed += 1) {
    // The planner reads one supergraph at a time.
    const result = await tryFederation(seed, Math.min(operationsEach, cases - totals.cases), { shared: planner });
    totals.federations += 1;
    totals.composed += result.isComposed ? 1 : 0;
    totals.cases += result.operations;
    totals.failures += result.failures.length;
    totals.plannerFaults += result.plannerFaults.length;
    for (const failure of result.failures) console.log(`${failure}\n`);
    for (const fault of result.plannerFaults) count(reasons, reasonOf(fault));
    if (totals.federations % sayEvery === 0)
      say(`seed ${seed}: ${totals.cases} cases, ${totals.failures} failures, ${totals.plannerFaults} planner faults`);
  }
  await planner.close();
  console.log(
    `seeds ${firstSeed} to ${firstSeed + totals.federations - 1}: ${totals.composed} of ${totals.federations} federations compose`,
  );
  console.log(
    `${totals.cases} cases, ${totals.failures} failures, ${totals.plannerFaults} planner faults (an error instead of an answer):`,
  );
  for (const [reason, times] of [...reasons].toSorted(([, left], [, right]) => right - left)) console.log(`  ${times} ${reason}`);
  return totals.failures === 0 && totals.plannerFaults <= totals.cases * plannerFaultsShareMax;
}

function count(reasons: Map<string, number>, reason: string): void {
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
}

/** The kind of a planner fault: its first line without what is the case's own. */
function reasonOf(fault: string): string {
  const [first = ""] = fault.split("\n", 1);
  return first
    .replace(/^FEDERATION_SEED=\d+: /, "")
    .replace(/ \(faults: .*$/, "")
    .replaceAll(/'[^']*'|\[\d+\]/g, "_")
    .replace(/(field|for|item:) [\w.]+/, "$1 _");
}
