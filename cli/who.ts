import { join } from "node:path";
import { decisionInWords } from "../policies/engine/cells.ts";
import type { Reader } from "../policies/engine/who.ts";
import { listReaders } from "../policies/engine/who.ts";
import type { Shell } from "./command.ts";
import { readOptions, UsageError } from "./command.ts";
import { FOLDER_USAGE, folderOptions, loadCommitted, readFolders, readInstant } from "./folders.ts";
import type { Row } from "./output.ts";
import { FORMAT_USAGE, formatOption, printRows, readFormat } from "./output.ts";

const USAGE = `Usage: hub who --field COORDINATE [--at TIME] [--format FORMAT] [--schema DIR] [--policies DIR]

Says which bureaus may read a field, for which purposes, in which form, since when, and who signed for it.
  --field COORDINATE  A field such as Person.hkid, an argument such as "Person.income(year:)", an input field or an enum's value.
  --at TIME           A day, or a time with its offset (default: now).
${FORMAT_USAGE}${FOLDER_USAGE}`;

const COLUMNS = ["bureau", "purpose", "form", "case", "agreement", "since", "until", "why", "place", "legalBasis", "approvals"];

/** `hub who`: who may read a field, and why. */
export async function runWho(args: readonly string[], shell: Shell): Promise<number> {
  const values = readOptions(args, { ...folderOptions, ...formatOption, field: { type: "string" }, at: { type: "string" } }, USAGE);
  if (values.help === true) {
    shell.output(USAGE);
    return 0;
  }
  const { field } = values;
  if (field === undefined) throw new UsageError("--field is needed", USAGE);
  const format = readFormat(values.format, USAGE);
  const nowMs = readInstant(values.at, shell.clock, USAGE);
  const folders = readFolders(values);
  const policy = await loadCommitted(folders);
  const readers = listReaders(policy, field, nowMs);
  if (readers === undefined) throw new Error(`the graph has no field, argument, input field or enum value ${field}`);
  const rows = readers.map((reader) => rowOf(reader, folders.policies));
  if (format === "table" && rows.length === 0) shell.output(`No bureau may read ${field}.\n`);
  else shell.output(printRows(COLUMNS, rows, format));
  return 0;
}

function rowOf({ bureau, purpose, decision, isCaseNeeded, agreement, share, place }: Reader, folder: string): Row {
  const basis = agreement?.legalBasis;
  return {
    bureau,
    purpose,
    form: decisionInWords(decision),
    case: isCaseNeeded ? "needed" : "",
    agreement: agreement === undefined ? "OPEN" : `${agreement.agreement}@${agreement.version}`,
    since: agreement?.valid.from,
    until: agreement?.valid.until,
    why: share?.why,
    place: place === undefined ? undefined : `${join(folder, place.file)}:${place.line}`,
    legalBasis: basis === undefined ? undefined : `${basis.ordinance}, section ${basis.section} (${basis.kind})`,
    approvals: agreement?.approvals.map(({ post, role, on }) => `${post} (${role}, ${on})`).join("; "),
  };
}
