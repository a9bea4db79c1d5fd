import type { CompactJWSHeaderParameters, CryptoKey, FlattenedJWSInput, JSONWebKeySet } from "jose";
import { createLocalJWKSet, errors } from "jose";
import { HubError } from "../core/errors.ts";
import type { Clock } from "../core/ports.ts";

/** Finds the issuer's key that a token names. */
export type FindKey = (header: CompactJWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;

/** Where the issuer's keys are, and how often they are fetched. All durations are in milliseconds. */
export interface KeySourceOptions {
  readonly jwksUrl: string;
  readonly nowMs: Clock;
  /** Deadline of one fetch. */
  readonly timeoutMs?: number;
  /** After so long the keys are fetched again, so that a key which the issuer withdraws is no longer believed. */
  readonly lifetimeMs?: number;
  /** For so long old keys are believed while the issuer can't be reached. */
  readonly staleMs?: number;
  /** Least time between two fetches, so that tokens with made-up key ids can't make the hub flood the issuer. */
  readonly cooldownMs?: number;
  /** Least time between two fetches while there are no keys at all. */
  readonly retryMs?: number;
}

/** The largest key set that is read. One key has about 400 bytes. */
const KEY_SET_BYTES_MAX = 262_144;

type Keys = ReturnType<typeof createLocalJWKSet>;

interface State {
  keys: Keys | undefined;
  fetchedAtMs: number;
  triedAtMs: number;
  flight: Promise<void> | undefined;
}

/**
 * Creates a source of the issuer's keys. Concurrent callers share one fetch; an unknown key id fetches again, as the issuer may have a new key.
 *
 * The source rejects with a HubError OVERLOADED (503) when the keys can't be fetched and none are kept: the caller's token may be fine, so it is
 * not told otherwise. It rejects with jose's JWKSNoMatchingKey when the issuer has no such key.
 */
export function createKeySource(options: KeySourceOptions): FindKey {
  const { nowMs, lifetimeMs = 600_000, staleMs = 86_400_000, cooldownMs = 10_000, retryMs = 1_000 } = options;
  const state: State = { keys: undefined, fetchedAtMs: Number.NEGATIVE_INFINITY, triedAtMs: Number.NEGATIVE_INFINITY, flight: undefined };

  async function refresh(): Promise<void> {
    state.triedAtMs = nowMs();
    const keys = await fetchKeys(options);
    state.keys = keys;
    state.fetchedAtMs = nowMs();
  }

  async function refreshOnce(): Promise<void> {
    const pauseMs = state.keys === undefined ? retryMs : cooldownMs;
    if (state.flight === undefined && nowMs() - state.triedAtMs < pauseMs) return;
    state.flight ??= refresh().finally(() => {
      state.flight = undefined;
    });
    await state.flight;
  }

  async function current(): Promise<Keys> {
    if (state.keys !== undefined && nowMs() - state.fetchedAtMs < lifetimeMs) return state.keys;
    let cause: unknown;
    try {
      await refreshOnce();
    } catch (error) {
      cause = error;
    }
    if (state.keys !== undefined && nowMs() - state.fetchedAtMs < staleMs) return state.keys;
    throw new HubError(
      "OVERLOADED",
      "Access tokens can't be checked now, since the issuer's keys can't be fetched; try again later.",
      {},
      cause,
    );
  }

  return async (header, token) => {
    const keys = await current();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // The keys that are kept stay good when this fails; the token's key is then unknown as before.
      await refreshOnce().catch(() => undefined);
      if (state.keys === undefined || state.keys === keys) throw error;
      return state.keys(header, token);
    }
  };
}

async function fetchKeys({ jwksUrl, timeoutMs = 3_000 }: KeySourceOptions): Promise<Keys> {
  const response = await fetch(jwksUrl, {
    redirect: "error",
    headers: { accept: "application/jwk-set+json, application/json" },
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new Error(`The issuer's keys came with status ${response.status}.`);
  }
  // What isn't a key set makes the next line throw, so the type is only claimed.
  const set = JSON.parse(await readText(response.body)) as JSONWebKeySet;
  return createLocalJWKSet(set);
}

async function readText(body: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > KEY_SET_BYTES_MAX) throw new Error(`The issuer's keys have more than ${KEY_SET_BYTES_MAX} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
