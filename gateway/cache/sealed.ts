import type { ByteStore, Clock } from "../core/ports.ts";
import { withDeadline } from "./deadline.ts";
import type { RecordPlace, SharedStore } from "./engine.ts";
import { encodeKey } from "./key.ts";
import type { RedisLink } from "./link.ts";
import { packSegments, unpackSegments } from "./pack.ts";
import type { Segment } from "./record.ts";
import type { Sealer } from "./seal.ts";

/** What a sealed store is made of. */
export interface SealedStoreOptions {
  readonly store: ByteStore;
  readonly sealer: Sealer;
  /** Where leases are taken. */
  readonly link: RedisLink;
  /** How long a lease is waited for, in milliseconds. */
  readonly readMs: number;
  readonly nowMs: Clock;
}

/** Keys of one part of a cluster: the braces are what Redis places keys by. Sixteen parts keep a batch's reads few. */
function nameOf(name: string): string {
  return `{${name.slice(0, 1)}}${name}`;
}

/** Makes a store of records that are sealed where they lie. What was changed, moved or sealed by a forgotten key is as good as not there. */
export function createSealedStore({ store, sealer, link, readMs, nowMs }: SealedStoreOptions): SharedStore {
  return {
    ...keepAnswers(store, sealer),
    async readMany(places): Promise<readonly (readonly Segment[] | undefined)[]> {
      const names = places.map(({ key }) => sealer.names(key));
      const width = names[0]?.length ?? 1;
      const values = await store.getMany(names.flatMap((all) => all.map(nameOf)));
      return places.map((place, index) => {
        for (let at = 0; at < width; at += 1) {
          const segments = openValue(sealer, place, values[index * width + at]);
          if (segments !== undefined) return segments;
        }
        return undefined;
      });
    },
    async readBundle(places, question): Promise<readonly (readonly Segment[])[] | undefined> {
      const place = bundlePlace(places, question);
      const names = sealer.names(place.key);
      const values = await store.getMany(names.map(nameOf));
      for (const value of values) {
        const segments = openValue(sealer, place, value);
        const records = segments === undefined ? undefined : unbundle(segments, places.length);
        if (records !== undefined) return records;
      }
      return undefined;
    },
    bundle(places, question, records): void {
      const place = bundlePlace(places, question);
      const segments = records.flatMap((own) => [...own, separator]);
      const [name] = sealer.names(place.key);
      const sealed = sealer.seal(place.level, place.key, packSegments(segments));
      const lifetimeMs = Math.max(...records.flatMap((own) => own.map(({ staleAtMs }) => staleAtMs))) - nowMs();
      if (name !== undefined && sealed !== undefined && lifetimeMs > 0) void store.set(nameOf(name), sealed, lifetimeMs);
    },
    write(place, segments, lifetimeMs): void {
      const [name] = sealer.names(place.key);
      const sealed = sealer.seal(place.level, place.key, packSegments(segments));
      // The store's `set` never rejects.
      if (name !== undefined && sealed !== undefined) void store.set(nameOf(name), sealed, lifetimeMs);
    },
    async lease(asked, lifetimeMs): Promise<(() => void) | "taken" | undefined> {
      const [name] = sealer.names(asked);
      if (name === undefined || !link.isReady() || !store.isHealthy()) return undefined;
      const key = `crossharbour:lease:${name}`;
      try {
        const reply = await withDeadline(link.client.set(key, "1", "PX", lifetimeMs, "NX"), readMs);
        if (reply !== "OK") return "taken";
      } catch {
        return undefined;
      }
      return () => void link.client.del(key).catch(() => undefined);
    },
  };
}

function keepAnswers(store: ByteStore, sealer: Sealer): Pick<SharedStore, "readAnswer" | "writeAnswer"> {
  return {
    async readAnswer(key): Promise<Uint8Array | undefined> {
      // Not by an earlier secret: pseudonyms in an answer come of it.
      const [name] = sealer.names(key);
      const [value] = name === undefined ? [] : await store.getMany([nameOf(name)]);
      return value === undefined ? undefined : sealer.open("EVERY", key, value);
    },
    writeAnswer(key, bytes, lifetimeMs): void {
      const [name] = sealer.names(key);
      const sealed = sealer.seal("EVERY", key, bytes);
      if (name !== undefined && sealed !== undefined) void store.set(nameOf(name), sealed, lifetimeMs);
    },
  };
}

/** Stands behind the segments of each record of a bundle. */
const separator: Segment = {
  isNull: true,
  data: {},
  incarnation: "0".repeat(16),
  slots: [],
  counters: [],
  fetchedAtMs: 0,
  expiresAtMs: 0,
  staleAtMs: 0,
  bytes: 0,
};

function unbundle(segments: readonly Segment[], count: number): readonly (readonly Segment[])[] | undefined {
  const records: Segment[][] = [];
  let own: Segment[] = [];
  for (const segment of segments) {
    if (segment.fetchedAtMs !== 0) own.push(segment);
    else {
      records.push(own);
      own = [];
    }
  }
  return records.length === count ? records : undefined;
}

/** Keys of records begin alike and tell of their own length, so that joined they are told apart. */
function bundlePlace(places: readonly RecordPlace[], question: string): RecordPlace {
  const parts = places.map(({ key }) => ["r", key] as const);
  return { key: encodeKey([["b", question], ...parts]), level: places[0]?.level ?? "CONFIDENTIAL" };
}

function openValue(sealer: Sealer, { level, key }: RecordPlace, value: Uint8Array | undefined): readonly Segment[] | undefined {
  const bytes = value === undefined ? undefined : sealer.open(level, key, value);
  return bytes === undefined ? undefined : unpackSegments(bytes);
}
