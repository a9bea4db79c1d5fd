import type { JSONWebKeySet, JWK, JWTPayload } from "jose";
import {
  type CryptoKey,
  calculateJwkThumbprint,
  decodeProtectedHeader,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
  SignJWT,
} from "jose";
import { LRUCache } from "lru-cache";

/** Name of the header by which the hub proves to a subgraph that a call is its own. */
export const CALL_HEADER = "hub-call";

/** On whose behalf the hub calls a subgraph. */
export interface HubCall {
  /** The subgraph that is called; nobody else may accept the call. */
  readonly subgraph: string;
  readonly bureau: string;
  readonly purpose: string;
  readonly entitlementId: string;
  readonly bundleHash: string;
  /**
   * Patterns of agreements (`requires: case`) that the caller's case reference matches, sorted. The reference itself stays with the hub: with
   * the pattern a department decides by its own agreements, whatever the hub's say.
   */
  readonly casePatterns: readonly string[];
}

/** Makes the header's value. */
export interface CallSigner {
  /** @throws {RangeError} When the call has so many case patterns that departments would refuse the header for its length. */
  sign(call: HubCall): Promise<string>;
}

/** Reads the header's value. */
export interface CallVerifier {
  /** @throws {CallError} When the call isn't one that the hub makes to this subgraph now. */
  verify(header: string | undefined): Promise<HubCall>;
}

/** Why a subgraph refuses a call. */
export const callErrorTable = {
  MISSING: "The request has no `hub-call` header; call the hub instead of the subgraph.",
  MALFORMED: "The `hub-call` header is no signed token.",
  ALGORITHM: "The `hub-call` token isn't signed with EdDSA.",
  KEY_UNKNOWN: "The `hub-call` token names no key of the hub.",
  SIGNATURE: "The signature of the `hub-call` token is wrong.",
  AUDIENCE: "The `hub-call` token is for another subgraph.",
  EXPIRED: "The `hub-call` token has expired.",
  ISSUED_IN_FUTURE: "The `hub-call` token was issued in the future; compare the clocks.",
  CLAIMS: "The `hub-call` token lacks a claim, or has one that can't be true.",
} as const satisfies Record<string, string>;

/** Code of a `CallError`. */
export type CallErrorCode = keyof typeof callErrorTable;

/** A call that a subgraph refuses. */
export class CallError extends Error {
  readonly code: CallErrorCode;

  constructor(code: CallErrorCode, cause?: unknown) {
    super(callErrorTable[code], cause === undefined ? undefined : { cause });
    this.name = "CallError";
    this.code = code;
  }
}

const ALGORITHM = "EdDSA";
/** Keeps the hub's other tokens, if it ever makes any, from being taken for calls (RFC 8725, section 3.11). */
const TOKEN_TYPE = "hub-call";
const RENEW_AFTER_MS = 60_000;
const LIFETIME_MS_MAX = 900_000;
const CLOCK_SKEW_MS_MAX = 30_000;
const TOKENS_MAX = 10_000;
const HEADER_CHARACTERS_MAX = 4_096;

