import { expect, test } from "vitest";
import { createMemoryStore } from "../../gateway/cache/memory.ts";
import { describeByteStore } from "./conformance.ts";

describeByteStore("memory", {
  make: async ({ valueBytesMax }) => {
    let now = 1_000_000;
    const advance = async (ms: number): Promise<void> => {
      now += ms;
    };
    return { store: createMemoryStore({ nowMs: () => now, valueBytesMax }), advance };
  },
});

test("a full store drops what was used longest ago and stays within its bytes", async () => {
  const store = createMemoryStore({ nowMs: () => 0, bytesMax: 10_000 });
  const value = new Uint8Array(1_000);
  for (const key of ["a", "b", "c", "d", "e", "f", "g"]) {
    await store.set(key, value, 1_000);
  }
  await store.getMany(["a"]);
  await store.set("h", value, 1_000);
  const values = await store.getMany(["a", "b", "c", "d", "e", "f", "g", "h"]);
  expect(values.map((found) => found !== undefined)).toEqual([true, false, true, true, true, true, true, true]);
});

test("keys count towards the bytes", async () => {
  const store = createMemoryStore({ nowMs: () => 0, bytesMax: 100_000 });
  const keys = Array.from({ length: 20 }, (_, index) => `${index}`.padStart(10_000, "k"));
  for (const key of keys) {
    await store.set(key, new Uint8Array(1), 1_000);
  }
  const kept = (await store.getMany(keys)).filter((value) => value !== undefined);
  expect(kept).toHaveLength(4);
});

test("a value that has run out is no longer counted once it was looked for", async () => {
  let now = 0;
  const store = createMemoryStore({ nowMs: () => now, bytesMax: 2_600 });
  await store.set("old", new Uint8Array(1_000), 10);
  await store.set("new", new Uint8Array(1_000), 1_000);
  now = 10;
  expect(await store.getMany(["old"])).toEqual([undefined]);
  await store.set("next", new Uint8Array(1_000), 1_000);
  expect((await store.getMany(["new", "next"])).every((value) => value !== undefined)).toBe(true);
});
