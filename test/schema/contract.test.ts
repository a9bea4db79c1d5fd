import type { JSONWebKeySet, JWTHeaderParameters, JWTPayload } from "jose";
import { base64url, exportJWK, generateKeyPair, importJWK, SignJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import type { HubCall } from "../../schema/contract.ts";
import { CALL_HEADER, CallError, callErrorTable, createCallSigner, createCallVerifier, createHubKey } from "../../schema/contract.ts";

const START_MS = Date.UTC(2026, 10, 24, 8);
const call: HubCall = {
  subgraph: "transport",
  bureau: "housing",
  purpose: "prh-eligibility",
  entitlementId: "e1",
  bundleHash: "b1",
  casePatterns: ["^HD-PRH-[0-9]{7}$"],
};

let key: Awaited<ReturnType<typeof createHubKey>>;
beforeAll(async () => {
  key = await createHubKey();
});

/** A token like the hub's, with parts replaced. */
async function forge(claims: JWTPayload = {}, header: Partial<JWTHeaderParameters> = {}, by = key): Promise<string> {
  const iat = START_MS / 1000;
  const all = { aud: "transport", bureau: "housing", purpose: "p", ent: "e1", bundle: "b1", iat, exp: iat + 180, ...claims };
  return new SignJWT(all)
    .setProtectedHeader({ alg: "EdDSA", kid: key.privateJwk.kid ?? "", typ: "hub-call", ...header })
    .sign(await importJWK(by.privateJwk, "EdDSA"));
}

async function refusal(header: string | undefined, nowMs = START_MS): Promise<string> {
  const verifier = await createCallVerifier({ jwks: key.jwks, subgraph: "transport", nowMs: () => nowMs });
  const fault: unknown = await verifier.verify(header).catch((error: unknown) => error);
  return fault instanceof CallError ? fault.code : `no CallError: ${String(fault)}`;
}

describe("a subgraph refuses", () => {
  test("a call without the header, whatever form that takes", async () => {
    expect(await refusal(undefined)).toBe("MISSING");
    expect(await refusal("")).toBe("MISSING");
  });

  test.each(["nonsense", "a.b.c", "..", "x".repeat(5_000)])("a header that is no token (%#)", async (header) => {
    expect(await refusal(header)).toBe("MALFORMED");
  });

  test("a token that nobody signed", async () => {
    const encode = (value: unknown): string => base64url.encode(JSON.stringify(value));
    const kid = key.privateJwk.kid;
    const [, payload] = (await forge()).split(".");
    expect(await refusal(`${encode({ alg: "none", kid, typ: "hub-call" })}.${payload}.`)).toBe("ALGORITHM");
    expect(await refusal(`${encode({ alg: "EdDSA", kid, typ: "hub-call" })}.${payload}.`)).toBe("SIGNATURE");
  });

  test("a token signed by HMAC with the hub's public key as the secret", async () => {
    const [publicJwk] = key.jwks.keys;
    for (const secret of [JSON.stringify(publicJwk), publicJwk?.x ?? ""]) {
      const token = await new SignJWT({ aud: "transport", bureau: "housing", purpose: "p", ent: "e", bundle: "b" })
        .setProtectedHeader({ alg: "HS256", kid: publicJwk?.kid ?? "", typ: "hub-call" })
        .setIssuedAt(START_MS / 1000)
        .setExpirationTime(START_MS / 1000 + 60)
        .sign(new TextEncoder().encode(secret.padEnd(32, "=")));
      expect(await refusal(token)).toBe("ALGORITHM");
    }
  });

  test("another's key, under the other's name and under the hub's", async () => {
    const other = await createHubKey();
    expect(await refusal(await forge({}, { kid: other.privateJwk.kid ?? "" }, other))).toBe("KEY_UNKNOWN");
    expect(await refusal(await forge({}, {}, other))).toBe("SIGNATURE");
  });

  test("a token that names no key", async () => {
    const token = await new SignJWT({ aud: "transport" })
      .setProtectedHeader({ alg: "EdDSA" })
      .sign(await importJWK(key.privateJwk, "EdDSA"));
    expect(await refusal(token)).toBe("KEY_UNKNOWN");
  });

  test("a token with one character of its claims changed", async () => {
    const token = await forge();
    const [header, payload, signature] = token.split(".");
    const claims = JSON.parse(new TextDecoder().decode(base64url.decode(payload ?? ""))) as JWTPayload;
    const changed = base64url.encode(JSON.stringify({ ...claims, bureau: "houses" }));
    expect(await refusal([header, changed, signature].join("."))).toBe("SIGNATURE");
  });

  test("a token for another subgraph, or for none", async () => {
    expect(await refusal(await forge({ aud: "lands" }))).toBe("AUDIENCE");
    expect(await refusal(await forge({ aud: "" }))).toBe("AUDIENCE");
  });

  test("a token from the millisecond on at which it expires, even one that it accepted before", async () => {
    expect(await refusal(await forge(), START_MS + 180_000)).toBe("EXPIRED");
    let now = START_MS;
    const verifier = await createCallVerifier({ jwks: key.jwks, subgraph: "transport", nowMs: () => now });
    const token = await forge();
    now = START_MS + 179_999;
    await expect(verifier.verify(token)).resolves.toMatchObject({ bureau: "housing" });
    now = START_MS + 180_000;
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: "EXPIRED" });
  });

  test("a token from the future, beyond what clocks may differ", async () => {
    const token = await forge();
    expect(await refusal(token, START_MS - 30_001)).toBe("ISSUED_IN_FUTURE");
    expect(await refusal(token, START_MS - 30_000)).toMatch(/^no CallError/);
  });

  test.each([
    ["no expiry", { exp: undefined }],
    ["no time of issue", { iat: undefined }],
    ["an expiry before its issue", { exp: START_MS / 1000 - 1 }],
    ["a life of a day", { exp: START_MS / 1000 + 86_400 }],
    ["no bureau", { bureau: undefined }],
    ["a purpose that is no text", { purpose: ["p"] }],
    ["no entitlement", { ent: undefined }],
    ["no bundle", { bundle: undefined }],
    ["a case pattern that is no list", { cases: "^HD-PRH-[0-9]{7}$" }],
    ["case patterns that are no texts", { cases: [true] }],
  ])("a token with %s", async (_, claims) => {
    expect(await refusal(await forge(claims as JWTPayload))).toBe("CLAIMS");
  });

  test("another kind of token that the hub signed", async () => {
    expect(await refusal(await forge({}, { typ: "JWT" }))).toBe("CLAIMS");
  });

  test("to start with a key set that is empty, of another kind, without names or private", async () => {
    const rsa = await exportJWK((await generateKeyPair("RS256")).publicKey);
    const [publicJwk] = key.jwks.keys;
    const sets: readonly JSONWebKeySet[] = [
      { keys: [] },
      { keys: [{ ...rsa, kid: "rsa" }] },
      { keys: [{ ...publicJwk, kty: "OKP", kid: undefined as unknown as string }] },
      { keys: [{ ...key.privateJwk, kty: "OKP" }] },
    ];
    for (const jwks of sets) {
      await expect(createCallVerifier({ jwks, subgraph: "transport", nowMs: () => START_MS })).rejects.toThrow(TypeError);
    }
  });

  test("with a message for every code", () => {
    for (const text of Object.values(callErrorTable)) expect(text).toMatch(/^The .+\.$/);
  });
});

