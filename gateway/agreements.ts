import type { PolicyFile } from "../policies/engine/bundle.ts";
import { loadPolicies } from "../policies/engine/load.ts";
import { parseBundle } from "../policies/engine/parse.ts";
import { compileBundle, type Policy } from "../policies/engine/policy.ts";
import type { Supergraph } from "../schema/supergraph.ts";
import { SourceError } from "./start.ts";

/** Reads the files of the agreements. @throws {SourceError} when the folder can't be read. */
export async function readPolicyFiles(folder: string): Promise<readonly PolicyFile[]> {
  try {
    return await loadPolicies(folder);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new SourceError(`The agreements (POLICIES_DIR) can't be read: ${message}`, { fault: "AGREEMENTS_UNREADABLE", cause });
  }
}

/**
 * Holds the agreements against the supergraph.
 *
 * @throws {SourceError} that names each fault with file and line.
 */
export function compilePolicy(folder: string, files: readonly PolicyFile[], supergraph: Supergraph): Policy {
  const { unclassified } = supergraph.catalogue;
  if (unclassified.length > 0) {
    const some = unclassified.slice(0, 5).join(", ");
    throw new SourceError(
      `${unclassified.length} fields of the supergraph have no classification (${some}${unclassified.length > 5 ? ", …" : ""}). ` +
        "Departments classify fields with @classified; `hub check` says where. A foreign supergraph is served with --unrestricted.",
      { fault: "FIELDS_UNCLASSIFIED" },
    );
  }
  const parsed = parseBundle(files);
  if (!parsed.ok) throw refuse(folder, parsed.problems);
  const compiled = compileBundle(parsed.bundle, supergraph);
  if (!compiled.ok) throw refuse(folder, compiled.problems);
  return compiled.policy;
}

interface PolicyProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

function refuse(folder: string, problems: readonly PolicyProblem[]): SourceError {
  const lines = problems.map(({ file, line, message }) => `  ${folder}/${file}:${line}: ${message}`);
  return new SourceError(`The agreements can't be used:\n${lines.join("\n")}`, {
    fault: "AGREEMENTS_INVALID",
    places: problems.map(({ file, line }) => `${file}:${line}`),
  });
}
