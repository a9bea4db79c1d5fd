/** One error of an answer, as its caller sees it. */
export interface PublicError {
  readonly message: string;
  readonly path?: readonly string[];
  readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string };
}

/** The bytes of an answer's data, as JSON in UTF-8. Requests may share them, so nobody changes them. */
export interface AnswerBytes {
  readonly data: Buffer;
  /** The same in an answer that holds nothing else, `{"data":…}`, where it stands so already: then nobody has to copy it. */
  readonly whole?: Buffer | undefined;
}

/** What stands before the data in an answer that holds nothing else. */
export const dataStart = '{"data":';

/** What leaves the hub. */
export interface Answer {
  /** HTTP status. */
  readonly status: number;
  /** The answer's `data` as JSON in UTF-8; undefined when nothing ran. Requests may share it, so nobody changes it. */
  readonly data: Buffer | undefined;
  /** See {@link AnswerBytes.whole}. */
  readonly whole?: Buffer | undefined;
  readonly errors: readonly PublicError[];
  /** `extensions.hub`: what the answer rests on. */
  readonly hub: Readonly<Record<string, unknown>>;
  /** Age in seconds of the oldest part that came from a cache; undefined when none did. */
  readonly ageSeconds: number | undefined;
  /** Value of the `Cache-Status` header (RFC 9211); undefined when no cache was asked. */
  readonly cacheStatus: string | undefined;
  /** State of the cache that tells of the mutations that were run; undefined when none were, or nobody could be told. */
  readonly epoch: string | undefined;
}
