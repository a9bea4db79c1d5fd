import type { ErrorCode } from "../core/errors.ts";
import { isJsonObject, type JsonObject } from "../core/joined.ts";
import type { Exchange } from "./http.ts";

/** An error that a subgraph reports in a reply. Its text stays inside. */
export interface ReplyError {
  readonly path: readonly (string | number)[];
}

/** What a subgraph says. */
export interface DataReply {
  readonly kind: "data";
  readonly data: JsonObject | undefined;
  readonly errors: readonly ReplyError[];
  readonly text: string;
}

/** A call that brought nothing. */
export interface Failure {
  readonly kind: "failure";
  readonly code: ErrorCode;
  readonly isRetryable: boolean;
}

/** A subgraph's answer to one call. */
export type Reply = DataReply | Failure;

/** A reply that was not read: its bytes, which a subgraph says are a GraphQL response. */
export interface UnreadReply {
  readonly kind: "unread";
  readonly bytes: Buffer;
  /** Whoever has read it tells whether it was one. */
  readonly judge: (isReply: boolean) => void;
}

const retryableStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Reads an exchange as a GraphQL response, trusting nothing of it.
 * @see https://graphql.github.io/graphql-over-http/draft/#sec-Response
 */
export function readReply(exchange: Exchange): Reply {
  const reply = takeReply(exchange);
  return reply.kind === "unread" ? readReplyText(reply.bytes.toString("utf8")) : reply;
}

/** The same, but for what the response says. */
export function takeReply(exchange: Exchange): Omit<UnreadReply, "judge"> | Failure {
  if (exchange.kind === "failure") {
    switch (exchange.reason) {
      case "timeout":
        return { kind: "failure", code: "SUBGRAPH_TIMEOUT", isRetryable: false };
      case "too-large":
        return { kind: "failure", code: "SUBGRAPH_INVALID_REPLY", isRetryable: false };
      case "gone":
        return { kind: "failure", code: "CALLER_GONE", isRetryable: false };
      case "unreachable":
        return { kind: "failure", code: "SUBGRAPH_UNAVAILABLE", isRetryable: true };
    }
  }
  if (retryableStatuses.has(exchange.status)) return { kind: "failure", code: "SUBGRAPH_UNAVAILABLE", isRetryable: true };
  if (!isJsonType(exchange.contentType)) return invalidReply;
  return { kind: "unread", bytes: exchange.bytes };
}

const invalidReply: Failure = { kind: "failure", code: "SUBGRAPH_INVALID_REPLY", isRetryable: false };

/** Reads a response body, fresh from a subgraph or kept by a cache. */
export function readReplyText(text: string): Reply {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return invalidReply;
  }
  return readReplyBody(body, text);
}

/** Reads a response that is parsed already. */
export function readReplyBody(body: unknown, text: string): Reply {
  if (!isJsonObject(body)) return invalidReply;
  const { data, errors } = body;
  if (data !== undefined && data !== null && !isJsonObject(data)) return invalidReply;
  if (errors !== undefined && errors !== null && !Array.isArray(errors)) return invalidReply;
  if ((data === undefined || data === null) && (!Array.isArray(errors) || errors.length === 0)) return invalidReply;
  const read = Array.isArray(errors) ? errors.slice(0, errorsMax).map(readError) : [];
  return { kind: "data", data: data ?? undefined, errors: read, text };
}

/** More errors than this in one reply tell nothing new. */
const errorsMax = 1_000;

function readError(error: unknown): ReplyError {
  const path = isJsonObject(error) && Array.isArray(error["path"]) ? (error["path"] as readonly unknown[]) : [];
  return { path: path.filter((key): key is string | number => typeof key === "string" || typeof key === "number") };
}

/** Whether a content type is that of a GraphQL response. */
export function isJsonType(contentType: string): boolean {
  const essence = contentType.split(";", 1)[0]?.trim().toLowerCase();
  return essence === "application/json" || essence === "application/graphql-response+json";
}
