import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ComposeResult } from "../../schema/compose.ts";
import { composeSupergraph } from "../../schema/compose.ts";
import type { Problem } from "../../schema/problems.ts";
import type { Supergraph } from "../../schema/supergraph.ts";
import { readSupergraph } from "../../schema/supergraph.ts";

/** The repository's own schema folder. */
export const schemaFolder = join(import.meta.dirname, "../../schema");
/** Text of `hub.graphql`. */
export const hubSdl = readFileSync(join(schemaFolder, "hub.graphql"), "utf8");
/** The link to what the tests use of federation. */
export const FEDERATION =
  '@link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@override", "@interfaceObject", "@inaccessible"])';

/** The link that every department needs. */
export const HUB = '@link(url: "https://crossharbour.example/hub/v1.0", import: ["@classified", "@cacheControl"])';

/** The classification of most fields in tests. */
export const OPEN = "@classified(level: OPEN)";

/** Composes departments named by the record's keys. Each body begins on line 3 of its department's file. */
export function compose(
  bodies: Readonly<Record<string, string>>,
  head = `extend schema ${FEDERATION}\nextend schema ${HUB}\n`,
): ComposeResult {
  const departments = Object.entries(bodies).map(([name, body]) => ({
    name,
    file: `${name}.graphql`,
    sdl: head + body,
    url: `http://${name}.invalid/graphql`,
  }));
  return composeSupergraph({ departments, hubSdl });
}

/** The problems of a composition that must fail. */
export function problemsOf(result: ComposeResult): readonly Problem[] {
  if (result.ok) throw new Error("It composed.");
  return result.problems;
}

/** The graph of a composition that must succeed. */
export function graphOf(result: ComposeResult): Supergraph {
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join("\n"));
  return readSupergraph(result.sdl);
}

/** The shape in which a steward reads a problem: place, code, message. */
export function brief(problem: Problem): string {
  return `${problem.file}:${problem.line}:${problem.column} ${problem.code}`;
}
