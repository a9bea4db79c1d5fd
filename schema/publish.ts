import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { composeSupergraph } from "./compose.ts";
import { LOCAL_ADDRESSES, readDepartments } from "./departments.ts";
import { printProblem, SUPERGRAPH_HEADER } from "./problems.ts";

/**
 * The program that publishes the supergraph: `node schema/publish.ts [--schema FOLDER] [--out FILE] [--address NAME=URL]...`.
 * It exits with 1 and the problems on standard error when the departments don't compose, and then leaves the file as it was.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      schema: { type: "string", default: relative(process.cwd(), import.meta.dirname) || "." },
      out: { type: "string" },
      address: { type: "string", multiple: true, default: [] },
    },
  });
  const out = values.out ?? join(values.schema, "supergraph.graphql");
  const addresses = new Map(LOCAL_ADDRESSES);
  for (const pair of values.address) {
    const split = pair.indexOf("=");
    if (split < 1) throw new Error(`--address takes NAME=URL, not "${pair}".`);
    addresses.set(pair.slice(0, split), pair.slice(split + 1));
  }
  const result = composeSupergraph(await readDepartments(values.schema, addresses));
  const problems = result.ok ? result.warnings : result.problems;
  for (const problem of problems) process.stderr.write(`${printProblem(problem)}\n`);
  if (!result.ok) return 1;
  await writeFile(out, SUPERGRAPH_HEADER + result.sdl);
  process.stdout.write(`${out} written.\n`);
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 2;
});
