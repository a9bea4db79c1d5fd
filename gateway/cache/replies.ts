import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import type { ByteStore, CachedReply, Clock, Log, ReplyCache, ReplyKey } from "../core/ports.ts";

/** How a lookup ended: found, not there, past its time, or not what this hub wrote. */
export type LookupResult = "hit" | "miss" | "expired" | "invalid";

/** What a cache of replies needs. */
export interface ReplyCacheOptions {
  readonly store: ByteStore;
  /** At least 32 random bytes, shared by all replicas of the hub and nobody else. */
  readonly secret: Uint8Array;
  readonly nowMs: Clock;
  readonly log: Log;
  /** Told of each lookup. */
  readonly count?: (subgraph: string, result: LookupResult) => void;
}

const secretBytesMin = 32;
const version = 1;
/** Type and length of a part. */
const partHeadBytes = 1 + 4;
/** Version, then fetchedAtMs and expiresAtMs as 64-bit floats, then the seal. */
const sealOffset = 1 + 8 + 8;
const sealBytes = 16;
const textOffset = sealOffset + sealBytes;
/** How far another replica's clock may be ahead before its entries are left alone. */
const skewMsMax = 5_000;

/**
 * Keeps replies to fetches of OPEN fields in a store.
 *
 * Keys are HMACs under the hub's secret, so a look at the store tells nobody what was asked. Values are sealed with an HMAC over
 * key, times and text: a value that was changed, cut or moved to another key is a miss. They are not encrypted, as OPEN data is
 * public; entries of other levels must not be kept this way.
 *
 * @throws {RangeError} When the secret is shorter than 32 bytes.
 */
export function createReplyCache(options: ReplyCacheOptions): ReplyCache {
  const { store, nowMs, log, count } = options;
  if (options.secret.byteLength < secretBytesMin) {
    throw new RangeError(`The cache's secret has ${options.secret.byteLength} bytes, it needs ${secretBytesMin}`);
  }
  // Made once: a bare secret costs five times as much at each use.
  const secret = createSecretKey(options.secret);
  return {
    read: async (key) => {
      const storeKey = deriveKey(secret, key);
      const [value] = await store.getMany([storeKey]);
      const found = value === undefined ? "miss" : openValue({ secret, storeKey }, value, nowMs());
      if (found === "invalid") {
        log.warn({ subgraph: key.subgraph }, "cache.value-invalid");
      }
      count?.(key.subgraph, typeof found === "string" ? found : "hit");
      return typeof found === "string" ? undefined : found;
    },
    write: (key, reply, lifetimeMs) => {
      const expiresAtMs = reply.fetchedAtMs + lifetimeMs;
      const restMs = expiresAtMs - nowMs();
      if (restMs > 0 && reply.text.isWellFormed()) {
        const storeKey = deriveKey(secret, key);
        // The port's `set` never rejects.
        void store.set(storeKey, sealValue({ secret, storeKey }, reply, expiresAtMs), restMs);
      }
    },
  };
}

/**
 * The store's key: HMAC-SHA256 in base64url over the parts, each with its type and length before it, so that no two different
 * lists of parts make the same bytes.
 */
export function deriveKey(secret: KeyObject, key: ReplyKey): string {
  const parts = ["reply", key.subgraph, key.schemaHash, key.operation, key.variables].map(encodePart);
  return createHmac("sha256", secret).update(Buffer.concat(parts)).digest("base64url");
}

/** UTF-8 maps all lone surrogates to one character; a string that holds some is taken unit by unit, under another type. */
function encodePart(part: string): Buffer {
  const isText = part.isWellFormed();
  const encoding = isText ? "utf8" : "utf16le";
  const bytes = Buffer.allocUnsafe(partHeadBytes + Buffer.byteLength(part, encoding));
  bytes.writeUInt8(isText ? 1 : 2, 0);
  bytes.writeUInt32BE(bytes.length - partHeadBytes, 1);
  bytes.write(part, partHeadBytes, encoding);
  return bytes;
}

interface Sealer {
  readonly secret: KeyObject;
  readonly storeKey: string;
}

function sealValue(sealer: Sealer, reply: CachedReply, expiresAtMs: number): Buffer {
  const textBytes = Buffer.byteLength(reply.text);
  const value = Buffer.allocUnsafe(textOffset + textBytes);
  value.writeUInt8(version, 0);
  value.writeDoubleBE(reply.fetchedAtMs, 1);
  value.writeDoubleBE(expiresAtMs, 9);
  value.write(reply.text, textOffset, "utf8");
  makeSeal(sealer, value).copy(value, sealOffset);
  return value;
}

/** What is hashed for a key begins with the type of its first part, so it can't be taken for this or the other way round. */
function makeSeal({ secret, storeKey }: Sealer, value: Buffer): Buffer {
  const hmac = createHmac("sha256", secret).update(`seal${storeKey}`);
  return hmac.update(value.subarray(0, sealOffset)).update(value.subarray(textOffset)).digest().subarray(0, sealBytes);
}

/** Reads a value that a store returned; a lifetime that the store did not keep to is kept to here. */
function openValue(sealer: Sealer, stored: Uint8Array, nowMs: number): CachedReply | "expired" | "invalid" {
  const value = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  if (value.length < textOffset || value.readUInt8(0) !== version) {
    return "invalid";
  }
  if (!timingSafeEqual(makeSeal(sealer, value), value.subarray(sealOffset, textOffset))) {
    return "invalid";
  }
  const fetchedAtMs = value.readDoubleBE(1);
  const expiresAtMs = value.readDoubleBE(9);
  if (!(nowMs < expiresAtMs) || fetchedAtMs > nowMs + skewMsMax) {
    return "expired";
  }
  return { text: value.toString("utf8", textOffset), fetchedAtMs };
}
