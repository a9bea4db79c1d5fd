import type { ASTNode, GraphQLError } from "graphql";
import { placeOf } from "./errors.ts";

/** Why departments' schemas don't make one graph, in words that a data steward can act on. */
export interface Problem {
  /** Undefined where no single department is to blame. */
  readonly department: string | undefined;
  /** The department's own file, as it was named; undefined where no place is to blame. */
  readonly file: string | undefined;
  /** Line in that file, from 1. */
  readonly line: number | undefined;
  /** Column in that file, from 1. */
  readonly column: number | undefined;
  /** One of `helpTable`, or a code of the composer. */
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly help: string;
}

/** Every problem that the hub itself finds, and what to do about it. */
export const helpTable = {
  SYNTAX: "Correct the file's syntax.",
  HUB_LINK_MISSING: 'Link the hub: extend schema @link(url: "https://crossharbour.example/hub/v1.0", import: ["@classified"]).',
  HUB_LINK_VERSION: "Link v1.0 of the hub's directives.",
  HUB_RENAMED: "Import the hub's names as they are, without `as`.",
  HUB_IMPORT_UNKNOWN: "Import only what schema/hub.graphql defines.",
  HUB_IMPORT_MISSING: "Add the directive to the `import` of the hub's link.",
  HUB_REDEFINED: "Leave the definition out: the hub adds its own when it composes.",
  HUB_COMPOSED: "Leave the directive out of @composeDirective: the hub carries what it states into the supergraph itself.",
  HUB_NAME_TAKEN: "Choose another name: those that begin with hub__ are the hub's.",
  HUB_TYPE_USED: "Define a type of your own under another name.",
  UNCLASSIFIED: "Add @classified(level: ...) to the field or, as the default of its fields, to the type.",
  CLASSIFICATION_INVALID: "Write @classified(level: OPEN|RESTRICTED|CONFIDENTIAL, personal: true|false, identifier: DIRECT|QUASI|NONE).",
  PERSONAL_BUT_OPEN: "Raise the level to RESTRICTED or CONFIDENTIAL, or take `personal` away if no person can be told from the value.",
  GOVERNED_NOT_NULLABLE: "Take the `!` away: a field that is not OPEN must be able to be null when it is withheld.",
  ROOT_NOT_NULLABLE: "Take the `!` away: a field of the root must be able to be null when its department doesn't answer.",
  MAX_AGE_INVALID: "Give `maxAge` and `staleFor` as whole numbers of seconds, 0 or more.",
  CACHE_SCOPE_PERSONAL: "Say `scope: PRIVATE` or `NONE`: a shared value of a person would tell that another bureau asked about them.",
  CACHE_TAG_INVALID: "Write the tag as 1 to 100 letters, digits, `.`, `_`, `:` and `-`, and `{$args.NAME}` for an argument of the field.",
  SUPERGRAPH_INVALID: "Correct the schema; the composed graph leaves nothing valid for callers.",
  DEPARTMENT_REPEATED: "Give each department a name and a file of its own.",
} as const satisfies Record<string, string>;

/** Code of a problem that the hub itself finds. */
export type ProblemCode = keyof typeof helpTable;

/** A department's file, and what it is called in problems. */
export interface DepartmentFile {
  readonly name: string;
  readonly file: string;
}

/** Makes a problem that the hub finds in a department's file. */
export function problemAt(department: DepartmentFile, node: ASTNode | undefined, found: { code: ProblemCode; message: string }): Problem {
  const place = placeOf(node);
  return {
    department: department.name,
    file: department.file,
    line: place?.line,
    column: place?.column,
    code: found.code,
    message: found.message,
    help: helpTable[found.code],
  };
}

/** Puts an error of the composer, or of the parser, into a problem, with the place in the department's own file. */
export function problemFrom(error: GraphQLError, departments: readonly DepartmentFile[], code?: ProblemCode): Problem {
  const place = error.locations?.[0];
  const file = error.source?.name ?? error.nodes?.find((node) => node.loc !== undefined)?.loc?.source.name;
  // Some of the composer's errors have no place, and name their department in the text alone.
  const department = departments.find((candidate) =>
    file === undefined ? error.message.startsWith(`[${candidate.name}] `) : candidate.file === file,
  );
  const composerCode = error.extensions["code"];
  return {
    department: department?.name,
    file: file ?? department?.file,
    line: place?.line,
    column: place?.column,
    code: code ?? (typeof composerCode === "string" ? composerCode : "COMPOSITION_FAILED"),
    message: department === undefined ? error.message : error.message.replace(`[${department.name}] `, ""),
    help: code === undefined ? "Correct the schema; the code is explained in Apollo's list of composition errors." : helpTable[code],
  };
}

/** Problems in a stable order: by department, place, code and message. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  const key = (problem: Problem): string =>
    [problem.department ?? "", problem.file ?? "", pad(problem.line), pad(problem.column), problem.code, problem.message].join("\u0000");
  return [...problems].sort((left, right) => (key(left) < key(right) ? -1 : 1));
}

function pad(count: number | undefined): string {
  return String(count ?? 0).padStart(9, "0");
}

/** What the published file begins with. */
export const SUPERGRAPH_HEADER = "# Composed from schema/departments by `node schema/publish.ts`. Don't edit.\n";

/** A problem as text: place, code and message on the first line, help on the second. */
export function printProblem(problem: Problem): string {
  const place =
    problem.file === undefined ? "" : `${[problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(":")}: `;
  const who = problem.department === undefined ? "" : `[${problem.department}] `;
  return `${place}${who}${problem.code}: ${problem.message}\n  ${problem.help}`;
}
