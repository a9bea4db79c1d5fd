import type { FastifyRequest } from "fastify";
import { HubError } from "../core/errors.ts";
import { type Limits, limitError } from "../core/limits.ts";

/** The parameters of a GraphQL request, by whatever transport it came. */
export interface GraphqlParams {
  readonly query: string | undefined;
  /** Of a trusted document, or `sha256:` and a hash. */
  readonly documentId: string | undefined;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  /** SHA-256 in hex, of the extension `persistedQuery`. */
  readonly persistedHash: string | undefined;
}

const shape = "Send an object with a `query`, and `variables`, `operationName` and `extensions` as needed.";

/**
 * Reads JSON that may hold any keys but those by which JavaScript objects inherit.
 *
 * @throws {HubError} BAD_REQUEST that says what is wrong.
 */
export function readJson(text: string, what: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest(`${what} is not JSON; ${lowerFirst(shape)}`);
  }
  // A key is written with its letters or with escapes, so most texts need no second look.
  if (/__proto__|constructor|\\u/i.test(text)) refusePrototypes(value, what);
  return value;
}

/**
 * Reads the parameters from a request's JSON body.
 *
 * @throws {HubError} BAD_REQUEST that says what is wrong.
 */
export function paramsOf(body: unknown): GraphqlParams {
  if (Array.isArray(body)) throw badRequest("The body is a list; the hub takes one operation a request and offers no batches.");
  if (!isRecord(body)) throw badRequest(`The body is no object. ${shape}`);
  return {
    query: textOf(body, "query"),
    documentId: textOf(body, "documentId"),
    operationName: textOf(body, "operationName"),
    variables: recordOf(body, "variables") ?? {},
    persistedHash: persistedHashOf(recordOf(body, "extensions")),
  };
}

/**
 * Reads the parameters from a GET's query string.
 *
 * @param search With or without the leading "?".
 * @throws {HubError} BAD_REQUEST; BODY_TOO_LARGE where it is longer than a body may be.
 */
export function paramsOfSearch(search: string, limits: Limits): GraphqlParams {
  const { bodyBytesMax } = limits;
  if (search.length > bodyBytesMax) throw limitError({ limit: "bodyBytesMax", value: search.length, max: bodyBytesMax });
  const given = new URLSearchParams(search);
  const body: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const name of ["query", "documentId", "operationName", "variables", "extensions"]) {
    const [value, second] = given.getAll(name);
    if (second !== undefined) throw badRequest(`The parameter \`${name}\` is given twice.`);
    if (value === undefined) continue;
    const isJson = name === "variables" || name === "extensions";
    body[name] = isJson && value !== "" ? readJson(value, `The parameter \`${name}\``) : value === "" ? null : value;
  }
  return paramsOf(body);
}

/** Reads the parameters of a request over HTTP. @throws {HubError} as {@link paramsOf} and {@link paramsOfSearch} do. */
export function paramsOfRequest({ method, url, body }: Pick<FastifyRequest, "method" | "url" | "body">, limits: Limits): GraphqlParams {
  if (method !== "GET") return paramsOf(body);
  const start = url.indexOf("?");
  return paramsOfSearch(start === -1 ? "" : url.slice(start + 1), limits);
}

/** Walks without recursion: a text of brackets alone would exhaust the stack. */
function refusePrototypes(value: unknown, what: string): void {
  const waiting: unknown[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== "object" || next === null) continue;
    if (Object.hasOwn(next, "__proto__")) throw prototypeError(what, "__proto__");
    for (const [key, inner] of Object.entries(next)) {
      if (key === "constructor" && isRecord(inner) && Object.hasOwn(inner, "prototype"))
        throw prototypeError(what, "constructor.prototype");
      if (typeof inner === "object" && inner !== null) waiting.push(inner);
    }
  }
}

function prototypeError(what: string, key: string): HubError {
  return badRequest(`${what} names \`${key}\`, which JavaScript objects inherit by; the hub refuses it wherever it stands. Leave it out.`);
}

function textOf(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw badRequest(`\`${name}\` must be text.`);
}

function recordOf(body: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (isRecord(value)) return value;
  throw badRequest(`\`${name}\` must be an object.`);
}

/** @see https://www.apollographql.com/docs/apollo-server/performance/apq */
function persistedHashOf(extensions: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const persisted = extensions?.["persistedQuery"];
  if (persisted === undefined || persisted === null) return undefined;
  if (!isRecord(persisted) || persisted["version"] !== 1)
    throw badRequest("The extension `persistedQuery` must be an object with `version` 1 and a `sha256Hash`.");
  const hash = persisted["sha256Hash"];
  if (typeof hash === "string" && hash !== "") return hash;
  throw badRequest("The extension `persistedQuery` must have a `sha256Hash`.");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function badRequest(message: string): HubError {
  return new HubError("BAD_REQUEST", message);
}
