import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import type { Level } from "../../schema/catalogue.ts";
import type { Clock } from "../core/ports.ts";

/** What a value is sealed as: of one level, or as one that may hold data of every level. */
export type SealLevel = Level | "EVERY";

/** Names and seals what is kept at rest. */
export interface Sealer {
  /** The store's name of a key: a keyed hash, so that whoever sees the store can't tell or try what was asked. One for each secret, the current first. */
  names(key: string): readonly string[];
  /** @param key The whole key, which the seal is bound to. @returns Undefined while the level has no salt. */
  seal(level: SealLevel, key: string, bytes: Uint8Array): Buffer | undefined;
  /** Reads what was sealed under the same level and key, by any of the secrets. @returns Undefined for anything else. */
  open(level: SealLevel, key: string, sealed: Uint8Array): Buffer | undefined;
}

/** What a sealer needs. */
export interface SealerOptions {
  /** Secrets shared by all replicas, at least 32 bytes each: the current one first, then those that entries may still be kept under. */
  readonly secrets: readonly Uint8Array[];
  /** What each level's key is made with besides; once it is gone, so is all that was sealed. That of `EVERY` is made of all levels', so it goes with any. */
  readonly saltOf: (level: SealLevel) => string | undefined;
  readonly nowMs: Clock;
  /** 12 random bytes. */
  readonly newNonce: () => Uint8Array;
}

const secretBytesMin = 32;
const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const idBytes = 4;
/** Version, id of the key, day. */
const headBytes = 1 + idBytes + 2;
const dayMs = 24 * 3_600 * 1_000;
/** Bytes of a name: 128 bits are not met by chance, and the seal is bound to the whole key. */
const nameBytes = 16;

/**
 * Seals with AES-256-GCM. The key is derived (HKDF-SHA256, RFC 5869) from a secret, the level, the level's salt and the day: random nonces of 96 bits
 * are good for 2^32 messages under one key, which a day never sees (NIST SP 800-38D, section 8.3).
 *
 * @throws {RangeError} When there is no secret, or one is shorter than 32 bytes.
 */
export function createSealer(options: SealerOptions): Sealer {
  const { secrets, saltOf, nowMs, newNonce } = options;
  const shortest = Math.min(...secrets.map((secret) => secret.byteLength));
  if (secrets.length === 0 || shortest < secretBytesMin)
    throw new RangeError(`Secrets of the cache need ${secretBytesMin} bytes, not ${shortest}.`);
  const nameKeys = secrets.map((secret) => createSecretKey(derive(secret, "names")));
  const keys = createKeys(secrets);
  return {
    names: (key) => nameKeys.map((secret) => createHmac("sha256", secret).update(key).digest().toString("base64url", 0, nameBytes)),
    seal: (level, bound, bytes) => {
      const day = Math.floor(nowMs() / dayMs) & 0xffff;
      const salt = saltOf(level);
      if (salt === undefined) return undefined;
      const { key, id } = keys.of({ secret: 0, level, salt, day });
      const nonce = newNonce();
      const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
      const head = Buffer.allocUnsafe(headBytes);
      head.writeUInt8(version, 0);
      id.copy(head, 1);
      head.writeUInt16BE(day, 1 + idBytes);
      cipher.setAAD(Buffer.concat([head, Buffer.from(bound)]));
      return Buffer.concat([head, nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    },
    open: (level, bound, sealed) => {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      if (bytes.length < headBytes + nonceBytes + tagBytes || bytes.readUInt8(0) !== version) return undefined;
      const day = bytes.readUInt16BE(1 + idBytes);
      const salt = saltOf(level);
      if (salt === undefined) return undefined;
      for (const secret of secrets.keys()) {
        const { key, id } = keys.of({ secret, level, salt, day });
        if (id.equals(bytes.subarray(1, 1 + idBytes))) return openBytes(key, bound, bytes);
      }
      return undefined;
    },
  };
}

function openBytes(key: KeyObject, bound: string, bytes: Buffer): Buffer | undefined {
  const nonce = bytes.subarray(headBytes, headBytes + nonceBytes);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.concat([bytes.subarray(0, headBytes), Buffer.from(bound)]));
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(headBytes + nonceBytes, bytes.length - tagBytes)), decipher.final()]);
  } catch {
    // Changed, cut, or moved to another key.
    return undefined;
  }
}

interface KeyChoice {
  /** Index among the secrets. */
  readonly secret: number;
  readonly level: SealLevel;
  readonly salt: string;
  readonly day: number;
}

interface DataKey {
  readonly key: KeyObject;
  /** Tells in the header by which key a value was sealed. */
  readonly id: Buffer;
}

/** Keys that are held at once: of some days, for each level and secret. */
const keysMax = 64;

function createKeys(secrets: readonly Uint8Array[]): { of(choice: KeyChoice): DataKey } {
  const known = new Map<string, DataKey>();
  return {
    of(choice): DataKey {
      const name = `${choice.secret} ${choice.level} ${choice.day} ${choice.salt}`;
      const found = known.get(name);
      if (found !== undefined) return found;
      const bytes = derive(secrets[choice.secret] ?? new Uint8Array(0), `seal ${choice.level} ${choice.salt} ${choice.day}`);
      const id = Buffer.from(derive(bytes, "id")).subarray(0, idBytes);
      const made: DataKey = { key: createSecretKey(bytes), id };
      if (known.size >= keysMax) known.clear();
      known.set(name, made);
      return made;
    },
  };
}

function derive(secret: Uint8Array, use: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(0), `crossharbour cache ${use}`, 32));
}
