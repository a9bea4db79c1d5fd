import { createHmac } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { JWK } from "jose";
import { findApplication } from "../policies/engine/bundle.ts";
import { entitlementFor, type Policy } from "../policies/engine/policy.ts";
import type { Entitlement } from "../policies/engine/words.ts";
import { CALL_HEADER, createCallSigner } from "../schema/contract.ts";
import type { Supergraph } from "../schema/supergraph.ts";
import { loadPolicy } from "./agreements.ts";
import { openJournal } from "./audit/journal.ts";
import { createMemoryStore } from "./cache/memory.ts";
import { createRedisStore } from "./cache/redis.ts";
import { createReplyCache } from "./cache/replies.ts";
import type { Config } from "./config.ts";
import type { Caller } from "./core/caller.ts";
import type { ByteStore, Log, ReplyCache } from "./core/ports.ts";
import type { Recorder } from "./core/record.ts";
import { createIdentifier } from "./identity/identify.ts";
import { loadHubKey, type Runtime } from "./start.ts";
import type { Metrics } from "./telemetry/metrics.ts";

/** Everything that an unrestricted hub does without: who asks, what they may read, the record, and the cache. */
export interface Governance {
  readonly policy: Policy;
  readonly identify: (headers: FastifyRequest["headers"]) => Promise<Caller>;
  readonly entitlementOf: (caller: Caller, nowMs: number) => Entitlement;
  readonly callHeaders: (subgraph: string, entitlement: Entitlement | undefined) => Promise<Readonly<Record<string, string>>>;
  readonly journal: Recorder;
  readonly cache: ReplyCache | undefined;
  /** Facts for `GET /ready`. */
  readonly describe: () => Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

/** What governance is built from. */
export interface GovernanceOptions {
  readonly config: Config;
  readonly runtime: Runtime;
  readonly supergraph: Supergraph;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** How long a signed call may be used, in milliseconds; a new one is made each minute. */
const callLifetimeMs = 180_000;

/**
 * Builds identity, agreements, the journal, the signer of calls and the cache.
 *
 * @throws {StartError} for files that can't be used; {Error} when another process holds the journal.
 */
export async function buildGovernance(options: GovernanceOptions): Promise<Governance> {
  const { config, runtime, log } = options;
  const policy = await loadPolicy(config.policiesDir, options.supergraph);
  const hubKey = await loadHubKey(config.hubKeyFile);
  const signer = await createCallSigner({ privateJwk: hubKey, lifetimeMs: callLifetimeMs, nowMs: runtime.nowMs });
  const identifier = openIdentifier(options, policy, hubKey);
  const journal = await openJournal({ directory: config.journalDir, log });
  options.metrics.watchJournal(journal);
  const store = config.isCacheEnabled ? openStore(options) : undefined;
  if (store !== undefined) options.metrics.watchStore(store);
  return {
    policy,
    identify: (headers) => identifier.identify(headers),
    entitlementOf: ({ bureau, purpose, caseReference }, nowMs) => entitlementFor(policy, { bureau, purpose, caseReference, nowMs }),
    callHeaders: async (subgraph, entitlement) => {
      if (entitlement === undefined) return {};
      const { bureau, purpose, id, bundleHash } = entitlement;
      return { [CALL_HEADER]: await signer.sign({ subgraph, bureau, purpose, entitlementId: id, bundleHash }) };
    },
    journal,
    cache: store === undefined ? undefined : openReplyCache(options, store, hubKey),
    describe: () => ({
      bundle: policy.bundle.hash,
      journal: journal.isHealthy() ? "healthy" : "unavailable",
      cache: store === undefined ? "off" : store.isHealthy() ? "healthy" : "unavailable",
    }),
    async close(): Promise<void> {
      await journal.close();
      await store?.close();
    },
  };
}

function openIdentifier({ config, runtime }: GovernanceOptions, policy: Policy, hubKey: JWK): ReturnType<typeof createIdentifier> {
  const { bundle } = policy;
  return createIdentifier({
    jwksUrl: config.jwksUrl,
    issuer: config.issuer,
    audience: config.audience,
    findApplication: (client) => findApplication(bundle, client),
    purposes: new Set(bundle.purposes.keys()),
    officerSecret: config.officerSecret === undefined ? deriveSecret(hubKey, "officers") : Buffer.from(config.officerSecret, "utf8"),
    nowMs: runtime.nowMs,
  });
}

function openStore({ config, runtime, log }: GovernanceOptions): ByteStore {
  const { redisUrl, cacheBytesMax, cacheTimeoutMs } = config;
  if (redisUrl === undefined) return createMemoryStore({ nowMs: runtime.nowMs, bytesMax: cacheBytesMax });
  return createRedisStore({ url: redisUrl, nowMs: runtime.nowMs, log, readMs: cacheTimeoutMs });
}

function openReplyCache({ runtime, log, metrics }: GovernanceOptions, store: ByteStore, hubKey: JWK): ReplyCache {
  return createReplyCache({
    store,
    secret: deriveSecret(hubKey, "cache"),
    nowMs: runtime.nowMs,
    log,
    count: (subgraph, result) => metrics.countLookup(subgraph, result),
  });
}

/** A secret of its own for each use, so that replicas with one key agree without another setting. */
function deriveSecret(hubKey: JWK, use: string): Uint8Array {
  return createHmac("sha256", Buffer.from(hubKey.d ?? "", "base64url"))
    .update(`crossharbour ${use}`)
    .digest();
}
