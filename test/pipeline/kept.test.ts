import { describe, expect, test } from "vitest";
import type { Gathered } from "../../gateway/pipeline/gathered.ts";
import { createKeptAnswers, type KeptAnswers } from "../../gateway/pipeline/kept.ts";
import { packGathered, unpackGathered } from "../../gateway/pipeline/packed.ts";

function answer(collected: Partial<Gathered["collected"]> = {}, projected: Partial<Gathered["projected"]> = {}): Gathered {
  return {
    collected: {
      subgraphs: ["a"],
      fetches: 0,
      epoch: undefined,
      cacheHits: 3,
      cacheMisses: 0,
      cacheStale: 0,
      cacheReason: undefined,
      cacheExpiresAtMs: 1_000,
      oldestFetchedAtMs: 0,
      ...collected,
    },
    projected: { data: Buffer.from("{}"), problems: [], counted: undefined, ...projected },
  };
}

function open(nowMs = (): number => 0, bytesMax = 100_000): KeptAnswers {
  return createKeptAnswers({ bytesMax, shared: undefined, nowMs, count: () => undefined });
}

describe("an answer is not kept", () => {
  test.each<[string, Gathered]>([
    ["that a department had a part in", answer({ fetches: 1 })],
    ["of which something was not found", answer({ cacheMisses: 1 })],
    ["of which something is stale", answer({ cacheStale: 1 })],
    ["that nothing kept had a part in", answer({ cacheHits: 0, cacheExpiresAtMs: undefined })],
    ["that has an error", answer({}, { problems: [{ code: "VALUE_INVALID", path: ["a"], subgraph: undefined }] })],
    ["that is larger than all that may be kept", answer({}, { data: Buffer.alloc(200_000) })],
  ])("%s", (_, gathered) => {
    const kept = open();
    kept.keep("k", gathered);
    expect(kept.find("k")).toBeUndefined();
  });
});

test("an answer is served as long as every part of it would be, and under its own key", () => {
  let nowMs = 0;
  const kept = open(() => nowMs);
  const gathered = answer();
  kept.keep("k", gathered);
  expect(kept.find("other")).toBeUndefined();
  nowMs = 999;
  expect(kept.find("k")).toEqual(gathered);
  nowMs = 1_000;
  expect(kept.find("k")).toBeUndefined();
  nowMs = 0;
  expect(kept.find("k")).toBeUndefined();
});

test("a short answer holds its own bytes and no more", () => {
  const kept = open();
  const data = Buffer.allocUnsafe(10).fill("x");
  expect(data.buffer.byteLength).toBeGreaterThan(10);
  kept.keep("k", answer({}, { data }));
  expect(kept.find("k")?.projected.data.buffer.byteLength).toBe(10);
});

test("however many are kept, they take no more than they may", () => {
  const kept = open(() => 0, 10_000);
  for (let count = 0; count < 100; count += 1) kept.keep(`k${count}`, answer({}, { data: Buffer.alloc(1_000) }));
  const found = Array.from({ length: 100 }, (_, count) => kept.find(`k${count}`)).filter((each) => each !== undefined);
  expect(found.length).toBeGreaterThan(0);
  expect(found.length).toBeLessThan(10);
});

test("bytes that are no packed answer are read as none", () => {
  const bytes = packGathered(answer());
  expect(unpackGathered(bytes)).toEqual(answer());
  const length = bytes.readUInt32BE(0);
  expect(unpackGathered(bytes.subarray(0, 3))).toBeUndefined();
  expect(unpackGathered(bytes.subarray(0, length))).toBeUndefined();
  const broken = Buffer.from(bytes);
  broken.writeUInt8(0x7b, 5);
  expect(unpackGathered(broken)).toBeUndefined();
  const lacking = Buffer.from(bytes.toString("latin1").replace("cacheHits", "cacheHats"), "latin1");
  expect(unpackGathered(lacking)).toBeUndefined();
});
