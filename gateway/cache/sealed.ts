import type { ByteStore } from "../core/ports.ts";
import { withDeadline } from "./deadline.ts";
import type { RecordPlace, SharedStore } from "./engine.ts";
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
}

/** Keys of one part of a cluster: the braces are what Redis places keys by. Sixteen parts keep a batch's reads few. */
function nameOf(name: string): string {
  return `{${name.slice(0, 1)}}${name}`;
}

/** Makes a store of records that are sealed where they lie. What was changed, moved or sealed by a forgotten key is as good as not there. */
export function createSealedStore({ store, sealer, link, readMs }: SealedStoreOptions): SharedStore {
  return {
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

function openValue(sealer: Sealer, { level, key }: RecordPlace, value: Uint8Array | undefined): readonly Segment[] | undefined {
  const bytes = value === undefined ? undefined : sealer.open(level, key, value);
  return bytes === undefined ? undefined : unpackSegments(bytes);
}
