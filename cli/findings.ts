import { readJournal } from "../gateway/audit/read.ts";
import { listFindings, listOpenArguments, usageKey } from "../policies/engine/findings.ts";
import type { Shell } from "./command.ts";
import { readOptions, UsageError } from "./command.ts";
import { FOLDER_USAGE, folderOptions, loadCommitted, placeIn, readFolders, readInstant } from "./folders.ts";
import { FORMAT_USAGE, formatOption, printRows, readFormat } from "./output.ts";
import { findInSchemas } from "./schemas.ts";

const USAGE = `Usage: hub findings [--journal DIR] [--days N] [--ahead N] [--at TIME] [--format FORMAT] [--schema DIR] [--policies DIR]

Lists what a reviewer should look at: agreements that are inactive, over, ending or due for review, grants that have no effect, masks that
are milder elsewhere, direct identifiers in clear, single approvals, fields that are shared and not read, and arguments, input fields and enum
values that carry the name of a field that the recipient, or every caller, may not read. Exits with 0 whatever it finds.
  --journal DIR   Folder of the audit journal. Without it, nothing is said of fields that are not read.
  --days N        Days of the journal that count (default: 90).
  --ahead N       Days ahead in which an end or a review is near (default: 60).
  --at TIME       A day, or a time with its offset (default: now).
${FORMAT_USAGE}${FOLDER_USAGE}`;

const OPTIONS = {
  ...folderOptions,
  ...formatOption,
  journal: { type: "string" },
  days: { type: "string" },
  ahead: { type: "string" },
  at: { type: "string" },
} as const;

const DAY_MS = 86_400_000;

const COLUMNS = ["kind", "agreement", "coordinate", "place", "message"];

/** `hub findings`: what a reviewer should look at. */
export async function runFindings(args: readonly string[], shell: Shell): Promise<number> {
  const values = readOptions(args, OPTIONS, USAGE);
  if (values.help === true) {
    shell.output(USAGE);
    return 0;
  }
  const format = readFormat(values.format, USAGE);
  const nowMs = readInstant(values.at, shell.clock, USAGE);
  const [days, daysAhead] = [readDays("--days", values.days ?? "90"), readDays("--ahead", values.ahead ?? "60")];
  const folders = readFolders(values);
  const policy = await loadCommitted(folders);
  const used = values.journal === undefined ? undefined : await readUsage(values.journal, nowMs - days * DAY_MS, nowMs);
  const findings = listFindings(policy, { nowMs, daysAhead, used });
  const rows = findings.map((finding) => {
    const { file, line, message } = placeIn(folders.policies, finding);
    return { kind: finding.kind, agreement: finding.agreement, coordinate: finding.coordinate, place: `${file}:${line}`, message };
  });
  const open = await Promise.all(
    listOpenArguments(policy).map(async ({ coordinate, owners, message }) => {
      const place = await findInSchemas(folders.schema, owners, coordinate);
      return { kind: "open-argument", agreement: undefined, coordinate, place, message };
    }),
  );
  shell.output(printRows(COLUMNS, [...rows, ...open], format));
  return 0;
}

function readDays(option: string, text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UsageError(`${option} takes a number of days from 1 to 9999, not "${text}"`, USAGE);
}

/** Which fields were read under which agreements. A record names both, not which field went with which: each pair counts as read. */
async function readUsage(folder: string, fromMs: number, untilMs: number): Promise<ReadonlySet<string>> {
  const used = new Set<string>();
  for await (const { record } of readJournal(folder)) {
    const time = Date.parse(String(readKey(record, "time")));
    if (!(time >= fromMs && time <= untilMs)) continue;
    const coordinates = [...textsIn(readKey(record, "released")), ...textsIn(readKey(record, "masked"))];
    for (const name of textsIn(readKey(record, "agreements"))) {
      const [agreement = ""] = name.split("@");
      for (const coordinate of coordinates) used.add(usageKey(agreement, coordinate));
    }
  }
  return used;
}

function readKey(record: unknown, key: string): unknown {
  return typeof record === "object" && record !== null ? Object.entries(record).find(([name]) => name === key)?.[1] : undefined;
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
