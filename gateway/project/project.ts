import type { Moment } from "../../policies/engine/holds.ts";
import { type AnswerBytes, answerEnd, answerStart } from "../core/answer.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { Joined } from "../core/joined.ts";
import { isOnOneLine, type Problem } from "../core/problem.ts";
import { createCopies } from "./copies.ts";
import { relevantProblems } from "./relevant.ts";
import { createSight } from "./sight.ts";
import { takeBack, takeBytes } from "./sink.ts";
import { type Counted, createTally } from "./tally.ts";
import { type Projection, putNull } from "./value.ts";
import { compileAnswer, type WriterOptions } from "./writer.ts";

/** An answer's data, and what was wrong with it. */
export interface Projected extends AnswerBytes {
  readonly problems: readonly Problem[];
  /** Undefined where nothing was to be counted. */
  readonly counted: Counted | undefined;
}

/** What differs from request to request. */
export interface ProjectOptions {
  readonly joined: Joined;
  readonly problems: readonly Problem[];
  readonly introspection: Readonly<Record<string, unknown>> | undefined;
  /** What conditions compare with; needed where the operation is under conditions. */
  readonly moment?: Moment | undefined;
}

/** The compiled projection of one cleared operation. */
export interface Projector {
  project(options: ProjectOptions): Projected;
}

/** Compiles the projection once; it then writes every answer that the plan is for. */
export function createProjector(options: WriterOptions): Projector {
  const write = compileAnswer(options);
  const start = Buffer.from(answerStart);
  const end = Buffer.from(answerEnd(options.basis ?? {}));
  return {
    project({ joined, problems, introspection, moment }): Projected {
      const own: Problem[] = [];
      const sight = options.cleared.isConditioned ? createSight() : undefined;
      // Under conditions each object is looked at, however often it is met.
      const copies = sight === undefined ? createCopies() : undefined;
      const { sink } = options;
      takeBack(sink, 0);
      const tally = options.tally === undefined ? undefined : createTally();
      const report: Projection["report"] = (path, code) => addOnce(own, { code: code ?? valueInvalid, path, subgraph: undefined });
      const projection: Projection = { sink, joined, introspection, moment, sight, tally, copies, report };
      if (write(projection, joined.rootLayers) === "nothing") {
        takeBack(sink, 0);
        putNull(projection);
      }
      const whole = takeBytes(sink, start, end);
      const data = whole.subarray(start.length, -end.length);
      const all = [...(sight === undefined ? problems : sight.keep(problems))];
      for (const problem of own) addOnce(all, problem);
      return { data, whole, problems: relevantProblems(all, data), counted: tally?.counted() };
    },
  };
}

const valueInvalid: ErrorCode = "VALUE_INVALID";

/** A place that already has an error, above or below, gets no second one. */
function addOnce(problems: Problem[], problem: Problem): void {
  if (!problems.some(({ path }) => isOnOneLine(path, problem.path))) problems.push(problem);
}
