import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { HubError } from "../../gateway/core/errors.ts";
import { createKeySource, type KeySourceOptions } from "../../gateway/identity/keys.ts";
import { createTokenReader, type TokenOptions, type TokenReader } from "../../gateway/identity/tokens.ts";
import type { Issuer, IssuerKey } from "./issuer.ts";
import { claims, createKey, NOW_MS, sign, startIssuer } from "./issuer.ts";

let first: IssuerKey;
let second: IssuerKey;
let issuer: Issuer;
let nowMs: number;

beforeAll(async () => {
  first = await createKey("k1", "EdDSA");
  second = await createKey("k2", "EdDSA");
});

beforeEach(async () => {
  nowMs = NOW_MS;
  issuer = await startIssuer(first);
});

afterEach(() => issuer.close());

function createOf(more: Partial<KeySourceOptions & TokenOptions> = {}): TokenReader {
  const clock = (): number => nowMs;
  const findKey = createKeySource({ jwksUrl: issuer.url, nowMs: clock, ...more });
  return createTokenReader({ findKey, issuer: "https://issuer.example", audience: "crossharbour", nowMs: clock, ...more });
}

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "read";
  } catch (error) {
    if (error instanceof HubError) return error.code;
    throw error;
  }
}

describe("an issuer that can't be reached", () => {
  it.each([
    ["answers 500", { status: 500, body: "no", delayMs: 0 }],
    ["answers HTML", { status: 200, body: "<html>", delayMs: 0 }],
    ["answers half of it", { status: 200, body: '{"keys": [', delayMs: 0 }],
    ["answers something else", { status: 200, body: '{"kys": []}', delayMs: 0 }],
    ["redirects", { status: 302, body: "", delayMs: 0 }],
    ["answers too much", { status: 200, body: `{"keys": []${" ".repeat(300_000)}}`, delayMs: 0 }],
    ["is too late", { status: 200, body: '{"keys": []}', delayMs: 2_000 }],
  ])("makes no token wrong: the caller is told to try again (503) when it %s", async (_what, answer) => {
    issuer.answer = answer;
    expect(await outcomeOf(createOf({ timeoutMs: 300 }).read(await sign(first, claims())))).toBe("OVERLOADED");
  });

  it("is told from one that has no such key", async () => {
    issuer.publish();
    expect(await outcomeOf(createOf().read(await sign(first, claims())))).toBe("UNAUTHENTICATED");
  });

  it("is left alone for a while, however many ask, and asked again then", async () => {
    issuer.answer = { status: 500, body: "", delayMs: 0 };
    const tokens = createOf();
    const token = await sign(first, claims());
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(tokens.read(token))));
    expect(new Set(outcomes)).toEqual(new Set(["OVERLOADED"]));
    await outcomeOf(tokens.read(token));
    expect(issuer.requests()).toBe(1);
    issuer.publish(first);
    nowMs += 1_000;
    expect(await outcomeOf(tokens.read(token))).toBe("read");
    expect(issuer.requests()).toBe(2);
  });

  it("does not matter for a day while its keys are kept", async () => {
    const tokens = createOf({ believedMs: 0 });
    const token = await sign(first, claims({ exp: NOW_MS / 1_000 + 200_000 }));
    await tokens.read(token);
    issuer.answer = { status: 500, body: "", delayMs: 0 };
    nowMs += 86_300_000;
    expect(await outcomeOf(tokens.read(token))).toBe("read");
    expect(issuer.requests()).toBe(2);
    nowMs += 200_000;
    expect(await outcomeOf(tokens.read(token))).toBe("OVERLOADED");
  });
});

