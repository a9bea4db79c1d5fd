import { dirname, join } from "node:path/posix";
import type { Violation } from "./source.ts";
import type { TextFile } from "./words.ts";

/** What a document may promise. */
export interface Ground {
  /** Every file of the tree. */
  readonly paths: readonly string[];
  /** Names of package.json's scripts. */
  readonly scripts: ReadonlySet<string>;
  /** Commands of `hub`. */
  readonly commands: ReadonlySet<string>;
  /** Folders and files at the top whose paths in code spans are checked. */
  readonly tops: ReadonlySet<string>;
}

interface Pledge {
  readonly rule: string;
  /** Finds the promise in a line; its first group is what is promised. */
  readonly pattern: RegExp;
  readonly isKept: (promised: string, document: string, ground: Ground) => boolean;
}

const npmBuiltins: ReadonlySet<string> = new Set(["start", "test"]);

const pledges: readonly Pledge[] = [
  {
    rule: "link",
    pattern: /\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g,
    isKept: (target, document, { paths }) => exists(join(dirname(document), target), paths),
  },
  {
    rule: "path",
    pattern: /`([a-z][a-z]*\/[\w./-]*|[A-Za-z][\w.-]*\.(?:md|json|ts|yml))`/g,
    isKept: (path, document, { paths, tops }) =>
      !tops.has(path.split("/")[0] ?? "") || exists(path, paths) || exists(join(dirname(document), path), paths),
  },
  { rule: "script", pattern: /\bnpm run (?:--silent )?([a-z:]+)/g, isKept: (script, _document, { scripts }) => scripts.has(script) },
  {
    rule: "script",
    pattern: /\bnpm (start|test)\b/g,
    isKept: (script, _document, { scripts }) => npmBuiltins.has(script) && scripts.has(script),
  },
  {
    rule: "tests",
    pattern: /\bnpm test -- ((?:[a-z][a-z/.]*\s?)+)/g,
    isKept: (filters, _document, { paths }) =>
      filters
        .trim()
        .split(/\s+/)
        .every((filter) => paths.some((path) => path.startsWith("test/") && path.endsWith(".test.ts") && path.includes(filter))),
  },
  { rule: "command", pattern: /(?:\bnpx |`)hub ([a-z]+)/g, isKept: (command, _document, { commands }) => commands.has(command) },
];

/** Links, paths, scripts and commands that documents name and that don't exist, with file and line. */
export function checkPromises(documents: readonly TextFile[], ground: Ground): readonly Violation[] {
  return documents.flatMap(({ path, text }) =>
    text
      .split("\n")
      .flatMap((line, index) =>
        pledges.flatMap(({ rule, pattern, isKept }) =>
          [...line.matchAll(pattern)]
            .filter(([, promised]) => promised !== undefined && !isKept(promised, path, ground))
            .map(([, promised]) => ({ file: path, line: index + 1, rule, message: `There is no ${promised}.` })),
        ),
      ),
  );
}

/** Whether a path is a file or a folder of the tree. */
function exists(path: string, paths: readonly string[]): boolean {
  const folder = path.endsWith("/") ? path : `${path}/`;
  return paths.some((one) => one === path || one.startsWith(folder));
}
