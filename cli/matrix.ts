import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { basisOf, decisionInWords, listCells } from "../policies/engine/cells.ts";
import { dayOf, dayStartMs } from "../policies/engine/dates.ts";
import { formatMatrix, formatUncovered } from "../policies/engine/matrix.ts";
import type { Policy } from "../policies/engine/policy.ts";
import type { Shell } from "./command.ts";
import { readOptions } from "./command.ts";
import { FOLDER_USAGE, folderOptions, loadCommitted, readFolders, readInstant } from "./folders.ts";
import type { Row } from "./output.ts";
import { FORMAT_USAGE, formatOption, printRows, readFormat } from "./output.ts";

const USAGE = `Usage: hub matrix [--at DAY] [--write] [--format FORMAT] [--schema DIR] [--policies DIR]

Shows which governed fields and arguments each bureau may read for each of its purposes.
  --at DAY        The Hong Kong day to show, such as 2026-11-24 (default: today).
  --write         Write matrix.txt and uncovered.txt into the policies folder instead.
${FORMAT_USAGE}${FOLDER_USAGE}`;

const COLUMNS = ["bureau", "purpose", "coordinate", "level", "decision", "form", "case", "agreement"];

/** `hub matrix`: prints the authorization matrix, or writes it with the list of unclassified fields. */
export async function runMatrix(args: readonly string[], shell: Shell): Promise<number> {
  const values = readOptions(args, { ...folderOptions, ...formatOption, at: { type: "string" }, write: { type: "boolean" } }, USAGE);
  if (values.help === true) {
    shell.output(USAGE);
    return 0;
  }
  const nowMs = readInstant(values.at, shell.clock, USAGE);
  const format = readFormat(values.format, USAGE);
  const folders = readFolders(values);
  const policy = await loadCommitted(folders);
  if (values.write !== true) {
    shell.output(format === "table" ? formatMatrix(policy, nowMs) : printRows(COLUMNS, listRows(policy, nowMs), format));
    return 0;
  }
  const texts = { "matrix.txt": formatMatrix(policy, nowMs), "uncovered.txt": formatUncovered(policy) };
  await Promise.all(Object.entries(texts).map(([name, text]) => writeFile(join(folders.policies, name), text)));
  for (const name of Object.keys(texts)) shell.output(`${join(folders.policies, name)} written.\n`);
  return 0;
}

function listRows(policy: Policy, nowMs: number): readonly Row[] {
  return listCells(policy, dayStartMs(dayOf(nowMs))).map(({ bureau, purpose, coordinate, level, decision, isCaseNeeded }) => ({
    bureau,
    purpose,
    coordinate,
    level,
    decision: decision.kind,
    form: decisionInWords(decision),
    case: isCaseNeeded ? "needed" : "",
    agreement: basisOf(decision),
  }));
}