/** Makes a key of the hub: the private key for the hub, the key set for the subgraphs. */
export async function createHubKey(): Promise<{ readonly privateJwk: JWK; readonly jwks: JSONWebKeySet }> {
  const pair = await generateKeyPair(ALGORITHM, { crv: "Ed25519", extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const named = { kid: await calculateJwkThumbprint(publicJwk), alg: ALGORITHM, use: "sig" };
  return { privateJwk: { ...(await exportJWK(pair.privateKey)), ...named }, jwks: { keys: [{ ...publicJwk, ...named }] } };
}

/**
 * Makes a signer. It signs each distinct call once a minute, or twice in a token's lifetime if that is shorter; otherwise a call costs one look-up.
 *
 * @param options.lifetimeMs How long a token is good, in milliseconds: 1 second to 15 minutes.
 * @throws {RangeError} When the lifetime is out of its range.
 * @throws {TypeError} When the key is no private Ed25519 key.
 */
export async function createCallSigner(options: {
  readonly privateJwk: JWK;
  readonly lifetimeMs: number;
  readonly nowMs: () => number;
}): Promise<CallSigner> {
  const { privateJwk, lifetimeMs, nowMs } = options;
  if (!(lifetimeMs >= 1_000 && lifetimeMs <= LIFETIME_MS_MAX)) {
    throw new RangeError(`The lifetime of a call's token must be 1,000 to ${LIFETIME_MS_MAX} ms, not ${lifetimeMs}.`);
  }
  if (typeof privateJwk.d !== "string") throw new TypeError("The hub's key is no private key.");
  const key = await importEd25519(privateJwk);
  const kid = privateJwk.kid ?? (await calculateJwkThumbprint(privateJwk));
  const renewAfterMs = Math.min(RENEW_AFTER_MS, lifetimeMs / 2);
  const tokens = new LRUCache<string, { readonly token: Promise<string>; readonly madeAtMs: number }>({ max: TOKENS_MAX });
  return {
    sign: (call) => {
      const now = nowMs();
      const name = nameOf(call);
      const kept = tokens.get(name);
      // A clock that was set back makes the age negative; such a token would count as issued in the future.
      if (kept !== undefined && now >= kept.madeAtMs && now - kept.madeAtMs < renewAfterMs) return kept.token;
      const made = { token: signCall(call, { key, kid, issuedAtMs: now, expiresAtMs: now + lifetimeMs }), madeAtMs: now };
      tokens.set(name, made);
      made.token.catch(() => {
        if (tokens.peek(name) === made) tokens.delete(name);
      });
      return made.token;
    },
  };
}

/**
 * Makes a verifier for one subgraph. A token that was verified costs one look-up until it expires.
 *
 * @param options.jwks The hub's public keys; all must be Ed25519 keys with a `kid`.
 * @throws {TypeError} When the key set holds no key, or another kind of key.
 */
export async function createCallVerifier(options: {
  readonly jwks: JSONWebKeySet;
  readonly subgraph: string;
  readonly nowMs: () => number;
}): Promise<CallVerifier> {
  const { subgraph, nowMs } = options;
  const keys = await importKeys(options.jwks);
  const verified = new LRUCache<string, Verified>({ max: TOKENS_MAX });
  return {
    verify: async (header) => {
      if (header === undefined || header === "") throw new CallError("MISSING");
      const now = nowMs();
      const kept = verified.get(header);
      if (kept !== undefined) {
        checkTimes(kept, now);
        return kept.call;
      }
      const fresh = await verifyToken(header, { keys, subgraph });
      checkTimes(fresh, now);
      verified.set(header, fresh);
      return fresh.call;
    },
  };
}

interface Verified {
  readonly call: HubCall;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** JSON keeps parts apart that hold any separator. */
function nameOf(call: HubCall): string {
  return JSON.stringify([call.subgraph, call.bureau, call.purpose, call.entitlementId, call.bundleHash, call.casePatterns]);
}

async function signCall(
  call: HubCall,
  by: { readonly key: CryptoKey; readonly kid: string; readonly issuedAtMs: number; readonly expiresAtMs: number },
): Promise<string> {
  const { bureau, purpose, entitlementId: ent, bundleHash: bundle, casePatterns } = call;
  const token = await new SignJWT({ bureau, purpose, ent, bundle, ...(casePatterns.length === 0 ? {} : { cases: casePatterns }) })
    .setProtectedHeader({ alg: ALGORITHM, kid: by.kid, typ: TOKEN_TYPE })
    .setAudience(call.subgraph)
    .setIssuedAt(Math.floor(by.issuedAtMs / 1000))
    .setExpirationTime(Math.floor(by.expiresAtMs / 1000))
    .sign(by.key);
  if (token.length > HEADER_CHARACTERS_MAX)
    throw new RangeError(`A call's token has ${token.length} characters, more than subgraphs accept.`);
  return token;
}

async function verifyToken(
  token: string,
  by: { readonly keys: ReadonlyMap<string, CryptoKey>; readonly subgraph: string },
): Promise<Verified> {
  if (token.length > HEADER_CHARACTERS_MAX) throw new CallError("MALFORMED");
  const header = readHeader(token);
  if (header.alg !== ALGORITHM) throw new CallError("ALGORITHM");
  const key = header.kid === undefined ? undefined : by.keys.get(header.kid);
  if (key === undefined) throw new CallError("KEY_UNKNOWN");
  try {
    // Times are checked here below, for fresh and kept tokens alike, so the library gets a time at which nothing has expired.
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      audience: by.subgraph,
      typ: TOKEN_TYPE,
      currentDate: new Date(0),
    });
    return readClaims(payload, by.subgraph);
  } catch (error) {
    throw error instanceof CallError ? error : new CallError(codeOf(error), error);
  }
}

function readHeader(token: string): { readonly alg: string | undefined; readonly kid: string | undefined } {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    return { alg, kid };
  } catch (error) {
    throw new CallError("MALFORMED", error);
  }
}

