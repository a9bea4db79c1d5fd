import { createHmac } from "node:crypto";
import type { JWTPayload } from "jose";
import { SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HubError } from "../../gateway/core/errors.ts";
import type { Identifier, IdentifierOptions, KnownApplication } from "../../gateway/identity/identify.ts";
import { createIdentifier } from "../../gateway/identity/identify.ts";
import type { Issuer, IssuerKey } from "./issuer.ts";
import { claims, createKey, NOW_MS, sign, startIssuer } from "./issuer.ts";

const applications = new Map<string, KnownApplication>([
  ["housing-app", { bureau: "housing", purposes: ["prh-eligibility", "open-statistics"] }],
  ["hub-auditor", { bureau: "audit", purposes: ["audit-review"] }],
]);
const secret = Buffer.from("a secret for officers");

let key: IssuerKey;
let stranger: IssuerKey;
let issuer: Issuer;

beforeAll(async () => {
  key = await createKey("k1", "ES256");
  stranger = await createKey("k1", "ES256");
  issuer = await startIssuer(key);
});

afterAll(() => issuer.close());

function createOf(more: Partial<IdentifierOptions> = {}): Identifier {
  return createIdentifier({
    jwksUrl: issuer.url,
    issuer: "https://issuer.example",
    audience: "crossharbour",
    findApplication: (client) => applications.get(client),
    purposes: new Set(["prh-eligibility", "open-statistics", "audit-review"]),
    officerSecret: secret,
    nowMs: () => NOW_MS,
    ...more,
  });
}

async function headersOf(
  payload: JWTPayload = claims(),
  more: Record<string, string | string[]> = {},
): Promise<Record<string, string | string[]>> {
  return { authorization: `Bearer ${await sign(key, payload)}`, "hub-purpose": "prh-eligibility", ...more };
}

async function refusalOf(work: Promise<unknown>): Promise<HubError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof HubError) return error;
    throw error;
  }
  throw new Error("Nothing was refused.");
}

