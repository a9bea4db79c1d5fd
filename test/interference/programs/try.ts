import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { createSharedPlanner } from "../../federation/planners.ts";
import type { Edit } from "../seedsin.ts";

/*
 * `node test/interference/programs/try.ts FIRST FEDERATIONS CASES EDITS`: looks for leaks in the sources as edits (in JSON) change them, and ends with
 * status 1 where it finds one. What it has found goes to stdout; with status 0 that is how much was compared.
 */

/** Changes sources while they are loaded; the files stay as they are. */
function plant(edits: readonly Edit[]): void {
  const byUrl = Map.groupBy(edits, ({ file }) => new URL(`../../../${file}`, import.meta.url).href);
  registerHooks({
    load(url, context, nextLoad) {
      const own = byUrl.get(url);
      if (own === undefined) return nextLoad(url, context);
      const text = readFileSync(fileURLToPath(url), "utf8");
      const source = own.reduce((changed, { from, to }) => changed.split(from).join(to), text);
      return { format: "module-typescript", source, shortCircuit: true };
    },
  });
}

async function main([first = "1", federations = "10", cases = "16", edits = "[]"]: readonly string[]): Promise<number> {
  plant(JSON.parse(edits) as readonly Edit[]);
  const { tryLeaks } = await import("../property.ts");
  const planner = createSharedPlanner();
  const totals = new Map<string, number>();
  let composed = 0;
  let asked = 0;
  try {
    for (let seed = Number(first); seed < Number(first) + Number(federations); seed += 1) {
      const { isComposed, cases: tried, leaks, seen } = await tryLeaks(seed, Number(cases), { shared: planner, isNarrowing: false });
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
