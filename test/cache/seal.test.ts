import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { packSegments, unpackSegments } from "../../gateway/cache/pack.ts";
import type { Segment } from "../../gateway/cache/record.ts";
import { createSealer, type Sealer } from "../../gateway/cache/seal.ts";
import type { Level } from "../../schema/catalogue.ts";
import { fc } from "../services/fc.ts";

const current = Buffer.alloc(32, 1);
const previous = Buffer.alloc(32, 2);
const dayMs = 24 * 3_600 * 1_000;

function setUp(secrets: readonly Uint8Array[] = [current]): { sealer: Sealer; salts: Map<Level, string>; setNow: (ms: number) => void } {
  const salts = new Map<Level, string>([
    ["OPEN", "o"],
    ["RESTRICTED", "r"],
    ["CONFIDENTIAL", "c"],
  ]);
  let now = 20_000 * dayMs;
  const sealer = createSealer({
    secrets,
    saltOf: (level) => (level === "EVERY" ? undefined : salts.get(level)),
    nowMs: () => now,
    newNonce: () => randomBytes(12),
  });
  return {
    sealer,
    salts,
    setNow: (ms) => {
      now = ms;
    },
  };
}

function sealed(sealer: Sealer, level: Level, key: string, text: string): Buffer {
  const bytes = sealer.seal(level, key, Buffer.from(text));
  if (bytes === undefined) throw new Error("It wasn't sealed.");
  return bytes;
}

const read = (sealer: Sealer, level: Level, key: string, bytes: Uint8Array): string | undefined =>
  sealer.open(level, key, bytes)?.toString();

test("a short secret, and none, are refused", () => {
  expect(() => setUp([Buffer.alloc(31)])).toThrow("Secrets of the cache need 32 bytes, not 31.");
  expect(() => setUp([])).toThrow(RangeError);
});

test("a value that was changed in any bit, cut, lengthened, or moved to another key or level can't be read", () => {
  const { sealer } = setUp();
  const original = sealed(sealer, "RESTRICTED", "key", "value");
  expect(original.includes("value")).toBe(false);
  for (let bit = 0; bit < original.length * 8; bit += 1) {
    const changed = Buffer.from(original);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(sealer.open("RESTRICTED", "key", changed)).toBeUndefined();
  }
  for (const broken of [Buffer.alloc(0), original.subarray(0, 20), original.subarray(0, -1), Buffer.concat([original, Buffer.from("x")])]) {
    expect(sealer.open("RESTRICTED", "key", broken)).toBeUndefined();
  }
  expect(sealer.open("RESTRICTED", "other", original)).toBeUndefined();
  expect(sealer.open("OPEN", "key", original)).toBeUndefined();
  expect(read(sealer, "RESTRICTED", "key", original)).toBe("value");
});

test("a level whose salt is gone can't be read or written, and the others can", () => {
  const { sealer, salts } = setUp();
  const open = sealed(sealer, "OPEN", "key", "open");
  const restricted = sealed(sealer, "RESTRICTED", "key", "secret");
  salts.set("RESTRICTED", "another");
  expect(read(sealer, "RESTRICTED", "key", restricted)).toBeUndefined();
  salts.delete("RESTRICTED");
  expect(sealer.seal("RESTRICTED", "key", Buffer.from("x"))).toBeUndefined();
  expect(read(sealer, "OPEN", "key", open)).toBe("open");
});

test("what was kept under the key before is found and read while that key is known", () => {
  const before = setUp([previous]).sealer;
  const old = sealed(before, "OPEN", "key", "old");
  const during = setUp([current, previous]).sealer;
  expect(during.names("key")[1]).toBe(before.names("key")[0]);
  expect(read(during, "OPEN", "key", old)).toBe("old");
  const fresh = sealed(during, "OPEN", "key", "new");
  expect(read(before, "OPEN", "key", fresh)).toBeUndefined();
  const after = setUp([current]).sealer;
  expect([read(after, "OPEN", "key", fresh), read(after, "OPEN", "key", old)]).toEqual(["new", undefined]);
});

test("a value of yesterday is read today, under yesterday's key", () => {
  const { sealer, setNow } = setUp();
  const old = sealed(sealer, "OPEN", "key", "old");
  setNow(20_001 * dayMs);
  expect(read(sealer, "OPEN", "key", old)).toBe("old");
  expect(sealed(sealer, "OPEN", "key", "old").subarray(0, 5).equals(old.subarray(0, 5))).toBe(false);
});

test("names tell nothing of keys, and differ with them and with the secret", () => {
  const { sealer } = setUp();
  expect(sealer.names("key")[0]).toMatch(/^[\w-]{22}$/);
  expect(new Set([...sealer.names("key"), ...sealer.names("kez"), ...setUp([previous]).sealer.names("key")]).size).toBe(3);
});

const counter = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const anySegment: fc.Arbitrary<Segment> = fc
  .record({
    data: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3, noNullPrototype: true }),
    slots: fc.array(fc.tuple(fc.integer({ min: 0, max: 4_095 }), counter), { maxLength: 20 }),
    fetchedAtMs: fc.integer({ min: 0, max: 4e12 }),
    lifetimeMs: fc.integer({ min: 0, max: 2 ** 31 }),
    staleMs: fc.integer({ min: 0, max: 2 ** 31 }),
    isNull: fc.boolean(),
  })
  .map(({ data, slots, fetchedAtMs, lifetimeMs, staleMs, isNull }) => ({
    isNull,
    data: isNull ? {} : JSON.parse(JSON.stringify(data)),
    incarnation: "0123456789abcdef",
    slots: slots.map(([slot]) => slot),
    counters: slots.map(([, count]) => count),
    fetchedAtMs,
    expiresAtMs: fetchedAtMs + lifetimeMs,
    staleAtMs: fetchedAtMs + lifetimeMs + staleMs,
    bytes: 0,
  }));

test("segments come back as they were", () => {
  fc.assert(
    fc.property(fc.array(anySegment, { maxLength: 4 }), (segments) => {
      const back = unpackSegments(packSegments(segments));
      expect(back?.map((segment) => ({ ...segment, bytes: 0 }))).toEqual(segments);
    }),
  );
});

test("bytes that aren't segments, and segments that are cut, are nothing", () => {
  const whole = packSegments([
    {
      isNull: false,
      data: { a: 1 },
      incarnation: "0".repeat(16),
      slots: [1],
      counters: [2],
      fetchedAtMs: 1,
      expiresAtMs: 2,
      staleAtMs: 2,
      bytes: 0,
    },
  ]);
  for (let length = 2; length < whole.length; length += 1) expect(unpackSegments(whole.subarray(0, length))).toBeUndefined();
  for (const bytes of [Buffer.alloc(0), Buffer.from([9, 1]), Buffer.from("text")]) expect(unpackSegments(bytes)).toBeUndefined();
});
