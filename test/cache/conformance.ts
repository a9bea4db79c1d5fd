import { afterEach, describe, expect, test } from "vitest";
import type { ByteStore } from "../../gateway/core/ports.ts";
import { fc } from "../services/fc.ts";

/** One store under test. */
export interface Subject {
  readonly store: ByteStore;
  /** Lets time pass for the store. */
  readonly advance: (ms: number) => Promise<void>;
}

/** How to make stores under test. */
export interface SubjectMaker {
  /** An empty store that is ready. */
  make(options: { readonly valueBytesMax: number }): Promise<Subject>;
}

const valueBytesMax = 10_000;
const lifetimeMs = 60_000;

/** What every driver of the byte store has to do. */
export function describeByteStore(name: string, maker: SubjectMaker): void {
  describe(`the ${name} store`, () => {
    const opened: ByteStore[] = [];
    const open = async (): Promise<Subject> => {
      const subject = await maker.make({ valueBytesMax });
      opened.push(subject.store);
      return subject;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()));
    });

    describeMisses(open);
    describeValues(open);
    describeUse(open);
    describeLifetimes(open);
    describeEnd(open);
  });
}

const stepKeys = ["p", "q", "r"];
/** A value to set, or none to delete. */
const anyStep = fc.record({ key: fc.constantFrom(...stepKeys), value: fc.option(fc.uint8Array({ maxLength: 50 }), { nil: undefined }) });

type Open = () => Promise<Subject>;

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function readText(store: ByteStore, ...keys: readonly string[]): Promise<readonly (string | undefined)[]> {
  const values = await store.getMany(keys);
  return values.map((value) => (value === undefined ? undefined : new TextDecoder().decode(value)));
}

function describeMisses(open: Open): void {
  test("gives undefined for what is not there, and nothing for no keys", async () => {
    const { store } = await open();
    expect(await store.getMany(["a", "b"])).toEqual([undefined, undefined]);
    expect(await store.getMany([])).toEqual([]);
    await store.delete("a");
    expect(await store.getMany(["a"])).toEqual([undefined]);
  });

  test("keeps nothing for a lifetime of zero, less, or none, and forgets what was there", async () => {
    const { store } = await open();
    for (const none of [0, -1, Number.NEGATIVE_INFINITY, Number.NaN]) {
      await store.set("k", bytes("old"), lifetimeMs);
      await store.set("k", bytes("new"), none);
      expect(await readText(store, "k")).toEqual([undefined]);
    }
  });

  test("keeps no value over its size, and forgets what was there", async () => {
    const { store } = await open();
    await store.set("k", new Uint8Array(valueBytesMax), lifetimeMs);
    expect((await store.getMany(["k"]))[0]).toHaveLength(valueBytesMax);
    await store.set("k", new Uint8Array(valueBytesMax + 1), lifetimeMs);
    expect(await store.getMany(["k"])).toEqual([undefined]);
  });
}

function describeValues(open: Open): void {
  test("gives back every byte, and tells an empty value from none", async () => {
    const { store } = await open();
    const all = Uint8Array.from({ length: 256 }, (_, index) => index);
    await store.set("all", all, lifetimeMs);
    await store.set("empty", new Uint8Array(0), lifetimeMs);
    const [read, empty] = await store.getMany(["all", "empty"]);
    expect(Uint8Array.from(read ?? [])).toEqual(all);
    expect(empty).toHaveLength(0);
  });

  test("answers in the order of the keys, repeats included", async () => {
    const { store } = await open();
    await Promise.all([store.set("a", bytes("A"), lifetimeMs), store.set("b", bytes("B"), lifetimeMs)]);
    expect(await readText(store, "b", "none", "a", "b")).toEqual(["B", undefined, "A", "B"]);
  });

  test("replaces and deletes", async () => {
    const { store } = await open();
    await store.set("k", bytes("one"), lifetimeMs);
    await store.set("k", bytes("two"), lifetimeMs);
    expect(await readText(store, "k")).toEqual(["two"]);
    await store.delete("k");
    expect(await readText(store, "k")).toEqual([undefined]);
  });

  test("keeps what was given, whatever its writer does to the bytes later, and only the part that was given", async () => {
    const { store } = await open();
    const whole = Buffer.from("..value..");
    const done = store.set("k", whole.subarray(2, 7), lifetimeMs);
    await done;
    whole.fill("x");
    expect(await readText(store, "k")).toEqual(["value"]);
  });

  test("takes any key", async () => {
    const { store } = await open();
    const keys = ["", " ", "\r\n", "\0", "鍵", "__proto__", "constructor", "k".repeat(2_000), "*", "a:b"];
    await Promise.all(keys.map((key, index) => store.set(key, bytes(`${index}`), lifetimeMs)));
    expect(await readText(store, ...keys)).toEqual(keys.map((_, index) => `${index}`));
  });
}

