import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** A source file with its syntax tree. */
export interface Source {
  /** Path from the root of the tree, with "/" between its parts. */
  readonly path: string;
  readonly text: string;
  readonly syntax: ts.SourceFile;
}

/** A place that breaks a rule of the house. */
export interface Violation {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/** Names of folders that hold nothing of ours, wherever they stand. */
const skippedNames: ReadonlySet<string> = new Set([".git", "node_modules"]);

/** Folders that are made while working, which git ignores (see .gitignore). */
export const skippedPaths: ReadonlySet<string> = new Set([".data", ".cache", "test/output", "console/dist"]);
const sourceName = /\.(?:ts|tsx|js|jsx|mjs|cjs|mts|cts)$/;

/** Paths of every file below a folder of the tree, sorted; ignored folders are left out. */
export function listFiles(root: string, folder = ""): readonly string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  const found = entries.flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      return skippedNames.has(entry.name) || skippedPaths.has(path) ? [] : listFiles(root, path);
    }
    return entry.isFile() ? [path] : [];
  });
  return found.sort();
}

/** Every source file below the folders given, parsed. */
export function readSources(root: string, folders: readonly string[]): readonly Source[] {
  return folders
    .flatMap((folder) => listFiles(root, folder))
    .filter((path) => sourceName.test(path))
    .map((path) => parseSource(path, readFileSync(join(root, path), "utf8")));
}

/** A source with its syntax tree; the tree's nodes know their parents. */
export function parseSource(path: string, text: string): Source {
  return { path, text, syntax: ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true) };
}

/** The line of a node's first character, from 1; comments before it don't count. */
export function lineOf(source: Source, node: ts.Node): number {
  return source.syntax.getLineAndCharacterOfPosition(node.getStart(source.syntax)).line + 1;
}

/** Every node of a source, in document order. */
export function* walk(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of childrenOf(node)) {
    yield* walk(child);
  }
}

function childrenOf(node: ts.Node): readonly ts.Node[] {
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    children.push(child);
  });
  return children;
}

/** Violations as lines of text that an editor can follow; empty when there are none. */
export function describeViolations(violations: readonly Violation[]): string {
  return violations.map(({ file, line, rule, message }) => `${file}:${line} ${rule}: ${message}`).join("\n");
}
