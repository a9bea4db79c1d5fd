import { listSettings } from "../../gateway/config.ts";
import { errorTable } from "../../gateway/core/errors.ts";

/** A document that is written from the code: its path from the root of the tree, and its text. */
export interface Document {
  readonly path: string;
  readonly text: string;
}

/** Every generated document, as the code has it now. */
export function renderDocuments(): readonly Document[] {
  return [
    { path: "docs/errors.md", text: renderErrors() },
    { path: "docs/config.md", text: renderSettings() },
  ];
}

function renderErrors(): string {
  const rows = Object.entries(errorTable).map(([code, { status, help }]) => [`\`${code}\``, String(status), help]);
  return [
    "# Errors",
    "",
    "<!-- Written by `npm run generate` from gateway/core/errors.ts. Change the table there. -->",
    "",
    "Every error of an answer has `extensions.code`, one of these, and `extensions.requestId`. The HTTP status is the one that the code",
    "has when it is the reason for the whole answer; an answer with some data and some errors has status 200.",
    "",
    ...renderTable(["code", "HTTP status", "what to do"], rows),
    "",
  ].join("\n");
}

function renderSettings(): string {
  const rows = listSettings().map(({ name, default: fallback, description }) => [
    `\`${name}\``,
    fallback === undefined ? "" : `\`${fallback}\``,
    description,
  ]);
  return [
    "# Settings of the hub",
    "",
    "<!-- Written by `npm run generate` from gateway/config.ts and gateway/core/limits.ts. Change the tables there. -->",
    "",
    "Each is an environment variable, read once at the start. A value that doesn't fit, and a variable `HUB_…` that isn't listed, end the",
    "start with a message that names it. Names tell units: `MS` is milliseconds, `BYTES` bytes. No default means that the setting may be left out.",
    "",
    ...renderTable(["name", "default", "meaning"], rows),
    "",
  ].join("\n");
}

/** A table of Markdown; a "|" in a cell is escaped. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const renderRow = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [renderRow(head), `|${"---|".repeat(head.length)}`, ...rows.map(renderRow)];
}