describe("the hub refuses to start signing", () => {
  test.each([0, 999, 900_001, Number.NaN])("with a lifetime of %d ms", async (lifetimeMs) => {
    await expect(createCallSigner({ privateJwk: key.privateJwk, lifetimeMs, nowMs: () => START_MS })).rejects.toThrow(RangeError);
  });

  test("with a public key, or another kind of key", async () => {
    const [publicJwk] = key.jwks.keys;
    const rsa = await exportJWK((await generateKeyPair("RS256", { extractable: true })).privateKey);
    for (const privateJwk of [publicJwk ?? {}, rsa]) {
      await expect(createCallSigner({ privateJwk, lifetimeMs: 60_000, nowMs: () => START_MS })).rejects.toThrow(TypeError);
    }
  });
});

describe("a call that the hub signs", () => {
  test("is not signed with more case patterns than the subgraph would read", async () => {
    const signer = await createCallSigner({ privateJwk: key.privateJwk, lifetimeMs: 60_000, nowMs: () => START_MS });
    const casePatterns = Array.from({ length: 40 }, (_, index) => `^CASE-${index}-[0-9]{7}-${"[0-9]".repeat(15)}$`);
    await expect(signer.sign({ ...call, casePatterns })).rejects.toThrow(RangeError);
    await expect(signer.sign({ ...call, casePatterns: casePatterns.slice(0, 16) })).resolves.toMatch(/^ey/);
  });

  test("matches no case where its token says nothing of cases", async () => {
    const verifier = await createCallVerifier({ jwks: key.jwks, subgraph: "transport", nowMs: () => START_MS });
    await expect(verifier.verify(await forge())).resolves.toMatchObject({ casePatterns: [] });
  });

  test("is read by the subgraph as it was signed", async () => {
    const signer = await createCallSigner({ privateJwk: key.privateJwk, lifetimeMs: 180_000, nowMs: () => START_MS });
    const verifier = await createCallVerifier({ jwks: key.jwks, subgraph: "transport", nowMs: () => START_MS + 5 });
    expect(CALL_HEADER).toBe("hub-call");
    await expect(verifier.verify(await signer.sign(call))).resolves.toEqual(call);
  });

  test("is read with any key of the set, so that keys can be exchanged", async () => {
    const next = await createHubKey();
    const signer = await createCallSigner({ privateJwk: next.privateJwk, lifetimeMs: 180_000, nowMs: () => START_MS });
    const jwks = { keys: [...key.jwks.keys, ...next.jwks.keys] };
    const verifier = await createCallVerifier({ jwks, subgraph: "transport", nowMs: () => START_MS });
    await expect(verifier.verify(await signer.sign(call))).resolves.toEqual(call);
  });

  test("is signed once a minute, once for all who ask at the same time, and apart for each distinct call", async () => {
    let now = START_MS;
    const signer = await createCallSigner({ privateJwk: key.privateJwk, lifetimeMs: 180_000, nowMs: () => now });
    const first = signer.sign(call);
    expect(signer.sign({ ...call })).toBe(first);
    now += 59_999;
    expect(signer.sign(call)).toBe(first);
    now += 1;
    expect(await signer.sign(call)).not.toBe(await first);
    const others = Object.keys(call).map((name) => signer.sign({ ...call, [name]: name === "casePatterns" ? [] : "other" }));
    expect(new Set(await Promise.all([...others, signer.sign(call)])).size).toBe(7);
  });

  test("is signed anew when the clock was set back, and sooner when its life is short", async () => {
    let now = START_MS;
    const signer = await createCallSigner({ privateJwk: key.privateJwk, lifetimeMs: 10_000, nowMs: () => now });
    const first = await signer.sign(call);
    now = START_MS - 3_600_000;
    const second = await signer.sign(call);
    expect(second).not.toBe(first);
    now += 4_999;
    expect(await signer.sign(call)).toBe(second);
    now += 1;
    expect(await signer.sign(call)).not.toBe(second);
  });

  test("costs the subgraph one check of the signature, and the same answer after", async () => {
    const signer = await createCallSigner({ privateJwk: key.privateJwk, lifetimeMs: 180_000, nowMs: () => START_MS });
    const verifier = await createCallVerifier({ jwks: key.jwks, subgraph: "transport", nowMs: () => START_MS });
    const token = await signer.sign(call);
    const first = await verifier.verify(token);
    expect(await verifier.verify(token)).toBe(first);
  });
});