describe("a request without a valid token", () => {
  it.each([
    ["none", undefined],
    ["an empty header", ""],
    ["another scheme", "Basic aGVsbG86d29ybGQ="],
    ["no token", "Bearer "],
    ["no JWT", "Bearer secret-opaque-token"],
    ["three dots", "Bearer a.b.c.d"],
    ["two tokens", "Bearer a.b.c, Bearer d.e.f"],
    ["a JWT of nonsense", "Bearer bm9uc2Vuc2U.bm9uc2Vuc2U.bm9uc2Vuc2U"],
    ["a very long one", `Bearer ${"a".repeat(10_000)}.b.c`],
  ])("is refused, and no message repeats what was sent: %s", async (_what, authorization) => {
    const refused = await refusalOf(
      createOf().identify({ "hub-purpose": "prh-eligibility", ...(authorization === undefined ? {} : { authorization }) }),
    );
    expect(refused.code).toBe("UNAUTHENTICATED");
    expect(refused.status).toBe(401);
    expect(refused.message).not.toMatch(/secret-opaque|bm9uc2/);
  });

  it("is refused when the header is a list", async () => {
    const { authorization } = await headersOf();
    const refused = await refusalOf(createOf().identify({ authorization: [String(authorization), String(authorization)] }));
    expect(refused.code).toBe("UNAUTHENTICATED");
  });

  it.each([
    ["has expired", { exp: NOW_MS / 1_000 - 6 }, /expired/],
    ["never expires", { exp: undefined }, /lacks a claim/],
    ["is for later", { nbf: NOW_MS / 1_000 + 60 }, /not valid yet/],
    ["is for another audience", { aud: "another-hub" }, /not meant for this hub/],
    ["is for no audience", { aud: undefined }, /not meant for this hub/],
    ["is of another issuer", { iss: "https://evil.example" }, /not from the hub's issuer/],
    ["is of no issuer", { iss: undefined }, /not from the hub's issuer/],
    ["names no client", { client_id: undefined }, /one client/],
    ["names two clients", { azp: "hub-auditor" }, /one client/],
    ["names a client by a number", { client_id: 7 }, /one client/],
    ["names nobody as the client", { client_id: "" }, /one client/],
    ["has a subject that is no text", { sub: 7 as unknown as string }, /UNAUTHENTICATED|subject|malformed|form/],
  ])("is refused in general terms when the token %s", async (_what, changes, words) => {
    const refused = await refusalOf(createOf().identify(await headersOf(claims(changes as JWTPayload))));
    expect(refused.code).toBe("UNAUTHENTICATED");
    expect(refused.message).toMatch(words);
  });

  it("is refused when the signature is another's, under the same key id", async () => {
    const token = await sign(stranger, claims());
    const refused = await refusalOf(createOf().identify({ authorization: `Bearer ${token}` }));
    expect(refused.message).toMatch(/signature is not valid/);
    expect(refused.message).not.toContain(token.slice(0, 20));
  });

  it("is refused when a claim was changed after signing", async () => {
    const [head, , signature] = (await sign(key, claims())).split(".");
    const forged = `${head}.${Buffer.from(JSON.stringify(claims({ client_id: "hub-auditor" }))).toString("base64url")}.${signature}`;
    expect((await refusalOf(createOf().identify({ authorization: `Bearer ${forged}` }))).message).toMatch(/signature is not valid/);
  });

  it("is refused when it isn't signed at all", async () => {
    const token = `${new UnsecuredJWT(claims()).encode()}AAAA`;
    expect((await refusalOf(createOf().identify({ authorization: `Bearer ${token}` }))).code).toBe("UNAUTHENTICATED");
  });

  it.each([[undefined], [["HS256", "none", "ES256"]]])(
    "is refused when it is signed with a shared secret, such as the public key itself: %s",
    async (algorithms) => {
      const shared = Buffer.from(JSON.stringify(key.publicJwk));
      const token = await new SignJWT(claims()).setProtectedHeader({ alg: "HS256", kid: "k1" }).sign(shared);
      const refused = await refusalOf(
        createOf(algorithms === undefined ? {} : { algorithms }).identify({ authorization: `Bearer ${token}` }),
      );
      expect(refused.message).toMatch(/algorithm/);
    },
  );

  it("is refused when the algorithm is a good one that the hub was not told to believe", async () => {
    const refused = await refusalOf(createOf({ algorithms: ["RS256"] }).identify(await headersOf()));
    expect(refused.message).toMatch(/algorithm/);
  });
});

describe("an application", () => {
  it("is refused when it isn't registered", async () => {
    const refused = await refusalOf(createOf().identify(await headersOf(claims({ client_id: "unknown-app" }))));
    expect(refused.code).toBe("FORBIDDEN");
    expect(refused.message).not.toContain("unknown-app");
  });

  it("is refused at once when it is taken off the list, also with a token that was just good", async () => {
    let known: KnownApplication | undefined = applications.get("housing-app");
    const identifier = createOf({ findApplication: () => known });
    const headers = await headersOf();
    await identifier.identify(headers);
    known = undefined;
    expect((await refusalOf(identifier.identify(headers))).code).toBe("FORBIDDEN");
  });

  it("of a name that objects inherit is unknown like any other", async () => {
    expect((await refusalOf(createOf().identify(await headersOf(claims({ client_id: "constructor" }))))).code).toBe("FORBIDDEN");
  });

  it("may be named by `azp`", async () => {
    const caller = await createOf().identify(await headersOf(claims({ client_id: undefined, azp: "housing-app" })));
    expect(caller).toMatchObject({ bureau: "housing", application: "housing-app" });
  });
});

describe("the purpose", () => {
  it("must be given, and the answer says which there are", async () => {
    const { authorization } = await headersOf();
    const refused = await refusalOf(createOf().identify({ authorization }));
    expect(refused.code).toBe("PURPOSE_REQUIRED");
    expect(refused.facts["purposes"]).toEqual(["prh-eligibility", "open-statistics"]);
  });

  it("must be given also where there is one only, since it is recorded as what the caller said", async () => {
    const { authorization } = await headersOf(claims({ client_id: "hub-auditor" }));
    expect((await refusalOf(createOf().identify({ authorization }))).code).toBe("PURPOSE_REQUIRED");
  });

  it.each([
    ["audit-review", /not registered for this purpose/],
    ["no-such-purpose", /no such purpose/],
    ["constructor", /no such purpose/],
  ])("must be one of the application's: %s", async (purpose, words) => {
    const refused = await refusalOf(createOf().identify(await headersOf(claims(), { "hub-purpose": purpose })));
    expect(refused.code).toBe("PURPOSE_NOT_ALLOWED");
    expect(refused.message).toMatch(words);
  });
});

describe("a header", () => {
  it.each([
    ["Hub-Purpose", { "hub-purpose": "PRH eligibility" }],
    ["Hub-Purpose", { "hub-purpose": "" }],
    ["Hub-Purpose", { "hub-purpose": "a".repeat(65) }],
    ["Hub-Purpose", { "hub-purpose": "prh-eligibility, open-statistics" }],
    ["Hub-Purpose", { "hub-purpose": ["prh-eligibility", "open-statistics"] }],
    ["Hub-Case", { "hub-case": "" }],
    ["Hub-Case", { "hub-case": "HD PRH" }],
    ["Hub-Case", { "hub-case": "HD-PRH-1, HD-PRH-2" }],
    ["Hub-Case", { "hub-case": ["HD-PRH-1", "HD-PRH-2"] }],
    ["Hub-Case", { "hub-case": "A".repeat(65) }],
    ["Hub-Case", { "hub-case": "A\nB" }],
    ["Hub-Case", { "hub-case": "申請" }],
    ["Hub-On-Denied", { "hub-on-denied": "ignore" }],
    ["Hub-On-Denied", { "hub-on-denied": "" }],
    ["Hub-On-Denied", { "hub-on-denied": "refuse, withhold" }],
  ])("that can't be read is refused by its name, not ignored: %s %o", async (name, more) => {
    const refused = await refusalOf(createOf().identify(await headersOf(claims(), more)));
    expect(refused.code).toBe("HEADER_INVALID");
    expect(refused.facts).toEqual({ header: name });
    expect(refused.message).toContain(name);
  });

  it("is not looked at before the token", async () => {
    expect((await refusalOf(createOf().identify({ "hub-on-denied": "ignore" }))).code).toBe("UNAUTHENTICATED");
  });
});

describe("a caller", () => {
  it("is its bureau, application, officer, purpose and case", async () => {
    const headers = await headersOf(claims(), { "hub-case": "HD-PRH-0000123", "hub-on-denied": "refuse" });
    expect(await createOf().identify(headers)).toEqual({
      bureau: "housing",
      application: "housing-app",
      officer: createHmac("sha256", secret).update("officer-77").digest("hex").slice(0, 16),
      purpose: "prh-eligibility",
      caseReference: "HD-PRH-0000123",
      onDenied: "refuse",
    });
  });

  it("has what is denied withheld if it doesn't say otherwise, and no case", async () => {
    expect(await createOf().identify(await headersOf())).toMatchObject({ onDenied: "withhold", caseReference: undefined });
    expect((await createOf().identify(await headersOf(claims(), { "hub-on-denied": "withhold" }))).onDenied).toBe("withhold");
  });

  it.each([[{ sub: "housing-app" }], [{ sub: undefined }]])(
    "has no officer where the token is the application's own: %o",
    async (changes) => {
      expect((await createOf().identify(await headersOf(claims(changes as JWTPayload)))).officer).toBeUndefined();
    },
  );

  it.each([["ES256"], ["EdDSA"], ["Ed25519"], ["PS256"], ["RS256"]])("may hold a token that is signed by %s", async (algorithm) => {
    const own = await createKey("own", algorithm);
    const other = await startIssuer(own);
    try {
      const headers = { ...(await headersOf()), authorization: `bearer ${await sign(own, claims())}` };
      expect((await createOf({ jwksUrl: other.url }).identify(headers)).application).toBe("housing-app");
    } finally {
      await other.close();
    }
  });
});
