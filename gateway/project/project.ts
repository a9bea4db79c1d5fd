import { LRUCache } from "lru-cache";
import type { ErrorCode } from "../core/errors.ts";
import type { Joined } from "../core/joined.ts";
import { isOnOneLine, type Problem } from "../core/problem.ts";
import { relevantProblems } from "./relevant.ts";
import { conditionVariables } from "./select.ts";
import { takeBytes } from "./sink.ts";
import { type ObjectWriter, type Projection, putNull } from "./value.ts";
import { compileAnswer, type WriterOptions } from "./writer.ts";

/** An answer's data, and what was wrong with it. */
export interface Projected {
  /** JSON in UTF-8. */
  readonly data: Buffer;
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

/** How many combinations of conditions are kept compiled for one operation. */
const variantsMax = 16;

/** Compiles the projection once for each combination of conditions; it then writes every answer of the operation. */
export function createProjector(options: WriterOptions): Projector {
  const names = conditionVariables(options.cleared.asked);
  const variants = new LRUCache<string, ObjectWriter>({ max: variantsMax });

  function writerFor(variables: Readonly<Record<string, unknown>>): ObjectWriter {
    const key = names.map((name) => (variables[name] === true ? "1" : "0")).join("");
    let write = variants.get(key);
    if (write === undefined) {
      write = compileAnswer(options, (name) => variables[name] === true);
      variants.set(key, write);
    }
    return write;
  }

  return {
    project({ joined, problems, variables, introspection }): Projected {
      const all = [...problems];
      const write = writerFor(variables);
      const { sink } = options;
      sink.length = 0;
      const projection: Projection = { sink, joined, introspection, report: (path, code) => reportOnce(all, path, code) };
      if (write(projection, joined.rootLayers) === "nothing") {
        sink.length = 0;
        putNull(projection);
      }
      const data = takeBytes(sink);
      return { data, problems: relevantProblems(all, data) };
    },
  };
}

const valueInvalid: ErrorCode = "VALUE_INVALID";

/** A place that already has an error, above or below, gets no second one. */
function reportOnce(problems: Problem[], path: readonly string[], code: ErrorCode = valueInvalid): void {
  if (problems.some((problem) => isOnOneLine(problem.path, path))) return;
  problems.push({ code, path, subgraph: undefined });
}
