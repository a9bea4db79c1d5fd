import { createSecretKey, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createMemoryStore } from "../../gateway/cache/memory.ts";
import { createReplyCache, deriveKey, type LookupResult } from "../../gateway/cache/replies.ts";
import type { ByteStore, ReplyKey } from "../../gateway/core/ports.ts";
import { collectLog } from "../services/log.ts";

const secret = randomBytes(32);
const secretKey = createSecretKey(secret);
const key: ReplyKey = { subgraph: "observatory", schemaHash: "abc", operation: "{ readings { celsius } }", variables: "{}" };
const reply = { text: '{"readings":[{"celsius":21.5,"at":"灣仔"}]}', fetchedAtMs: 1_000_000 };

function setUp(setSecret: Uint8Array = secret) {
  let now = 1_000_000;
  const store = createMemoryStore({ nowMs: () => now });
  const { log, lines } = collectLog();
  const counted: LookupResult[] = [];
  const count = (_subgraph: string, result: LookupResult): void => void counted.push(result);
  const makeCache = (own: ByteStore, with_ = setSecret) => createReplyCache({ store: own, secret: with_, nowMs: () => now, log, count });
  return {
    cache: makeCache(store),
    makeCache,
    store,
    lines,
    counted,
    setNow: (ms: number) => {
      now = ms;
    },
  };
}

test("a short secret is refused", () => {
  expect(() => setUp(randomBytes(31))).toThrow("The cache's secret has 31 bytes, it needs 32");
});

test("a reply is found again as it was, for its lifetime from the fetch on", async () => {
  const { cache, counted, setNow } = setUp();
  expect(await cache.read(key)).toBeUndefined();
  setNow(1_004_000);
  cache.write(key, reply, 10_000);
  expect(await cache.read(key)).toEqual(reply);
  setNow(1_009_999);
  expect(await cache.read(key)).toEqual(reply);
  setNow(1_010_000);
  expect(await cache.read(key)).toBeUndefined();
  expect(counted).toEqual(["miss", "hit", "hit", "miss"]);
});

test("a reply without lifetime, or whose lifetime is over when it comes, is not kept", async () => {
  const { cache, setNow } = setUp();
  for (const lifetimeMs of [0, -1, Number.NaN]) {
    cache.write(key, reply, lifetimeMs);
    expect(await cache.read(key)).toBeUndefined();
  }
  setNow(1_020_000);
  cache.write(key, reply, 20_000);
  setNow(1_010_000);
  expect(await cache.read(key)).toBeUndefined();
});

test("a store that keeps values too long does not make them valid", async () => {
  const { makeCache, counted, setNow } = setUp();
  const eternal = createMemoryStore({ nowMs: () => 0 });
  const cache = makeCache(eternal);
  cache.write(key, reply, 10_000);
  setNow(1_010_000);
  expect(await cache.read(key)).toBeUndefined();
  expect(counted).toEqual(["expired"]);
});

test("a reply from the future is left alone beyond a small difference of clocks", async () => {
  const { cache, counted, setNow } = setUp();
  cache.write(key, reply, 60_000);
  setNow(995_000);
  expect(await cache.read(key)).toEqual(reply);
  setNow(994_999);
  expect(await cache.read(key)).toBeUndefined();
  expect(counted).toEqual(["hit", "expired"]);
});

test("a value that was changed in any bit, cut or lengthened is a miss and is logged", async () => {
  const { cache, store, lines, counted } = setUp();
  const storeKey = deriveKey(secretKey, key);
  cache.write(key, reply, 60_000);
  const [stored] = await store.getMany([storeKey]);
  const original = Buffer.from(stored ?? []);
  expect(original.length).toBeGreaterThan(40);
  const broken = [Buffer.alloc(0), original.subarray(0, 20), original.subarray(0, -1), Buffer.concat([original, Buffer.from("x")])];
  for (let bit = 0; bit < original.length * 8; bit += 1) {
    const changed = Buffer.from(original);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    broken.push(changed);
  }
  for (const bytes of broken) {
    await store.set(storeKey, bytes, 60_000);
    expect(await cache.read(key)).toBeUndefined();
  }
  expect(new Set(counted)).toEqual(new Set(["invalid"]));
  expect(lines[0]).toEqual({ level: "warn", event: "cache.value-invalid", facts: { subgraph: "observatory" } });
  await store.set(storeKey, original, 60_000);
  expect(await cache.read(key)).toEqual(reply);
});

test("a value that was moved to another key is a miss", async () => {
  const { cache, store } = setUp();
  const other = { ...key, variables: '{"station":"HKO"}' };
  cache.write(key, reply, 60_000);
  const [stored] = await store.getMany([deriveKey(secretKey, key)]);
  await store.set(deriveKey(secretKey, other), stored ?? new Uint8Array(0), 60_000);
  expect(await cache.read(other)).toBeUndefined();
});

test("a hub with another secret finds nothing and can't have its values mistaken", async () => {
  const { cache, makeCache, store } = setUp();
  cache.write(key, reply, 60_000);
  const stranger = makeCache(store, randomBytes(32));
  expect(await stranger.read(key)).toBeUndefined();
});

test("the store sees neither question nor subgraph in its keys", () => {
  expect(deriveKey(secretKey, key)).toMatch(/^[\w-]{43}$/);
});

const anyText = fc.string({ unit: "binary", maxLength: 12 });
const surrogates = fc.array(fc.integer({ min: 0xd7ff, max: 0xe001 }), { maxLength: 3 }).map((units) => String.fromCharCode(...units));
const part = fc.oneof(anyText, surrogates, fc.constantFrom("", "a", "ab", "b", "\0", "\0\0"));
const anyKey = fc.record({ subgraph: part, schemaHash: part, operation: part, variables: part });

function isSame(a: ReplyKey, b: ReplyKey): boolean {
  return a.subgraph === b.subgraph && a.schemaHash === b.schemaHash && a.operation === b.operation && a.variables === b.variables;
}

test("equal questions make equal keys and different questions different ones", () => {
  fc.assert(
    fc.property(anyKey, anyKey, (a, b) => {
      expect(deriveKey(secretKey, a) === deriveKey(secretKey, b)).toBe(isSame(a, b));
      expect(deriveKey(secretKey, { ...a })).toBe(deriveKey(secretKey, a));
    }),
    { numRuns: 2_000 },
  );
});

test("moving a character from one part to the next makes another key", () => {
  fc.assert(
    fc.property(anyKey, part, (a, moved) => {
      const left = { ...a, operation: a.operation + moved };
      const right = { ...a, variables: moved + a.variables };
      expect(deriveKey(secretKey, left) === deriveKey(secretKey, right)).toBe(isSame(left, right));
    }),
    { numRuns: 1_000 },
  );
});

test("any reply comes back as it was", async () => {
  const { cache } = setUp();
  await fc.assert(
    fc.asyncProperty(anyKey, fc.string({ unit: "grapheme" }), async (anyReplyKey, text) => {
      cache.write(anyReplyKey, { text, fetchedAtMs: 1_000_000 }, 60_000);
      expect(await cache.read(anyReplyKey)).toEqual({ text, fetchedAtMs: 1_000_000 });
    }),
  );
});
