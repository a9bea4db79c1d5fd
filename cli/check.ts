import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkCases } from "../policies/engine/cases.ts";
import { dayStartMs } from "../policies/engine/dates.ts";
import { isNoteworthy, listFindings, listOpenArguments } from "../policies/engine/findings.ts";
import { dayOfMatrix, formatMatrix, formatUncovered } from "../policies/engine/matrix.ts";
import type { Policy } from "../policies/engine/policy.ts";
import type { Problem as SchemaProblem } from "../schema/problems.ts";
import type { Supergraph } from "../schema/supergraph.ts";
import { readSupergraph } from "../schema/supergraph.ts";
import type { Shell } from "./command.ts";
import { readOptions } from "./command.ts";
import { composeFolder, isSupergraphCurrent } from "./compose.ts";
import type { Folders } from "./folders.ts";
import { FOLDER_USAGE, folderOptions, loadPolicy, placeIn, printPlaced, readFolders, readInstant } from "./folders.ts";

const USAGE = `Usage: hub check [--at TIME] [--schema DIR] [--policies DIR]

Checks that the departments' schemas make one graph, that every field is classified, that every agreement fits the graph, that every case gets the
decision its author expects, and that generated files are up to date. Exits with 1 when anything is wrong.
  --at TIME       The moment for which agreements' dates are looked at (default: now).
${FOLDER_USAGE}`;

/** What one part of the check found. */
interface Section {
  readonly title: string;
  /** What was looked at, such as "7 departments". */
  readonly seen: string;
  readonly problems: readonly string[];
  /** Worth knowing; nothing fails for it. */
  readonly notes: readonly string[];
}

/** `hub check`: everything that can be wrong with schemas and policies, in words that a steward understands. */
export async function runCheck(args: readonly string[], shell: Shell): Promise<number> {
  const values = readOptions(args, { ...folderOptions, at: { type: "string" } }, USAGE);
  if (values.help === true) {
    shell.output(USAGE);
    return 0;
  }
  const nowMs = readInstant(values.at, shell.clock, USAGE);
  const sections = await checkAll(readFolders(values), nowMs);
  for (const section of sections) shell.output(printSection(section));
  const count = sections.reduce((sum, { problems }) => sum + problems.length, 0);
  shell.output(count === 0 ? "Everything is in order.\n" : `${count} problem${count === 1 ? "" : "s"}.\n`);
  return count === 0 ? 0 : 1;
}

async function checkAll(folders: Folders, nowMs: number): Promise<readonly Section[]> {
  const composed = await composeFolder(folders.schema);
  const committed = join(folders.schema, "supergraph.graphql");
  const schemas: Section = {
    title: "Schemas",
    seen: folders.schema,
    problems: composed.ok ? [] : composed.problems.map((problem) => describeSchemaProblem(problem)),
    notes: composed.ok ? composed.warnings.map((problem) => describeSchemaProblem(problem)) : [],
  };
  if (composed.ok) {
    const isCurrent = await isSupergraphCurrent(committed, composed.sdl);
    const stale = `${committed} is out of date: run hub compose --write.`;
    const sections = await checkPolicies(folders, readSupergraph(composed.sdl), nowMs);
    return [isCurrent ? schemas : { ...schemas, problems: [stale] }, ...sections];
  }
  // Policies can still be held against the graph as it was last composed, so that a steward sees all there is to correct at once.
  const sdl = await readFile(committed, "utf8").catch(() => undefined);
  return sdl === undefined ? [schemas] : [schemas, ...(await checkPolicies(folders, readSupergraph(sdl), nowMs))];
}

async function checkPolicies(folders: Folders, supergraph: Supergraph, nowMs: number): Promise<readonly Section[]> {
  const loaded = await loadPolicy(folders.policies, supergraph);
  if (!loaded.ok)
    return [{ title: "Agreements", seen: folders.policies, problems: loaded.problems.map((problem) => printPlaced(problem)), notes: [] }];
  const { policy } = loaded;
  const cases = checkCases(policy);
  return [
    {
      title: "Agreements",
      seen: `${policy.bundle.agreements.length} agreements, ${policy.bundle.applications.size} applications, bundle ${policy.bundle.hash.slice(0, 12)}`,
      problems: policy.bundle.agreements.length === 0 ? [`${folders.policies} holds no agreement: nothing was checked.`] : [],
      notes: [
        ...listFindings(policy, { nowMs })
          .filter(isNoteworthy)
          .map((finding) => printPlaced(placeIn(folders.policies, finding))),
        ...listOpenArguments(policy).map(({ message }) => message),
      ],
    },
    {
      title: "Cases",
      seen: `${cases.asked} questions`,
      problems:
        cases.asked === 0
          ? [`${join(folders.policies, "cases")} asks nothing: nothing was checked.`]
          : cases.problems.map((problem) => printPlaced(placeIn(folders.policies, problem))),
      notes: [],
    },
    { title: "Generated files", seen: "matrix.txt, uncovered.txt", problems: await checkGenerated(folders, policy), notes: [] },
  ];
}

async function checkGenerated(folders: Folders, policy: Policy): Promise<readonly string[]> {
  const [matrix, uncovered] = await Promise.all(
    ["matrix.txt", "uncovered.txt"].map((name) => readFile(join(folders.policies, name), "utf8").catch(() => undefined)),
  );
  const problems: string[] = [];
  // The matrix is that of the day for which it was made, whatever the day is now.
  const day = matrix === undefined ? undefined : dayOfMatrix(matrix);
  if (day === undefined || matrix !== formatMatrix(policy, dayStartMs(day))) {
    problems.push(`${join(folders.policies, "matrix.txt")} is out of date: run hub matrix --write.`);
  }
  const unclassified = formatUncovered(policy);
  if (uncovered !== unclassified) problems.push(`${join(folders.policies, "uncovered.txt")} is out of date: run hub matrix --write.`);
  if (unclassified !== "") problems.push(`No department classified ${unclassified.trimEnd().split("\n").join(", ")}.`);
  return problems;
}

function describeSchemaProblem({ file, line, column, department, message, help, code }: SchemaProblem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  return `${place === "" ? "" : `${place}: `}${department === undefined ? "" : `${department}: `}${message} [${code}]\n    ${help}`;
}

function printSection({ title, seen, problems, notes }: Section): string {
  const lines = [
    `${problems.length === 0 ? "ok " : "BAD"} ${title} (${seen})`,
    ...problems.map((problem) => `  ${problem}`),
    ...notes.map((note) => `  note: ${note}`),
  ];
  return `${lines.join("\n")}\n`;
}
