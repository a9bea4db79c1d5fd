import { hash } from "node:crypto";
import type { CompactJWSHeaderParameters, CryptoKey, JWTPayload } from "jose";
import { errors, jwtVerify } from "jose";
import { HubError } from "../core/errors.ts";
import type { Clock } from "../core/ports.ts";
import { unauthenticated } from "./headers.ts";
import type { FindKey } from "./keys.ts";

/** What a verified token says. */
export interface Claims {
  /** Client id of the application. */
  readonly client: string;
  /** The token's subject where it is somebody else than the application. */
  readonly subject: string | undefined;
}

/** What tokens must be like. */
export interface TokenOptions {
  readonly findKey: FindKey;
  readonly issuer: string;
  readonly audience: string;
  readonly nowMs: Clock;
  /** Signature algorithms that are believed. `none` and shared secrets (`HS…`) can't be among them. */
  readonly algorithms?: readonly string[];
  readonly clockToleranceSeconds?: number;
  /** Verified tokens that are kept. */
  readonly entriesMax?: number;
  /** How long a token is believed without another look at the issuer's keys, in milliseconds; never longer than it is valid. */
  readonly believedMs?: number;
}

/** Verifies access tokens and keeps what they say for a while. */
export interface TokenReader {
  /** @throws {HubError} UNAUTHENTICATED, with the reason in general terms; OVERLOADED when the issuer's keys can't be fetched. */
  read(token: string): Promise<Claims>;
}

/** @see https://www.rfc-editor.org/rfc/rfc8725#section-3.1 */
const ALGORITHMS = ["EdDSA", "Ed25519", "ES256", "PS256", "RS256"] as const;

/** The longest name of a client or subject. */
const NAME_LENGTH_MAX = 256;

interface Kept {
  readonly claims: Claims;
  /** Which key the token names, and the one that its signature was verified with. */
  readonly header: CompactJWSHeaderParameters;
  readonly key: CryptoKey;
  readonly expiresAtMs: number;
  /** Until then it is believed without another look at the issuer's keys. */
  readonly untilMs: number;
}

/** Creates a reader of access tokens. Only their hashes are kept. */
export function createTokenReader(options: TokenOptions): TokenReader {
  const { nowMs, entriesMax = 10_000, believedMs = 120_000 } = options;
  const kept = new Map<string, Kept>();

  function keep(key: string, entry: Kept): void {
    kept.delete(key);
    kept.set(key, entry);
    // A map gives its keys in the order in which they were set, so the first is the one that was not used for longest.
    const oldest = kept.size > entriesMax ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
  }

  /** A token whose key the issuer still publishes needs no second look at its signature. */
  async function lookAgain(known: Kept): Promise<Kept | undefined> {
    if (nowMs() >= known.expiresAtMs || !(await isPublished(options.findKey, known))) return undefined;
    return believe(known);
  }

  function believe(verified: Omit<Kept, "untilMs">): Kept {
    return { ...verified, untilMs: Math.min(verified.expiresAtMs, nowMs() + believedMs) };
  }

  return {
    async read(token): Promise<Claims> {
      const name = hash("sha256", token, "base64");
      const known = kept.get(name);
      if (known !== undefined && nowMs() < known.untilMs) {
        keep(name, known);
        return known.claims;
      }
      kept.delete(name);
      const entry = (known === undefined ? undefined : await lookAgain(known)) ?? believe(await verify(token, options));
      keep(name, entry);
      return entry.claims;
    },
  };
}

/** Whether the issuer publishes the very key that a token was verified with. Where that can't be told the token is verified again, which says why. */
async function isPublished(findKey: FindKey, { header, key }: Kept): Promise<boolean> {
  try {
    return (await findKey(header, { payload: "", signature: "" })) === key;
  } catch {
    return false;
  }
}

async function verify(token: string, options: TokenOptions): Promise<Omit<Kept, "untilMs">> {
  const { findKey, issuer, audience, nowMs, algorithms = ALGORITHMS, clockToleranceSeconds = 5 } = options;
  try {
    const { payload, protectedHeader, key } = await jwtVerify(token, findKey, {
      issuer,
      audience,
      algorithms: algorithms.filter((algorithm) => algorithm !== "none" && !algorithm.startsWith("HS")),
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(nowMs()),
      requiredClaims: ["exp"],
    });
    return { claims: claimsOf(payload), header: protectedHeader, key, expiresAtMs: (payload.exp ?? 0) * 1_000 };
  } catch (error) {
    throw explain(error);
  }
}

function explain(error: unknown): unknown {
  if (error instanceof HubError) return error;
  if (error instanceof errors.JWTExpired) return unauthenticated("The access token has expired; get a new one.", error);
  if (error instanceof errors.JWTClaimValidationFailed) return unauthenticated(explainClaim(error.claim), error);
  if (error instanceof errors.JWSSignatureVerificationFailed) return unauthenticated("The access token's signature is not valid.", error);
  if (error instanceof errors.JOSEAlgNotAllowed)
    return unauthenticated("The access token is signed with an algorithm that the hub does not accept.", error);
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return unauthenticated("The access token is signed with a key that the issuer does not publish.", error);
  }
  if (error instanceof errors.JOSEError) return unauthenticated("The access token is malformed.", error);
  return error;
}

function explainClaim(claim: string): string {
  switch (claim) {
    case "iss":
      return "The access token is not from the hub's issuer.";
    case "aud":
      return "The access token is not meant for this hub.";
    case "nbf":
      return "The access token is not valid yet.";
    default:
      return "The access token lacks a claim that the hub needs, or has it in a wrong form.";
  }
}

/** Access tokens name their client in `client_id` (RFC 9068) or in `azp` (OpenID Connect). */
function claimsOf(payload: JWTPayload): Claims {
  const { client_id: clientId, azp, sub } = payload;
  const client = clientId ?? azp;
  if (!isName(client) || (clientId !== undefined && azp !== undefined && clientId !== azp)) {
    throw unauthenticated("The access token does not name one client; `client_id` or `azp` must.");
  }
  if (sub !== undefined && !isName(sub)) throw unauthenticated("The access token's subject can't be read.");
  return { client, subject: sub === client ? undefined : sub };
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= NAME_LENGTH_MAX;
}
