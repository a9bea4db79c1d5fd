import type { Caller } from "../core/caller.ts";
import { HubError } from "../core/errors.ts";

/** Headers of a request by lower-case name, as Node gives them. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The longest access token that is read, in characters. Tokens of the usual issuers have 500 to 2,000. */
const TOKEN_LENGTH_MAX = 8_192;

/** A purpose code as purposes.yaml writes them. */
const PURPOSE = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** A case reference: what files of departments are called, and nothing that could be mistaken for something else in a log or a header. */
const CASE = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/;

/**
 * Reads the access token.
 *
 * @returns A compact JWS by its form; it is not verified.
 * @throws {HubError} UNAUTHENTICATED. No message repeats any part of the header.
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export function readToken(headers: Headers): string {
  const header = headers["authorization"];
  if (header === undefined || header === "") throw unauthenticated("There is no access token; send `Authorization: Bearer` with one.");
  if (typeof header !== "string") throw unauthenticated("The `Authorization` header is sent more than once.");
  if (header.length > TOKEN_LENGTH_MAX) throw unauthenticated("The access token is too long.");
  const token = /^bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header)?.[1];
  if (token === undefined) throw unauthenticated("The `Authorization` header is not `Bearer` with a signed JWT.");
  return token;
}

/**
 * Reads the purpose code, whether or not there is such a purpose.
 *
 * @throws {HubError} PURPOSE_REQUIRED when it is missing; HEADER_INVALID when it is no code.
 */
export function readPurpose(headers: Headers, allowed: readonly string[]): string {
  const purpose = readSingle(headers, "Hub-Purpose");
  if (purpose === undefined) {
    throw new HubError("PURPOSE_REQUIRED", "There is no `Hub-Purpose` header; send the code of the purpose you need the data for.", {
      purposes: allowed,
    });
  }
  if (!PURPOSE.test(purpose)) throw invalidHeader("Hub-Purpose", "a purpose code of lower-case letters, digits and hyphens, at most 64");
  return purpose;
}

/** @throws {HubError} HEADER_INVALID. */
export function readCase(headers: Headers): string | undefined {
  const reference = readSingle(headers, "Hub-Case");
  if (reference === undefined || CASE.test(reference)) return reference;
  throw invalidHeader("Hub-Case", "one reference of letters, digits and `. _ / -`, at most 64");
}

/** @throws {HubError} HEADER_INVALID. */
export function readOnDenied(headers: Headers): Caller["onDenied"] {
  const reaction = readSingle(headers, "Hub-On-Denied");
  if (reaction === undefined || reaction === "withhold") return "withhold";
  if (reaction === "refuse") return "refuse";
  throw invalidHeader("Hub-On-Denied", "`withhold` or `refuse`");
}

/** An answer to a token that doesn't identify anybody. */
export function unauthenticated(message: string, cause?: unknown): HubError {
  return new HubError("UNAUTHENTICATED", message, {}, cause);
}

/** Two headers of one name reach us as a list or joined by a comma; the forms above have no comma, so both are refused. */
function readSingle(headers: Headers, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  if (Array.isArray(value)) throw invalidHeader(name, "sent once");
  return value;
}

function invalidHeader(header: string, form: string): HubError {
  return new HubError("HEADER_INVALID", `The header \`${header}\` must be ${form}.`, { header });
}
