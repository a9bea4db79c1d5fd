import { LRUCache } from "lru-cache";

type Payload = Record<string, unknown>;

/** What oidc-provider asks of a store. @see https://github.com/panva/node-oidc-provider/blob/main/example/my_adapter.js */
export interface OidcAdapter {
  upsert(id: string, payload: Payload, expiresInSeconds: number | undefined): Promise<void>;
  find(id: string): Promise<Payload | undefined>;
  findByUid(uid: string): Promise<Payload | undefined>;
  findByUserCode(code: string): Promise<undefined>;
  consume(id: string): Promise<void>;
  destroy(id: string): Promise<void>;
  revokeByGrantId(grantId: string): Promise<void>;
}

const lifetimeSecondsMax = 24 * 60 * 60;

/**
 * A store in memory for sessions, codes and grants, of at most `entriesMax` entries; the oldest make room. All of it is lost
 * at a restart, after which people sign in again.
 *
 * @returns A function that gives the adapter of one model.
 */
export function createMemoryAdapters(entriesMax: number): (model: string) => OidcAdapter {
  const entries = new LRUCache<string, Payload>({ max: entriesMax });
  return (model) => createAdapter(model, entries);
}

function createAdapter(model: string, entries: LRUCache<string, Payload>): OidcAdapter {
  const keyOf = (id: string): string => `${model}:${id}`;
  return {
    async upsert(id, payload, expiresInSeconds) {
      entries.set(keyOf(id), payload, { ttl: Math.min(expiresInSeconds ?? lifetimeSecondsMax, lifetimeSecondsMax) * 1000 });
    },
    async find(id) {
      return entries.get(keyOf(id));
    },
    async findByUid(uid) {
      return entries.find((payload, key) => key.startsWith(`${model}:`) && payload["uid"] === uid);
    },
    async findByUserCode() {
      return undefined;
    },
    async consume(id) {
      const payload = entries.get(keyOf(id));
      if (payload !== undefined) {
        // The provider counts in seconds since the epoch.
        payload["consumed"] = Math.floor(Date.now() / 1000);
      }
    },
    async destroy(id) {
      entries.delete(keyOf(id));
    },
    async revokeByGrantId(grantId) {
      const keys = Array.from(entries.entries()).flatMap(([key, payload]) => (payload["grantId"] === grantId ? [key] : []));
      for (const key of keys) {
        entries.delete(key);
      }
    },
  };
}
