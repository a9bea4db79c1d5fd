import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { CryptoKey, JWK, JWTPayload } from "jose";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** A key pair of the issuer. */
export interface IssuerKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** Makes a key pair. */
export async function createKey(kid: string, algorithm: string): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return { kid, algorithm, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: "sig" } };
}

/** An issuer's key set behind a real socket. */
export interface Issuer {
  readonly url: string;
  /** What is answered next. */
  answer: { status: number; body: string; delayMs: number };
  readonly requests: () => number;
  publish(...keys: readonly IssuerKey[]): void;
  close(): Promise<void>;
}

/** Starts an issuer on a free port. */
export async function startIssuer(...keys: readonly IssuerKey[]): Promise<Issuer> {
  let count = 0;
  const server = createServer((_request, response) => {
    count += 1;
    const { status, body, delayMs } = issuer.answer;
    setTimeout(() => response.writeHead(status, { "content-type": "application/json", connection: "close" }).end(body), delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer: Issuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    answer: { status: 200, body: "", delayMs: 0 },
    requests: () => count,
    publish(...published) {
      issuer.answer = { status: 200, body: JSON.stringify({ keys: published.map(({ publicJwk }) => publicJwk) }), delayMs: 0 };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  issuer.publish(...keys);
  return issuer;
}

/** 2026-11-24 in epoch milliseconds. */
export const NOW_MS = 1_795_500_000_000;

/** Claims of a good token, with some replaced; undefined leaves one out. */
export function claims(changes: JWTPayload = {}): JWTPayload {
  const all: JWTPayload = {
    iss: "https://issuer.example",
    aud: "crossharbour",
    client_id: "housing-app",
    sub: "officer-77",
    exp: NOW_MS / 1_000 + 600,
    ...changes,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Signs a token. */
export function sign(key: IssuerKey, payload: JWTPayload): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg: key.algorithm, kid: key.kid }).sign(key.privateKey);
}
