import { loadPolicies } from "../policies/engine/load.ts";
import { parseBundle } from "../policies/engine/parse.ts";
import { compileBundle, type Policy } from "../policies/engine/policy.ts";
import type { Supergraph } from "../schema/supergraph.ts";
import { StartError } from "./start.ts";

/**
 * Reads the agreements and holds them against the supergraph.
 *
 * @throws {StartError} that names each fault with file and line.
 */
export async function loadPolicy(folder: string, supergraph: Supergraph): Promise<Policy> {
  const { unclassified } = supergraph.catalogue;
  if (unclassified.length > 0) {
    const some = unclassified.slice(0, 5).join(", ");
    throw new StartError(
      `${unclassified.length} fields of the supergraph have no classification (${some}${unclassified.length > 5 ? ", …" : ""}). ` +
        "Departments classify fields with @classified; `hub check` says where. A foreign supergraph is served with --unrestricted.",
    );
  }
  const files = await loadPolicies(folder);
  const parsed = parseBundle(files);
  if (!parsed.ok) throw new StartError(describeProblems(folder, parsed.problems));
  const compiled = compileBundle(parsed.bundle, supergraph);
  if (!compiled.ok) throw new StartError(describeProblems(folder, compiled.problems));
  return compiled.policy;
}

interface PolicyProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

function describeProblems(folder: string, problems: readonly PolicyProblem[]): string {
  const lines = problems.map(({ file, line, message }) => `  ${folder}/${file}:${line}: ${message}`);
  return `The agreements can't be used:\n${lines.join("\n")}`;
}
