import { createHmac } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { JWK } from "jose";
import { type Bundle, findApplication } from "../policies/engine/bundle.ts";
import { entitlementFor, type Policy } from "../policies/engine/policy.ts";
import type { Entitlement } from "../policies/engine/words.ts";
import { CALL_HEADER, type CallSigner, createCallSigner } from "../schema/contract.ts";
import { openJournal } from "./audit/journal.ts";
import { type Caching, openCaching } from "./caching.ts";
import type { Config } from "./config.ts";
import type { Caller } from "./core/caller.ts";
import { HubError } from "./core/errors.ts";
import type { Log } from "./core/ports.ts";
import type { Recorder } from "./core/record.ts";
import type { UsageCounter } from "./core/usage.ts";
import { createIdentifier } from "./identity/identify.ts";
import { loadHubKey, type Runtime } from "./start.ts";
import type { Metrics } from "./telemetry/metrics.ts";
import { openUsage } from "./usage/open.ts";

/** Tells who asks. */
export type Identify = (headers: FastifyRequest["headers"]) => Promise<Caller>;

/** Everything that an unrestricted hub does without, and that stays when agreements change: who asks, the record, and the cache. */
export interface Governance {
  /** @param bundleOf The agreements in force, asked for each request. */
  readonly identifyBy: (bundleOf: () => Bundle) => Identify;
  /**
   * Judges callers by one policy. It asks again whether the application is registered, since the caller may have been identified by a bundle
   * that was replaced meanwhile, or long ago.
   */
  readonly entitle: (policy: Policy) => (caller: Caller, nowMs: number) => Entitlement;
  readonly callHeaders: (subgraph: string, entitlement: Entitlement | undefined) => Promise<Readonly<Record<string, string>>>;
  readonly journal: Recorder;
  /** What departments are told of whom they answer; a cache keeps apart by it. */
  readonly askerOf: (entitlement: Entitlement) => string;
  /** Undefined where the cache is switched off. */
  readonly cache: Pick<Caching, "engine" | "invalidate" | "followOrders"> | undefined;
  /** Counts what agreements limit by the day. */
  readonly usage: UsageCounter;
  /** What keys of pseudonyms are derived from. */
  readonly pseudonymSecret: Uint8Array;
  /** Facts for `GET /ready`. */
  readonly describe: () => Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

/** What governance is built from. */
export interface GovernanceOptions {
  readonly config: Config;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** How long a signed call may be used, in milliseconds; a new one is made each minute. */
const callLifetimeMs = 180_000;

/**
 * Builds identity, the journal, the signer of calls and the cache.
 *
 * @throws {StartError} for files that can't be used; {Error} when another process holds the journal.
 */
export async function buildGovernance(options: GovernanceOptions): Promise<Governance> {
  const { config, runtime, log } = options;
  const hubKey = await loadHubKey(config.hubKeyFile);
  const signer = await createCallSigner({ privateJwk: hubKey, lifetimeMs: callLifetimeMs, nowMs: runtime.nowMs });
  const journal = await openJournal({ directory: config.journalDir, log, meterLoad: runtime.meterLoad });
  options.metrics.watchJournal(journal);
  const caching = config.isCacheEnabled ? await openCaching({ ...options, hubKey }) : undefined;
  if (caching !== undefined) options.metrics.watchStore(caching);
  const casePatterns = new WeakMap<Entitlement, readonly string[]>();
  const usage = openUsage(config.redisUrl, log);
  return {
    identifyBy(bundleOf): Identify {
      const identifier = openIdentifier(options, bundleOf, hubKey);
      return (headers) => identifier.identify(headers);
    },
    entitle: (policy) => (caller, nowMs) => {
      checkRegistration(policy.bundle, caller);
      const { bureau, purpose, caseReference } = caller;
      const entitlement = entitlementFor(policy, { bureau, purpose, caseReference, nowMs });
      // Callers whose cases match the same patterns share an entitlement, so one look is enough.
      if (!casePatterns.has(entitlement)) casePatterns.set(entitlement, matchingPatterns(policy, caller));
      return entitlement;
    },
    callHeaders: createCallHeaders({ signer, nowMs: runtime.nowMs, casePatternsOf: (entitlement) => casePatterns.get(entitlement) ?? [] }),
    journal,
    usage,
    askerOf: (entitlement) => JSON.stringify([entitlement.bureau, entitlement.purpose, ...(casePatterns.get(entitlement) ?? [])]),
    cache: caching,
    pseudonymSecret: deriveSecret(hubKey, "pseudonyms"),
    describe: () => ({
      journal: journal.isHealthy() ? "healthy" : "unavailable",
      cache: caching === undefined ? "off" : caching.isHealthy() ? "healthy" : "unavailable",
    }),
    async close(): Promise<void> {
      await journal.close();
      await usage.close();
      await caching?.close();
    },
  };
}

function checkRegistration(bundle: Bundle, { application, bureau, purpose }: Caller): void {
  const known = findApplication(bundle, application);
  if (known === undefined || known.bureau !== bureau)
    throw new HubError("FORBIDDEN", "The application that the access token was issued to is not registered with the hub.");
  if (!known.purposes.includes(purpose))
    throw new HubError(
      "PURPOSE_NOT_ALLOWED",
      `The application is not registered for this purpose. It may use: ${known.purposes.join(", ")}.`,
      {
        purposes: known.purposes,
      },
    );
}

/** What the caller's case proves to departments, which are not told the case. */
function matchingPatterns({ terms }: Policy, { bureau, purpose, caseReference }: Caller): readonly string[] {
  const matching = terms.flatMap(({ agreement, pattern }) =>
    agreement.recipient === bureau && agreement.purpose === purpose && pattern?.matches(caseReference) === true ? pattern.source : [],
  );
  return [...new Set(matching)].sort();
}

/** How long a header is used without looking whether its signature is to be renewed, in milliseconds. */
const headersUsedMs = 5_000;

interface KeptHeaders {
  readonly headers: Promise<Readonly<Record<string, string>>>;
  readonly madeAtMs: number;
}

const noHeaders: Promise<Readonly<Record<string, string>>> = Promise.resolve({});

interface Signing {
  readonly signer: CallSigner;
  readonly nowMs: () => number;
  readonly casePatternsOf: (entitlement: Entitlement) => readonly string[];
}

function createCallHeaders({ signer, nowMs, casePatternsOf }: Signing): Governance["callHeaders"] {
  const kept = new WeakMap<Entitlement, Map<string, KeptHeaders>>();

  async function sign(subgraph: string, entitlement: Entitlement): Promise<Readonly<Record<string, string>>> {
    const { bureau, purpose, id: entitlementId, bundleHash } = entitlement;
    const casePatterns = casePatternsOf(entitlement);
    return { [CALL_HEADER]: await signer.sign({ subgraph, bureau, purpose, entitlementId, bundleHash, casePatterns }) };
  }

  return (subgraph, entitlement) => {
    if (entitlement === undefined) return noHeaders;
    const bySubgraph = kept.get(entitlement) ?? new Map<string, KeptHeaders>();
    kept.set(entitlement, bySubgraph);
    const known = bySubgraph.get(subgraph);
    const now = nowMs();
    if (known !== undefined && now >= known.madeAtMs && now - known.madeAtMs < headersUsedMs) return known.headers;
    const headers = sign(subgraph, entitlement);
    bySubgraph.set(subgraph, { headers, madeAtMs: now });
    headers.catch(() => bySubgraph.delete(subgraph));
    return headers;
  };
}

function openIdentifier({ config, runtime }: GovernanceOptions, bundleOf: () => Bundle, hubKey: JWK): ReturnType<typeof createIdentifier> {
  return createIdentifier({
    jwksUrl: config.jwksUrl,
    issuer: config.issuer,
    audience: config.audience,
    findApplication: (client) => findApplication(bundleOf(), client),
    // Read at each request, so that it is the bundle's in force.
    get purposes() {
      return new Set(bundleOf().purposes.keys());
    },
    officerSecret: config.officerSecret === undefined ? deriveSecret(hubKey, "officers") : Buffer.from(config.officerSecret, "utf8"),
    nowMs: runtime.nowMs,
  });
}

/** A secret of its own for each use, so that replicas with one key agree without another setting. */
function deriveSecret(hubKey: JWK, use: string): Uint8Array {
  return createHmac("sha256", Buffer.from(hubKey.d ?? "", "base64url"))
    .update(`crossharbour ${use}`)
    .digest();
}