function readClaims(payload: JWTPayload, subgraph: string): Verified {
  const { iat, exp } = payload;
  const { bureau, purpose, ent, bundle, cases = [] } = payload as Readonly<Record<string, unknown>>;
  if (typeof iat !== "number" || typeof exp !== "number" || exp <= iat || (exp - iat) * 1000 > LIFETIME_MS_MAX)
    throw new CallError("CLAIMS");
  if (typeof bureau !== "string" || typeof purpose !== "string" || typeof ent !== "string" || typeof bundle !== "string") {
    throw new CallError("CLAIMS");
  }
  if (!isTextList(cases)) throw new CallError("CLAIMS");
  return {
    call: { subgraph, bureau, purpose, entitlementId: ent, bundleHash: bundle, casePatterns: cases },
    issuedAtMs: iat * 1000,
    expiresAtMs: exp * 1000,
  };
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function checkTimes(token: Verified, nowMs: number): void {
  if (nowMs >= token.expiresAtMs) throw new CallError("EXPIRED");
  if (token.issuedAtMs > nowMs + CLOCK_SKEW_MS_MAX) throw new CallError("ISSUED_IN_FUTURE");
}

function codeOf(error: unknown): CallErrorCode {
  if (error instanceof errors.JWSSignatureVerificationFailed) return "SIGNATURE";
  if (error instanceof errors.JWTExpired) return "EXPIRED";
  if (error instanceof errors.JOSEAlgNotAllowed) return "ALGORITHM";
  if (error instanceof errors.JWTClaimValidationFailed) return error.claim === "aud" ? "AUDIENCE" : "CLAIMS";
  return "MALFORMED";
}

async function importKeys(jwks: JSONWebKeySet): Promise<ReadonlyMap<string, CryptoKey>> {
  if (jwks.keys.length === 0) throw new TypeError("The hub's key set holds no key.");
  const entries = jwks.keys.map(async (jwk, index): Promise<readonly [string, CryptoKey]> => {
    if (jwk.kid === undefined) throw new TypeError(`Key ${index} of the hub's key set has no \`kid\`.`);
    if (jwk.d !== undefined)
      throw new TypeError(`Key "${jwk.kid}" of the hub's key set is a private key; give the subgraph the public one.`);
    return [jwk.kid, await importEd25519(jwk)];
  });
  return new Map(await Promise.all(entries));
}

async function importEd25519(jwk: JWK): Promise<CryptoKey> {
  if (jwk.kty !== "OKP" || jwk.crv !== "Ed25519")
    throw new TypeError(`The hub's key must be an Ed25519 key, not ${jwk.kty} ${jwk.crv ?? ""}.`);
  const key = await importJWK(jwk, ALGORITHM);
  if (key instanceof Uint8Array) throw new TypeError("The hub's key is no key pair.");
  return key;
}
