import type { PublicError } from "../core/answer.ts";
import type { Withheld } from "../core/cleared.ts";
import { type ErrorCode, errorTable, HubError } from "../core/errors.ts";
import type { Problem } from "../core/problem.ts";

/** The error that explains a withheld field. It depends on the operation and the entitlement alone, never on data. */
export function withheldError({ path, coordinate, reason }: Withheld, requestId: string): PublicError {
  return {
    message: "This field is not shared with your bureau for this purpose.",
    path,
    extensions: { code: "UNAUTHORIZED_FIELD_OR_TYPE", coordinate, reason, requestId },
  };
}

const problemMessages: Partial<Record<ErrorCode, string>> = {
  SUBGRAPH_UNAVAILABLE: "A department did not answer, so this part of the answer is missing.",
  SUBGRAPH_TIMEOUT: "A department did not answer in time, so this part of the answer is missing.",
  SUBGRAPH_INVALID_REPLY: "A department's reply could not be read, so this part of the answer is missing.",
  SUBGRAPH_ERROR: "A department could not answer this part.",
  VALUE_INVALID: "A department's value is missing or does not fit the field's type.",
};

/** The error that explains a part of the answer that is missing. */
export function problemError({ code, path, subgraph }: Problem, requestId: string): PublicError {
  const department = subgraph === undefined ? {} : { department: subgraph };
  const base = { message: problemMessages[code] ?? errorTable[code].help, extensions: { code, ...department, requestId } };
  return path.length === 0 ? base : { ...base, path };
}

/** The error that explains why nothing ran. What isn't meant for callers becomes INTERNAL_ERROR. */
export function refusalError(error: unknown, requestId: string): PublicError & { readonly status: number } {
  if (!(error instanceof HubError)) {
    return { status: 500, message: "The hub failed; report the request id.", extensions: { code: "INTERNAL_ERROR", requestId } };
  }
  return { status: error.status, message: error.message, extensions: { ...error.facts, code: error.code, requestId } };
}
