import { type Figure, type Goal, goals, type Mode, ratioOf, reachOf } from "./figures.ts";
import { workloads } from "./graph/workloads.ts";

/** What a report tells besides figures. */
export interface ReportOptions {
  readonly figures: readonly Figure[];
  /** Peers that were left out, and why. */
  readonly missing: readonly string[];
  /** Date, machine, versions and how it was run: one fact a line. */
  readonly facts: readonly string[];
}

const megabyte = 1_048_576;
const modes: readonly Mode[] = ["different", "equal"];

/** Writes the tables as Markdown. */
export function writeReport({ figures, missing, facts }: ReportOptions): string {
  const parts = [facts.map((fact) => `- ${fact}`).join("\n")];
  for (const { name, about } of workloads) {
    for (const mode of modes) {
      const shown = figures.filter((figure) => figure.workload === name && figure.mode === mode);
      if (shown.length > 0)
        parts.push(
          `### (${name}) ${about}; ${mode === "equal" ? "equal requests" : "all requests different"}`,
          writeFigures(figures, shown),
        );
    }
  }
  const reached = goals.flatMap((goal) => writeGoal(goal, reachOf(figures, goal)));
  if (reached.length > 0) parts.push("### Against the goals", writeMarkdown([goalHead, ...reached]));
  if (missing.length > 0) parts.push(`Left out: ${missing.join("; ")}.`);
  return parts.join("\n\n");
}

const figureHead = [
  "server",
  "sharing",
  "requests/s",
  "p50 ms",
  "p99 ms",
  "CPU ms/request",
  "least – most",
  "MB",
  "calls/request",
  "hub : it",
];

function writeFigures(all: readonly Figure[], shown: readonly Figure[]): string {
  const rows = shown.map((figure) => [
    figure.target,
    figure.sharing === "none" ? "–" : figure.sharing,
    figure.requestsPerSecond.toFixed(0),
    figure.p50Ms.toFixed(1),
    figure.p99Ms.toFixed(1),
    figure.cpuMs.toFixed(3),
    figure.cpuRangeMs.map((ms) => ms.toFixed(3)).join(" – "),
    (figure.residentBytes / megabyte).toFixed(0),
    figure.callsPerRequest.toFixed(2),
    formatRatio(ratioOf(all, figure)),
  ]);
  return writeMarkdown([figureHead, ...rows]);
}

const goalHead = ["workload", "requests", "against", "at least", "measured", ""];

function writeGoal(goal: Goal, ratio: number | undefined): readonly (readonly string[])[] {
  if (ratio === undefined) return [];
  const requests = `${goal.mode === "equal" ? "equal" : "all different"}, sharing ${goal.sharing}`;
  return [
    [`(${goal.workload})`, requests, goal.about, `${goal.atLeast}x`, formatRatio(ratio), ratio >= goal.atLeast ? "reached" : "not reached"],
  ];
}

function formatRatio(ratio: number | undefined): string {
  return ratio === undefined ? "–" : `${ratio.toFixed(2)}x`;
}

function writeMarkdown([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (column < 2 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** Puts a report between a document's marks. @throws {Error} when it lacks them. */
export function replaceReport(document: string, name: string, report: string): string {
  const [start, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [from, to] = [document.indexOf(start), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The document lacks the marks ${start} and ${end}.`);
  return `${document.slice(0, from + start.length)}\n\n${report}\n\n${document.slice(to)}`;
}
