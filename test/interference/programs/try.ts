import { createSharedPlanner } from "../../federation/planners.ts";
import { tryLeaks } from "../property.ts";

/*
 * `node test/interference/programs/try.ts FIRST FEDERATIONS CASES`: looks for leaks and ends with status 1 where it finds one. What it has found
 * goes to stdout; with status 0 that is how much was compared.
 */

async function main([first = "1", federations = "10", cases = "16"]: readonly string[]): Promise<number> {
  const planner = createSharedPlanner();
  const totals = new Map<string, number>();
  let composed = 0;
  let asked = 0;
  try {
    for (let seed = Number(first); seed < Number(first) + Number(federations); seed += 1) {
      const { isComposed, cases: tried, leaks, seen } = await tryLeaks(seed, Number(cases), planner);
      composed += isComposed ? 1 : 0;
      asked += tried;
      for (const [kind, times] of seen) totals.set(kind, (totals.get(kind) ?? 0) + times);
      if (leaks.length > 0) {
        process.stdout.write(`${leaks.join("\n\n")}\n`);
        return 1;
      }
    }
  } finally {
    await planner.close();
  }
  process.stdout.write(`${JSON.stringify({ composed, cases: asked, seen: Object.fromEntries(totals) })}\n`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
