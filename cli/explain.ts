import { join } from "node:path";
import { describeDecision } from "../policies/engine/cases.ts";
import { conditionInWords } from "../policies/engine/condition.ts";
import type { Candidate, Explanation } from "../policies/engine/explain.ts";
import { explainField } from "../policies/engine/explain.ts";
import { maskInWords } from "../policies/engine/masks.ts";
import type { Shell } from "./command.ts";
import { readOptions, UsageError } from "./command.ts";
import { FOLDER_USAGE, folderOptions, loadCommitted, readFolders, readInstant } from "./folders.ts";
import type { Row } from "./output.ts";
import { FORMAT_USAGE, formatOption, printRows, readFormat } from "./output.ts";

const USAGE = `Usage: hub explain --bureau CODE --purpose CODE --field COORDINATE [--case REFERENCE] [--at TIME]
                   [--format FORMAT] [--schema DIR] [--policies DIR]

Says whether a bureau may read a field for a purpose, and why. Exits with 0 whatever the decision is.
  --field COORDINATE  A field such as Person.income, an argument such as "Person.income(year:)", an input field or an enum's value.
  --case REFERENCE    The case that the bureau would name, such as HD-PRH-0000123.
  --at TIME           A day, or a time with its offset (default: now).
${FORMAT_USAGE}${FOLDER_USAGE}`;

/** A row for each agreement that shares the field, the nearest to granting it first. */
const COLUMNS = ["coordinate", "decision", "summary", "agreement", "place", "why", "form", "gaps"];

const OPTIONS = {
  ...folderOptions,
  ...formatOption,
  bureau: { type: "string" },
  purpose: { type: "string" },
  field: { type: "string" },
  case: { type: "string" },
  at: { type: "string" },
} as const;

/** `hub explain`: why a field can or can't be read. */
export async function runExplain(args: readonly string[], shell: Shell): Promise<number> {
  const values = readOptions(args, OPTIONS, USAGE);
  if (values.help === true) {
    shell.output(USAGE);
    return 0;
  }
  const { bureau, purpose, field } = values;
  if (bureau === undefined || purpose === undefined || field === undefined)
    throw new UsageError("--bureau, --purpose and --field are needed", USAGE);
  const format = readFormat(values.format, USAGE);
  const nowMs = readInstant(values.at, shell.clock, USAGE);
  const folders = readFolders(values);
  const policy = await loadCommitted(folders);
  if (!policy.bundle.bureaus.has(bureau))
    throw new Error(`there is no bureau ${bureau}; there are ${[...policy.bundle.bureaus.keys()].join(", ")}`);
  if (!policy.bundle.purposes.has(purpose)) {
    throw new Error(`there is no purpose ${purpose}; there are ${[...policy.bundle.purposes.keys()].join(", ")}`);
  }
  const explanation = explainField(policy, { bureau, purpose, field, nowMs, caseReference: values.case });
  if (explanation === undefined) throw new Error(`the graph has no field, argument, input field or enum value ${field}`);
  shell.output(
    format === "table" ? describe(explanation, folders.policies) : printRows(COLUMNS, rowsOf(explanation, folders.policies), format),
  );
  return 0;
}

function rowsOf({ coordinate, decision, summary, candidates }: Explanation, folder: string): readonly Row[] {
  const said = { coordinate, decision: describeDecision(decision), summary };
  if (candidates.length === 0) return [said];
  return candidates.map(({ agreement, share, place, gaps }) => ({
    ...said,
    agreement: `${agreement.agreement}@${agreement.version}`,
    place: `${join(folder, place.file)}:${place.line}`,
    why: share.why,
    form: share.mask === undefined ? "in clear" : maskInWords(share.mask),
    gaps: gaps.join("; "),
  }));
}

function describe(explanation: Explanation, folder: string): string {
  const { coordinate, summary, level, owners, withheldBy, parts, candidates } = explanation;
  const lines = [summary, ""];
  if (level !== undefined) lines.push(`${coordinate}: ${level}, owned by ${owners.join(", ") || "nobody"}.`);
  for (const { agreement, version, place } of withheldBy) {
    lines.push(`Withheld by ${agreement} version ${version} (${join(folder, place.file)}:${place.line}).`);
  }
  if (parts.length > 0) lines.push("It rests on:", ...parts.map((part) => `  ${part.coordinate}: ${describeDecision(part.decision)}`));
  const [nearest, ...others] = candidates;
  if (nearest === undefined) lines.push("No agreement shares it with anybody.");
  else lines.push("", ...describeCandidate(nearest, folder));
  if (others.length > 0) {
    lines.push("", "Other agreements that share it:");
    for (const { agreement, gaps } of others)
      lines.push(`  ${agreement.agreement} version ${agreement.version}: ${gaps.join("; ") || "grants it too"}`);
  }
  return `${lines.join("\n")}\n`;
}

function describeCandidate({ agreement, share, place: said, gaps }: Candidate, folder: string): readonly string[] {
  const { legalBasis, approvals, valid, review } = agreement;
  const basis = legalBasis === undefined ? "none" : `${legalBasis.ordinance}, section ${legalBasis.section} (${legalBasis.kind})`;
  return [
    gaps.length === 0 ? "Granted by:" : "The nearest agreement:",
    `  ${agreement.agreement} version ${agreement.version}: ${agreement.title}`,
    `  clause       ${share.why} (${join(folder, said.file)}:${said.line})`,
    `  form         ${share.mask === undefined ? "in clear" : maskInWords(share.mask)}`,
    ...share.declassifies.map((mention) => `  declassifies ${mention.coordinate}`),
    ...agreement.where
      .filter(({ condition }) => share.coordinate.startsWith(`${condition.type}.`))
      .map(({ condition, place }) => `  only where   ${conditionInWords(condition)} (${join(folder, place.file)}:${place.line})`),
    `  parties      ${agreement.provider} gives, ${agreement.recipient} receives, for ${agreement.purpose}`,
    `  legal basis  ${basis}`,
    `  valid        from ${valid.from} to before ${valid.until}; review by ${review ?? "no date"}`,
    `  approved     ${approvals.map(({ post, role, on }) => `${post}, ${role}, on ${on}`).join("\n               ") || "by nobody"}`,
    ...gaps.map((gap) => `  but          ${gap}`),
  ];
}
