/**
 * Every error that may reach a caller: its code, HTTP status and what to do.
 * docs/errors.md is generated from this table.
 */
export const errorTable = {
  UNAUTHENTICATED: { status: 401, help: "Send `Authorization: Bearer` with a valid access token of the hub's issuer." },
  FORBIDDEN: { status: 403, help: "The application is not registered with the hub; ask the Digital Policy Office." },
  PURPOSE_REQUIRED: { status: 400, help: "Send a `Hub-Purpose` header with a purpose code." },
  PURPOSE_NOT_ALLOWED: { status: 403, help: "The application is not registered for this purpose." },
  HEADER_INVALID: { status: 400, help: "Correct the header that the message names." },
  BAD_REQUEST: { status: 400, help: "Send a GraphQL-over-HTTP request: JSON with a `query`." },
  BODY_TOO_LARGE: { status: 413, help: "Send a smaller body, or ask for a higher limit." },
  REQUEST_FORGEABLE: {
    status: 400,
    help: "Send JSON by POST, or a header such as `Apollo-Require-Preflight: true` with a GET; a page of another site could have sent this.",
  },
  METHOD_NOT_ALLOWED: { status: 405, help: "Send the operation by POST; only queries run by GET." },
  NOT_ACCEPTABLE: { status: 406, help: "Accept `application/graphql-response+json` or `application/json`." },
  CONTENT_TYPE_UNSUPPORTED: { status: 415, help: "Send the body as `Content-Type: application/json` in UTF-8." },
  PERSISTED_QUERY_NOT_FOUND: { status: 400, help: "Send the document with its hash once; clients of Apollo do so by themselves." },
  PERSISTED_QUERY_MISMATCH: { status: 400, help: "Send the SHA-256 of the document, in hex, as its hash." },
  DOCUMENT_NOT_TRUSTED: { status: 403, help: "Ask for the document to be added to the hub's trusted documents." },
  GRAPHQL_PARSE_FAILED: { status: 400, help: "Correct the operation's syntax." },
  GRAPHQL_VALIDATION_FAILED: { status: 400, help: "Correct the operation; the catalogue lists the fields." },
  OPERATION_RESOLUTION_FAILURE: { status: 400, help: "Name one operation of the document with `operationName`." },
  OPERATION_NOT_SUPPORTED: { status: 400, help: "Leave out what the message names, or ask for it in another operation." },
  OPERATION_EMPTY: { status: 403, help: "Nothing in the operation is shared with your bureau for this purpose." },
  OPERATION_LIMIT: { status: 400, help: "Split the operation, or ask for a higher limit." },
  BAD_USER_INPUT: { status: 400, help: "Correct the variables that the message names." },
  UNAUTHORIZED_FIELD_OR_TYPE: { status: 403, help: "Ask for an agreement that covers the coordinate, or leave it out." },
  AGREEMENT_LIMIT: { status: 429, help: "The agreement's limit is reached; the error says which, and when it can be used again." },
  USAGE_UNAVAILABLE: {
    status: 503,
    help: "What agreements limit by the day can't be counted, so nothing leaves under them; try again later.",
  },
  SUBGRAPH_UNAVAILABLE: { status: 503, help: "The department did not answer; try again later." },
  SUBGRAPH_TIMEOUT: { status: 504, help: "The department did not answer in time; try again later." },
  SUBGRAPH_INVALID_REPLY: { status: 502, help: "The department's answer could not be read; the department has to correct it." },
  SUBGRAPH_ERROR: { status: 502, help: "The department could not answer this part." },
  VALUE_INVALID: { status: 502, help: "The department sent a value that does not fit the field's type." },
  DEADLINE_EXCEEDED: { status: 504, help: "Ask for less at once, or try again later." },
  CALLER_GONE: { status: 499, help: "Nobody reads this: the caller hung up before the answer was there." },
  SUBSCRIPTION_OVERRUN: { status: 503, help: "Read events faster, or subscribe to less; then subscribe again." },
  SUBSCRIPTION_CHANGED: { status: 409, help: "What you may read has changed; subscribe again." },
  AUDIT_UNAVAILABLE: { status: 503, help: "The audit record can't be kept, so restricted data can't leave; try again later." },
  INVALIDATION_REFUSED: {
    status: 403,
    help: "Sign the invalidation with a key of your department that the hub knows, and send it at once.",
  },
  CACHE_UNAVAILABLE: { status: 503, help: "The invalidation couldn't be kept, so it isn't done; send it again." },
  OVERLOADED: { status: 503, help: "The hub is busy; try again later." },
  INTERNAL_ERROR: { status: 500, help: "Report the request id to the Digital Policy Office." },
} as const satisfies Record<string, { status: number; help: string }>;

/** A public error code. */
export type ErrorCode = keyof typeof errorTable;

/** An error with a public code, a message that its reader can act on, and facts. */
export class HubError extends Error {
  readonly code: ErrorCode;
  readonly facts: Readonly<Record<string, unknown>>;

  // biome-ignore lint/complexity/useMaxParams: errors are thrown in a line of their own; most need two of the four.
  constructor(code: ErrorCode, message: string, facts: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "HubError";
    this.code = code;
    this.facts = facts;
  }

  /** HTTP status of the code. */
  get status(): number {
    return errorTable[this.code].status;
  }
}

/** Ends an exhaustive `switch`. */
export function unreachable(value: never): never {
  throw new TypeError(`Unreachable case: ${String(value)}`);
}
