import type { ErrorCode } from "../core/errors.ts";
import type { Joined } from "../core/joined.ts";
import { isOnOneLine, type Problem } from "../core/problem.ts";
import type { Clause } from "./select.ts";
import { type AnswerWriter, compileAnswer, type WriterOptions } from "./writer.ts";

/** An answer's data as JSON text, and what was wrong with it. */
export interface Projected {
  readonly dataText: string;
  readonly problems: readonly Problem[];
}

/** What differs from request to request. */
export interface ProjectOptions {
  readonly joined: Joined;
  readonly problems: readonly Problem[];
  /** Coerced variables. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly introspection: Readonly<Record<string, unknown>> | undefined;
}

/** The compiled projection of one cleared operation. */
export interface Projector {
  project(options: ProjectOptions): Projected;
}

/** Compiles the projection once; it then writes every answer of the operation. */
export function createProjector(options: WriterOptions): Projector {
  const answer = compileAnswer(options);
  return {
    project({ joined, problems, variables, introspection }): Projected {
      const all = [...problems];
      const dataText = answer.write(
        {
          joined,
          introspection,
          isMet: createWeighing(answer, variables),
          report: (path) => reportOnce(all, path),
        },
        joined.rootLayers,
      );
      return { dataText: dataText ?? "null", problems: all };
    },
  };
}

const valueInvalid: ErrorCode = "VALUE_INVALID";

/** A place that already has an error, above or below, gets no second one. */
function reportOnce(problems: Problem[], path: readonly string[]): void {
  if (problems.some((problem) => isOnOneLine(problem.path, path))) return;
  problems.push({ code: valueInvalid, path, subgraph: undefined });
}

function createWeighing({ conditions }: AnswerWriter, variables: Readonly<Record<string, unknown>>): (index: number) => boolean {
  const weighed: (boolean | undefined)[] = [];
  return (index) => {
    const known = weighed[index];
    if (known !== undefined) return known;
    const isMet = (conditions[index] ?? []).every((clause: Clause) => (variables[clause.variable] === true) === clause.expected);
    weighed[index] = isMet;
    return isMet;
  };
}
