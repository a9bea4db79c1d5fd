import { setTimeout as sleep } from "node:timers/promises";
import { type Dispatcher, Pool } from "undici";
import type { z } from "zod";
import { SourceError } from "./errors.ts";

/** Options of {@link createRestSource}. */
export interface RestOptions {
  /** What a reader calls the source, such as "the car-park feed"; error messages begin with it. */
  readonly name: string;
  /** Address with or without a path; request paths are appended to it. */
  readonly baseUrl: string;
  /** Deadline of one read with all its tries, in milliseconds. */
  readonly timeoutMs: number;
  /** Greatest body that is accepted, in bytes. */
  readonly bodyBytesMax: number;
  /** Connections at most, 16 when not given; further reads wait within their deadline. */
  readonly connectionsMax?: number;
  /** Further tries after a connection error, 2 when not given. */
  readonly retriesMax?: number;
  /** Is told of every try that goes out: method and path, without the query, which may name persons. */
  readonly onCall?: (call: { readonly method: string; readonly path: string }) => void;
}

/** One read of a REST source. */
export interface RestRequest<Reply> {
  /** Path after the base URL, beginning with "/"; its parts are the caller's to encode. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  /** Sent as JSON; makes the request a POST. The source must only read for it, because it is tried again after a connection error. */
  readonly body?: unknown;
  /** What the reply must be. Unknown members are dropped unless the shape is strict. */
  readonly shape: z.ZodType<Reply>;
  /** Statuses besides 200 that count as "there is none": the read answers undefined. */
  readonly absentStatuses?: readonly number[];
}

/** A REST service that is read only. */
export interface RestSource {
  /**
   * Reads JSON. A 200 with a JSON content type and the right shape is an answer; all else is an error. Redirects aren't followed.
   *
   * @returns The reply, or undefined for one of `absentStatuses`.
   * @throws {SourceError} SOURCE_UNAVAILABLE after connection errors; SOURCE_TIMEOUT; SOURCE_STATUS; SOURCE_REPLY_TOO_LARGE;
   * SOURCE_INVALID_REPLY for another content type, half JSON or another shape.
   */
  read<Reply>(request: RestRequest<Reply>): Promise<Reply | undefined>;
  /** Closes the connections. Reads under way are cut off. */
  close(): Promise<void>;
}

/** Makes a source on keep-alive connections; nothing is connected before the first read. */
export function createRestSource(options: RestOptions): RestSource {
  const base = new URL(options.baseUrl);
  const { timeoutMs } = options;
  const pool = new Pool(base.origin, {
    connections: options.connectionsMax ?? 16,
    connectTimeout: timeoutMs,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const state: Source = { options, pool, prefix: base.pathname.replace(/\/$/, "") };
  return {
    read: async (request) => {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await sendWithRetries(state, request, signal);
      return await readReply(state, request, response);
    },
    close: () => pool.destroy(),
  };
}

interface Source {
  readonly options: RestOptions;
  readonly pool: Pool;
  readonly prefix: string;
}

const FIRST_RETRY_MS = 50;
const CONNECTION_ERRORS: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_SOCKET",
]);
const TIMEOUT_ERRORS: ReadonlySet<string> = new Set([
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "ETIMEDOUT",
]);

async function sendWithRetries(source: Source, request: RestRequest<unknown>, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  const retriesMax = source.options.retriesMax ?? 2;
  for (let attempt = 0; ; attempt += 1) {
    try {
      // One try after the other is the point.
      // oxlint-disable-next-line no-await-in-loop
      return await sendOnce(source, request, signal);
    } catch (error) {
      if (attempt >= retriesMax || !CONNECTION_ERRORS.has(codeOf(error))) throw toSourceError(source, error);
      // oxlint-disable-next-line no-await-in-loop
      await waitToRetry(source, FIRST_RETRY_MS * 2 ** attempt, signal);
    }
  }
}

async function sendOnce(source: Source, request: RestRequest<unknown>, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  const method = request.body === undefined ? "GET" : "POST";
  const path = `${source.prefix}${request.path}`;
  source.options.onCall?.({ method, path });
  return await source.pool.request({
    method,
    path: request.query === undefined ? path : `${path}?${queryOf(request.query)}`,
    headers: { accept: "application/json", ...(request.body === undefined ? {} : { "content-type": "application/json" }) },
    body: request.body === undefined ? null : JSON.stringify(request.body),
    signal,
  });
}

function queryOf(query: Readonly<Record<string, string | number>>): string {
  return new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)])).toString();
}

async function waitToRetry(source: Source, waitMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(waitMs, undefined, { signal });
  } catch (error) {
    throw toSourceError(source, error);
  }
}

async function readReply<Reply>(
  source: Source,
  request: RestRequest<Reply>,
  response: Dispatcher.ResponseData,
): Promise<Reply | undefined> {
  const { name } = source.options;
  const { statusCode, headers, body } = response;
  if (statusCode !== 200) {
    // Reading a small rest keeps the connection; dump() drops the connection when there is more.
    await body.dump({ limit: 16_384 }).catch(() => undefined);
    if (request.absentStatuses?.includes(statusCode) === true) return undefined;
    throw new SourceError("SOURCE_STATUS", name, { facts: { status: statusCode } });
  }
  if (!isJson(headers["content-type"])) {
    // To destroy the body would raise an error that nobody can catch.
    await body.dump({ limit: 16_384 }).catch(() => undefined);
    throw new SourceError("SOURCE_INVALID_REPLY", name, { facts: { contentType: String(headers["content-type"]).slice(0, 100) } });
  }
  const text = await readText(source, body);
  return parseReply(source, request, text);
}

function isJson(contentType: string | string[] | undefined): boolean {
  return typeof contentType === "string" && /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType);
}

async function readText(source: Source, body: Dispatcher.ResponseData["body"]): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > source.options.bodyBytesMax) {
        throw new SourceError("SOURCE_REPLY_TOO_LARGE", source.options.name, { facts: { bodyBytesMax: source.options.bodyBytesMax } });
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw toSourceError(source, error);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseReply<Reply>(source: Source, request: RestRequest<Reply>, text: string): Reply {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SourceError("SOURCE_INVALID_REPLY", source.options.name, { cause });
  }
  const read = request.shape.safeParse(value);
  if (read.success) return read.data;
  const place = read.error.issues[0]?.path.join(".") ?? "";
  throw new SourceError("SOURCE_INVALID_REPLY", source.options.name, { facts: { place }, cause: read.error });
}

function toSourceError(source: Source, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const code = codeOf(error);
  const isLate = TIMEOUT_ERRORS.has(code) || (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError"));
  return new SourceError(isLate ? "SOURCE_TIMEOUT" : "SOURCE_UNAVAILABLE", source.options.name, { facts: { reason: code }, cause: error });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "UNKNOWN";
}
