import { basename, dirname } from "node:path/posix";
import ts from "typescript";
import { lineOf, type Source, type Violation, walk } from "./source.ts";

const fileLinesMax = 300;
const functionLinesMax = 60;
/** Callbacks of these hold many tests and are no functions of the program. */
const groupNames: ReadonlySet<string> = new Set(["describe", "suite"]);

/** Source files and functions that are too long to be read at once. */
export function checkSizes(sources: readonly Source[]): readonly Violation[] {
  return sources.flatMap((source) => [...checkFile(source), ...checkFunctions(source)]);
}

function checkFile({ path, text }: Source): readonly Violation[] {
  const lines = text.replace(/\n$/, "").split("\n").length;
  return lines <= fileLinesMax ? [] : [{ file: path, line: 1, rule: "file-length", message: `${lines} lines; at most ${fileLinesMax}.` }];
}

function checkFunctions(source: Source): readonly Violation[] {
  return [...walk(source.syntax)].flatMap((node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined || isGroup(node)) {
      return [];
    }
    const first = lineOf(source, node);
    const last = source.syntax.getLineAndCharacterOfPosition(node.getEnd()).line + 1;
    const lines = last - first + 1;
    return lines <= functionLinesMax
      ? []
      : [{ file: source.path, line: first, rule: "function-length", message: `${lines} lines; at most ${functionLinesMax}.` }];
  });
}

/** Whether a function is the callback of `describe(...)`, `describe.skipIf(...)(...)` or the like. */
function isGroup(node: ts.Node): boolean {
  if (!ts.isCallExpression(node.parent)) {
    return false;
  }
  let callee: ts.Expression = node.parent.expression;
  while (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) {
    callee = callee.expression;
  }
  return ts.isIdentifier(callee) && groupNames.has(callee.text);
}

/** Source files whose name, or whose folder's name, is more than one lower-case word; tests add `.test`, declarations `.d`. */
export function checkNames(paths: readonly string[]): readonly Violation[] {
  return paths.flatMap((path) => {
    const name = basename(path).replace(/(?:\.test|\.d)?\.[a-z]+$/, "");
    const folders = dirname(path).split("/");
    const isTidy = [name, ...folders].every((part) => /^[a-z][a-z0-9]*$/.test(part));
    return isTidy ? [] : [{ file: path, line: 1, rule: "file-name", message: "Name files and folders with one lower-case word." }];
  });
}
