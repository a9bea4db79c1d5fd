import { GraphQLError } from "graphql";

/** Why a department could not answer a part of a request. The message is for the hub and its callers; it holds no personal data. */
export const sourceErrorTable = {
  SOURCE_UNAVAILABLE: "can't be reached",
  SOURCE_TIMEOUT: "did not answer in time",
  SOURCE_STATUS: "refused the request",
  SOURCE_INVALID_REPLY: "sent an answer that can't be read",
  SOURCE_REPLY_TOO_LARGE: "sent an answer that is too large",
} as const satisfies Record<string, string>;

/** Code of a `SourceError`. */
export type SourceErrorCode = keyof typeof sourceErrorTable;

/** A fault of a source of data, with a message that may leave the department. */
export class SourceError extends Error {
  readonly code: SourceErrorCode;
  /** Facts for the log: never personal data. */
  readonly facts: Readonly<Record<string, string | number>>;

  /** @param source What a reader calls the source, such as "the car-park feed"; it begins the message. */
  constructor(code: SourceErrorCode, source: string, details: { readonly facts?: SourceError["facts"]; readonly cause?: unknown } = {}) {
    const name = `${source.charAt(0).toUpperCase()}${source.slice(1)}`;
    super(`${name} ${sourceErrorTable[code]}.`, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "SourceError";
    this.code = code;
    this.facts = details.facts ?? {};
  }
}

/** An argument that can't be served; the message says what to change. */
export function inputError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT" } });
}
