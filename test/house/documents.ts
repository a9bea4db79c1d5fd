import type { z } from "zod";
import { demoSettingsSchema } from "../../demo/settings.ts";
import { listSettings } from "../../gateway/config.ts";
import { errorTable } from "../../gateway/core/errors.ts";
import { subgraphSettingsSchema } from "../../subgraphs/kit/settings.ts";

/** A document that is written from the code: its path from the root of the tree, and its text. */
export interface Document {
  readonly path: string;
  readonly text: string;
}

/** Every generated document, as the code has it now. */
export function renderDocuments(): readonly Document[] {
  return [
    { path: "docs/errors.md", text: renderErrors() },
    { path: "docs/config.md", text: renderConfig() },
  ];
}

function renderErrors(): string {
  const rows = Object.entries(errorTable).map(([code, { status, help }]) => [`\`${code}\``, String(status), help]);
  return joinLines([
    "# Errors",
    "",
    "<!-- Written by `npm run generate` from gateway/core/errors.ts. Change the table there. -->",
    "",
    "Every error of an answer has `extensions.code`, one of these, and `extensions.requestId`. The HTTP status is the one that the code",
    "has when it is the reason for the whole answer; an answer with some data and some errors has status 200.",
    "",
    'An error of a part has a `path`. In it `"@"` stands for every element of a list where the specification has an index: what is withheld or',
    "could not be fetched is told once, not for each row, and nobody learns from errors which rows there are.",
    "",
    ...renderTable(["code", "HTTP status", "what to do"], rows),
  ]);
}

function renderConfig(): string {
  const hub = listSettings().map((setting) => renderSetting(setting.name, setting.default, setting.description));
  return joinLines([
    "# Settings",
    "",
    "<!-- Written by `npm run generate` from gateway/settings.ts, gateway/core/limits.ts, subgraphs/kit/settings.ts and demo/settings.ts. -->",
    "",
    "Each is an environment variable, read once at the start. A value that doesn't fit ends the start with a message that names it. An empty",
    "variable counts as not set. `_MS` is milliseconds, `_S` seconds, `_BYTES` bytes. Without a default, a setting is left out unless its line says that it is needed.",
    "",
    "## The hub",
    "",
    "A variable `HUB_…` that isn't listed ends the start too: it is most likely a misspelt one.",
    "",
    ...renderTable(settingsHead, hub),
    "",
    "## A department",
    "",
    ...renderTable(settingsHead, renderShape(subgraphSettingsSchema)),
    "",
    "## The demonstration (`npm start`)",
    "",
    "It hands the settings above on to the hub and the departments, and sets what makes them find each other.",
    "",
    ...renderTable(settingsHead, renderShape(demoSettingsSchema)),
  ]);
}

const settingsHead: readonly string[] = ["name", "default", "meaning"];

/** A row for each key of an object schema; a default is what the key's own schema makes of nothing. */
function renderShape(schema: z.ZodObject): readonly (readonly string[])[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    // The shape's keys have zod's core type, which lacks the methods that every schema made by `z` has.
    const { success, data } = (field as z.ZodType).safeParse(undefined);
    const meaning = (field as z.ZodType).description ?? "";
    return renderSetting(name, success ? data : undefined, success ? meaning : `${meaning} Needed.`);
  });
}

function renderSetting(name: string, fallback: unknown, meaning: string): readonly string[] {
  const written = typeof fallback === "string" ? fallback : JSON.stringify(fallback);
  return [`\`${name}\``, written === undefined ? "" : `\`${written}\``, meaning];
}

/** A table of Markdown; a "|" in a cell is escaped. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const renderRow = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [renderRow(head), `|${"---|".repeat(head.length)}`, ...rows.map(renderRow)];
}

function joinLines(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
