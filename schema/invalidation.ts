import type { CryptoKey, JSONWebKeySet, JWK } from "jose";
import { decodeProtectedHeader, importJWK, jwtVerify, SignJWT } from "jose";
import { z } from "zod";

/** What a department takes back: everything it said, a type, one entity of a type, or what it gave a tag. */
export type Invalidation = z.output<typeof itemSchema>;

/** A department's word that what it said before is no longer so. */
export interface InvalidationOrder {
  /** The department's subgraph. */
  readonly subgraph: string;
  readonly items: readonly Invalidation[];
}

const algorithms = ["EdDSA", "ES256"];
/** Keeps the department's other tokens from being taken for orders (RFC 8725, section 3.11). */
const TOKEN_TYPE = "hub-invalidation";
/** Whom orders are for. */
const AUDIENCE = "crossharbour";
const LIFETIME_S = 60;
const LIFETIME_S_MAX = 300;
const CLOCK_SKEW_S = 30;
/** Items of one order, at most. */
export const invalidationsMax = 1_000;
/** Longest token, in characters. */
export const orderCharactersMax = 262_144;

const itemSchema = z.union([
  z.strictObject({ all: z.literal(true) }),
  z.strictObject({ type: z.string().min(1).max(200), key: z.record(z.string(), z.unknown()).optional() }),
  z.strictObject({ tag: z.string().min(1).max(1_000) }),
]);

const claimsSchema = z.object({
  iss: z.string().min(1),
  iat: z.number(),
  exp: z.number(),
  invalidate: z.array(itemSchema).min(1).max(invalidationsMax),
});

/**
 * Signs an order.
 *
 * @param options.privateJwk An Ed25519 or P-256 key with its `kid`.
 */
export async function signInvalidation(
  order: InvalidationOrder,
  options: { readonly privateJwk: JWK; readonly nowMs: number },
): Promise<string> {
  const { privateJwk, nowMs } = options;
  const alg = algorithmOf(privateJwk);
  const issuedAt = Math.floor(nowMs / 1_000);
  return new SignJWT({ invalidate: order.items })
    .setProtectedHeader({ alg, typ: TOKEN_TYPE, ...(privateJwk.kid === undefined ? {} : { kid: privateJwk.kid }) })
    .setIssuer(order.subgraph)
    .setAudience(AUDIENCE)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + LIFETIME_S)
    .sign(await importJWK(privateJwk, alg));
}

/** Reads orders. */
export interface InvalidationVerifier {
  /** @returns Undefined for a token that isn't a department's order of this moment. */
  verify(token: string): Promise<InvalidationOrder | undefined>;
}

/**
 * Makes a reader of orders.
 *
 * @param options.keys The public keys of each department, by its subgraph; each with a `kid`.
 * @throws {TypeError} For a key that is private, has no `kid`, or is neither Ed25519 nor P-256.
 */
export async function createInvalidationVerifier(options: {
  readonly keys: ReadonlyMap<string, JSONWebKeySet>;
  readonly nowMs: () => number;
}): Promise<InvalidationVerifier> {
  const known = new Map<string, CryptoKey>();
  for (const [subgraph, { keys }] of options.keys) {
    for (const jwk of keys) {
      if (jwk.kid === undefined || jwk.d !== undefined) throw new TypeError(`A key of ${subgraph} is private, or has no \`kid\`.`);
      // oxlint-disable-next-line no-await-in-loop
      const key = await importJWK(jwk, algorithmOf(jwk));
      if (key instanceof Uint8Array) throw new TypeError(`The key ${jwk.kid} of ${subgraph} is no key pair.`);
      known.set(nameOf(subgraph, jwk.kid), key);
    }
  }
  return { verify: (token) => verifyOrder(token, known, options.nowMs()) };
}

async function verifyOrder(token: string, keys: ReadonlyMap<string, CryptoKey>, nowMs: number): Promise<InvalidationOrder | undefined> {
  if (token.length > orderCharactersMax) return undefined;
  try {
    const { kid } = decodeProtectedHeader(token);
    // The issuer is believed only once the key is known to be its own.
    const issuer = issuerOf(token);
    const key = kid === undefined || issuer === undefined ? undefined : keys.get(nameOf(issuer, kid));
    if (key === undefined || issuer === undefined) return undefined;
    const { payload } = await jwtVerify(token, key, {
      algorithms,
      issuer,
      audience: AUDIENCE,
      typ: TOKEN_TYPE,
      currentDate: new Date(nowMs),
      clockTolerance: CLOCK_SKEW_S,
    });
    const { iss, iat, exp, invalidate } = claimsSchema.parse(payload);
    if (exp - iat > LIFETIME_S_MAX || iat * 1_000 > nowMs + CLOCK_SKEW_S * 1_000) return undefined;
    return { subgraph: iss, items: invalidate };
  } catch {
    return undefined;
  }
}

function issuerOf(token: string): string | undefined {
  const payload = z.object({ iss: z.string() }).safeParse(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")));
  return payload.success ? payload.data.iss : undefined;
}

/** JSON keeps parts apart that hold any separator. */
function nameOf(subgraph: string, kid: string): string {
  return JSON.stringify([subgraph, kid]);
}

function algorithmOf({ kty, crv }: JWK): string {
  if (kty === "OKP" && crv === "Ed25519") return "EdDSA";
  if (kty === "EC" && crv === "P-256") return "ES256";
  throw new TypeError(`Keys are Ed25519 or P-256, not ${String(kty)} ${String(crv)}.`);
}
