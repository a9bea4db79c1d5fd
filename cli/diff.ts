import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { basisOf, decisionInWords } from "../policies/engine/cells.ts";
import { dayOf } from "../policies/engine/dates.ts";
import type { Change } from "../policies/engine/diff.ts";
import { diffPolicies } from "../policies/engine/diff.ts";
import type { Policy } from "../policies/engine/policy.ts";
import type { Supergraph } from "../schema/supergraph.ts";
import { readSupergraph } from "../schema/supergraph.ts";
import type { Shell } from "./command.ts";
import { readOptions, UsageError } from "./command.ts";
import { loadPolicy, printPlaced, readFolders, readInstant } from "./folders.ts";
import type { Row } from "./output.ts";
import { FORMAT_USAGE, formatOption, printRows, readFormat } from "./output.ts";

const USAGE = `Usage: hub diff OLD NEW [--at TIME] [--format FORMAT] [--schema DIR]

Says what changes when the policies of the folder NEW take the place of those of OLD: every bureau, purpose and coordinate that is decided
differently from --at on, until when, with a case reference, without one or either way, and an operation that is answered differently. Exits
with 0 whether anything changes or not.
  --at TIME       A day, or a time with its offset (default: now). What changes on a later day is told with that day.
  --schema DIR    Folder of supergraph.graphql (default: the project's own).
${FORMAT_USAGE}`;

const COLUMNS = [
  "bureau",
  "purpose",
  "coordinate",
  "case",
  "from",
  "until",
  "change",
  "before",
  "beforeBy",
  "after",
  "afterBy",
  "operation",
];

/** `hub diff`: the semantic difference of two policy folders. */
export async function runDiff(args: readonly string[], shell: Shell): Promise<number> {
  const folders = args.slice(0, 2).filter((text) => !text.startsWith("-"));
  const values = readOptions(args.slice(folders.length), { ...formatOption, schema: { type: "string" }, at: { type: "string" } }, USAGE);
  if (values.help === true) {
    shell.output(USAGE);
    return 0;
  }
  const [before, after] = folders;
  if (before === undefined || after === undefined) throw new UsageError("name two folders: OLD and NEW", USAGE);
  const format = readFormat(values.format, USAGE);
  const nowMs = readInstant(values.at, shell.clock, USAGE);
  const { schema } = readFolders(values);
  const supergraph = readSupergraph(await readFile(join(schema, "supergraph.graphql"), "utf8"));
  const [old, next] = await Promise.all([mustLoad(before, supergraph), mustLoad(after, supergraph)]);
  const changes = diffPolicies(old, next, nowMs);
  if (format === "table" && changes.length === 0) shell.output("No decision changes.\n");
  else shell.output(printRows(COLUMNS, changes.map(rowOf), format));
  return 0;
}

async function mustLoad(folder: string, supergraph: Supergraph): Promise<Policy> {
  const loaded = await loadPolicy(folder, supergraph);
  if (loaded.ok) return loaded.policy;
  throw new Error(`the policies of ${folder} can't be used:\n${loaded.problems.map((problem) => printPlaced(problem)).join("\n")}`);
}

function rowOf({ bureau, purpose, coordinate, when, fromMs, untilMs, before, after, direction, operation }: Change): Row {
  return {
    bureau,
    purpose,
    coordinate,
    case: when,
    from: dayOf(fromMs),
    until: untilMs === undefined ? undefined : dayOf(untilMs),
    change: direction,
    before: decisionInWords(before),
    beforeBy: basisOf(before),
    after: decisionInWords(after),
    afterBy: basisOf(after),
    operation,
  };
}
