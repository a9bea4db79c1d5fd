import { createHash } from "node:crypto";
import { parse } from "graphql";
import { createMemoryEpochs } from "../../gateway/cache/epochs.ts";
import { createRecordMemory } from "../../gateway/cache/shelf.ts";
import { readConfig } from "../../gateway/config.ts";
import type { Caller } from "../../gateway/core/caller.ts";
import type { Log } from "../../gateway/core/ports.ts";
import type { AuditRecord } from "../../gateway/core/record.ts";
import { buildGeneration, type Parts } from "../../gateway/generation.ts";
import type { Governance } from "../../gateway/governance.ts";
import { bytesOfAnswer } from "../../gateway/http/operation.ts";
import type { Planner } from "../../gateway/plan/plan.ts";
import { createMetrics } from "../../gateway/telemetry/metrics.ts";
import { createMemoryCounter } from "../../gateway/usage/counter.ts";
import { entitlementFor, type Policy } from "../../policies/engine/policy.ts";
import type { Supergraph } from "../../schema/supergraph.ts";
import { createStillRuntime } from "../services/runtime.ts";
import { nowMs } from "./classify.ts";
import type { OpenDepartments } from "./departments.ts";

/** What a caller sees of an answer. */
export interface Seen {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

/** What a caller sends. */
export interface Asked {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
}

/** The hub's own steps over departments in the same process; identity, sockets and files are left out. */
export interface GovernedHub {
  ask(asked: Asked): Promise<Seen>;
  /** Records since the last time. */
  takeRecords(): readonly AuditRecord[];
}

/** What a hub is put together from. */
export interface GovernedOptions {
  readonly supergraph: Supergraph;
  readonly policy: Policy;
  readonly planner: Planner;
  readonly departments: OpenDepartments;
}

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

const runtime = createStillRuntime(() => nowMs);

/** Puts a hub together as its main does, with a clock that stands still. */
export async function buildGovernedHub({ supergraph, policy, planner, departments }: GovernedOptions): Promise<GovernedHub> {
  const records: AuditRecord[] = [];
  const governance: Governance = {
    identifyBy: () => () => Promise.reject(new Error("Callers are identified already.")),
    entitle:
      (live) =>
      ({ bureau, purpose, caseReference }, atMs) =>
        entitlementFor(live, { bureau, purpose, caseReference, nowMs: atMs }),
    callHeaders: async (_, entitlement) => ({ "hub-call": `${entitlement?.bureau} ${entitlement?.purpose} ${entitlement?.id}` }),
    journal: {
      append: async (record) => void records.push(record),
      isHealthy: () => true,
      close: async () => undefined,
    },
    usage: createMemoryCounter(),
    askerOf: ({ bureau, purpose }) => JSON.stringify([bureau, purpose]),
    cache: createCaching(runtime.nowMs),
    pseudonymSecret: new Uint8Array(32).fill(9),
    describe: () => ({}),
    close: async () => undefined,
  };
  const network = {
    upstream: departments.upstream,
    sources: { open: refuseSource, close: async () => undefined },
    close: async () => undefined,
  };
  const parts: Parts = {
    config: readConfig({ SUPERGRAPH_FILE: "none", LOG_LEVEL: "silent" }),
    runtime,
    log: silent,
    metrics: createMetrics(),
    planners: { take: async () => ({ value: planner, giveBack: async () => undefined }) },
    networks: { take: async () => ({ value: network, giveBack: async () => undefined }) },
    governance,
  };
  const { pipeline } = await buildGeneration(parts, { hash: "s", schemaHash: "s", supergraph, policy, trusted: undefined }, 1);
  return {
    async ask({ text, variables, caller }): Promise<Seen> {
      const answer = await pipeline.answer({
        document: parse(text),
        documentHash: createHash("sha256").update(text).digest("hex"),
        operationName: undefined,
        variables,
        caller,
        requestId: "request-1",
      });
      const { status, cacheStatus, ageSeconds } = answer;
      return { status, headers: `cache-status: ${cacheStatus}; age: ${ageSeconds}`, body: bytesOfAnswer(answer).toString("utf8") };
    },
    takeRecords: () => records.splice(0),
  };
}

function refuseSource(): never {
  throw new Error("Nothing subscribes here.");
}

/** A cache in memory, whose clock stands still. */
function createCaching(nowMs: () => number): Governance["cache"] {
  return {
    invalidate: async () => ({ kind: "refused" }),
    followOrders: () => undefined,
    engine: {
      table: createMemoryEpochs("00".repeat(8)),
      memory: createRecordMemory(10_000_000),
      store: undefined,
      isStrict: false,
      negativeMs: 5_000,
      leaseWaitMs: 0,
      nowMs,
      random: () => 0.5,
      count: () => undefined,
      refreshing: new Set(),
    },
  };
}
