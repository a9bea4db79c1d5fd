/** One error of an answer, as its caller sees it. */
export interface PublicError {
  readonly message: string;
  readonly path?: readonly string[];
  readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string };
}

/** The bytes of an answer's data, as JSON in UTF-8. Requests may share them, so nobody changes them. */
export interface AnswerBytes {
  readonly data: Buffer;
  /** The same in an answer in which nothing is wrong, as {@link answerStart} and {@link answerEnd} frame it, where it stands so already: then nobody has to copy it. */
  readonly whole?: Buffer | undefined;
}

/** `extensions.hub`: what an answer rests on. */
export type Basis = Readonly<Record<string, unknown>>;

/** What stands before the data in an answer in which nothing is wrong. */
export const answerStart = '{"data":';

/** What stands after the data of an answer. */
export function answerEnd(hub: Basis): string {
  return isEmpty(hub) ? "}" : `,"extensions":${JSON.stringify({ hub })}}`;
}

/** Whether an answer rests on nothing that is told. */
export function isEmpty(hub: Basis): boolean {
  for (const _ in hub) return false;
  return true;
}

/** What leaves the hub. */
export interface Answer {
  /** HTTP status. */
  readonly status: number;
  /** The answer's `data` as JSON in UTF-8; undefined when nothing ran. Requests may share it, so nobody changes it. */
  readonly data: Buffer | undefined;
  /** The answer itself where it stands so already; see {@link AnswerBytes.whole}. */
  readonly whole?: Buffer | undefined;
  readonly errors: readonly PublicError[];
  readonly hub: Basis;
  /** Age in seconds of the oldest part that came from a cache; undefined when none did. */
  readonly ageSeconds: number | undefined;
  /** Value of the `Cache-Status` header (RFC 9211); undefined when no cache was asked. */
  readonly cacheStatus: string | undefined;
  /** State of the cache that tells of the mutations that were run; undefined when none were, or nobody could be told. */
  readonly epoch: string | undefined;
}