describe("the issuer's keys", () => {
  it("are fetched once for all who ask at once", async () => {
    const tokens = createOf();
    const all = await Promise.all(Array.from({ length: 20 }, (_, index) => sign(first, claims({ sub: `officer-${index}` }))));
    await Promise.all(all.map((token) => tokens.read(token)));
    expect(issuer.requests()).toBe(1);
  });

  it("are fetched again for a key that is new, but not for each token that makes one up", async () => {
    const tokens = createOf();
    await tokens.read(await sign(first, claims()));
    issuer.publish(first, second);
    nowMs += 10_000;
    expect(await outcomeOf(tokens.read(await sign(second, claims())))).toBe("read");
    expect(issuer.requests()).toBe(2);
    const madeUp = await createKey("k3", "EdDSA");
    for (let index = 0; index < 5; index += 1) {
      expect(await outcomeOf(tokens.read(await sign(madeUp, claims({ sub: String(index) }))))).toBe("UNAUTHENTICATED");
    }
    expect(issuer.requests()).toBe(2);
  });

  it("that are withdrawn are no longer believed once the keys are fetched again", async () => {
    const tokens = createOf();
    const token = await sign(first, claims({ exp: NOW_MS / 1_000 + 10_000 }));
    await tokens.read(token);
    issuer.publish(second);
    nowMs += 119_999;
    expect(await outcomeOf(tokens.read(token))).toBe("read");
    nowMs += 600_000;
    expect(await outcomeOf(tokens.read(token))).toBe("UNAUTHENTICATED");
  });
});

describe("a token that was verified", () => {
  it("is believed for two minutes without another look", async () => {
    let looks = 0;
    const findKey = createKeySource({ jwksUrl: issuer.url, nowMs: () => nowMs });
    const tokens = createOf({
      findKey: (header, token) => {
        looks += 1;
        return findKey(header, token);
      },
    });
    const token = await sign(first, claims());
    const read = await tokens.read(token);
    nowMs += 119_999;
    expect(await tokens.read(token)).toBe(read);
    expect(looks).toBe(1);
    nowMs += 1;
    // One look at the keys, and what was read then: the same object, so the signature was not verified again.
    expect(await tokens.read(token)).toBe(read);
    expect(looks).toBe(2);
  });

  it("is not believed for another key of the same name", async () => {
    const tokens = createOf();
    const token = await sign(first, claims({ exp: NOW_MS / 1_000 + 10_000 }));
    await tokens.read(token);
    const namesake = await createKey("k1", "EdDSA");
    issuer.publish(namesake);
    nowMs += 600_000;
    expect(await outcomeOf(tokens.read(token))).toBe("UNAUTHENTICATED");
    expect(await outcomeOf(tokens.read(await sign(namesake, claims({ exp: NOW_MS / 1_000 + 10_000 }))))).toBe("read");
  });

  it("is not believed longer than it is valid", async () => {
    const tokens = createOf({ clockToleranceSeconds: 0 });
    const token = await sign(first, claims({ exp: NOW_MS / 1_000 + 60 }));
    await tokens.read(token);
    nowMs += 59_999;
    expect(await outcomeOf(tokens.read(token))).toBe("read");
    nowMs += 1;
    expect(await outcomeOf(tokens.read(token))).toBe("UNAUTHENTICATED");
  });

  it("is forgotten for others when there are too many, the longest unused first", async () => {
    const looks: string[] = [];
    const findKey = createKeySource({ jwksUrl: issuer.url, nowMs: () => nowMs });
    const tokens = createOf({
      entriesMax: 2,
      findKey: (header, token) => {
        looks.push("look");
        return findKey(header, token);
      },
    });
    const [a = "", b = "", c = ""] = await Promise.all(["a", "b", "c"].map((sub) => sign(first, claims({ sub }))));
    await tokens.read(a);
    await tokens.read(b);
    await tokens.read(a);
    await tokens.read(c);
    expect(looks).toHaveLength(3);
    await tokens.read(a);
    await tokens.read(c);
    expect(looks).toHaveLength(3);
    await tokens.read(b);
    expect(looks).toHaveLength(4);
  });

  it("is not taken for another one that begins or ends alike", async () => {
    const tokens = createOf();
    const token = await sign(first, claims());
    await tokens.read(token);
    const [header = "", payload = "", signature = ""] = token.split(".");
    const otherOf = (text: string) => (text === "A" ? "B" : "A");
    const ending = `${signature.slice(0, -2)}${otherOf(signature.at(-2) ?? "")}${signature.at(-1)}`;
    const beginning = `${otherOf(signature.slice(0, 1))}${signature.slice(1)}`;
    for (const other of [ending, beginning]) {
      expect(await outcomeOf(tokens.read(`${header}.${payload}.${other}`))).toBe("UNAUTHENTICATED");
    }
  });
});