function describeUse(open: Open): void {
  test("agrees with a map over any sequence of operations", async () => {
    const { store } = await open();
    const model = new Map<string, Uint8Array>();
    const toLists = (values: readonly (Uint8Array | undefined)[]): unknown => values.map((value) => value && [...value]);
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 20 }), async (steps) => {
        for (const { key, value } of steps) {
          if (value === undefined) {
            await store.delete(key);
            model.delete(key);
          } else {
            await store.set(key, value, lifetimeMs);
            model.set(key, value);
          }
          expect(toLists(await store.getMany(stepKeys))).toEqual(toLists(stepKeys.map((name) => model.get(name))));
        }
      }),
      { numRuns: 50 },
    );
  });

  test("serves many at once", async () => {
    const { store } = await open();
    const keys = Array.from({ length: 500 }, (_, index) => `k${index}`);
    await Promise.all(keys.map((key) => store.set(key, bytes(key), lifetimeMs)));
    const batches = await Promise.all(Array.from({ length: 20 }, () => readText(store, ...keys)));
    for (const batch of batches) {
      expect(batch).toEqual(keys);
    }
  });
}

function describeLifetimes(open: Open): void {
  test("keeps a value for its lifetime and no longer", async () => {
    const { store, advance } = await open();
    await Promise.all([
      store.set("short", bytes("s"), 400.5),
      store.set("tiny", bytes("t"), 0.2),
      store.set("long", bytes("l"), lifetimeMs),
    ]);
    expect((await readText(store, "short", "long"))[0]).toBe("s");
    await advance(450);
    expect(await readText(store, "short", "tiny", "long")).toEqual([undefined, undefined, "l"]);
  });

  test("gives a replaced value the new lifetime", async () => {
    const { store, advance } = await open();
    await store.set("k", bytes("old"), 100);
    await store.set("k", bytes("new"), lifetimeMs);
    await store.set("l", bytes("old"), lifetimeMs);
    await store.set("l", bytes("new"), 100);
    await advance(150);
    expect(await readText(store, "k", "l")).toEqual(["new", undefined]);
  });

  test("takes a lifetime beyond all bounds", async () => {
    const { store } = await open();
    await store.set("k", bytes("v"), Number.POSITIVE_INFINITY);
    await store.set("l", bytes("v"), Number.MAX_VALUE);
    expect(await readText(store, "k", "l")).toEqual(["v", "v"]);
  });
}

function describeEnd(open: Open): void {
  test("is healthy until it is closed, and gives misses after that", async () => {
    const { store } = await open();
    await store.set("k", bytes("v"), lifetimeMs);
    expect(store.isHealthy()).toBe(true);
    await store.close();
    await store.close();
    expect(store.isHealthy()).toBe(false);
    await store.set("l", bytes("v"), lifetimeMs);
    await store.delete("k");
    expect(await store.getMany(["k", "l"])).toEqual([undefined, undefined]);
  });
}
