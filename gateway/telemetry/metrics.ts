import { Counter, Gauge, Registry } from "prom-client";
import type { ErrorCode } from "../core/errors.ts";
import type { LimitName } from "../core/limits.ts";
import type { Outcome } from "../core/record.ts";
import { createFastHistogram } from "./histogram.ts";

/** A step of a request that is timed. */
export type Step = "identify" | "prepare" | "judge" | "clear" | "plan" | "fetch" | "project" | "record";

/** Lookups in the cache that ended alike. */
export interface Lookups {
  readonly subgraph: string;
  /** A type, or a field of the root. */
  readonly what: string;
  /** A hit with its level, or the reason of a miss. */
  readonly result: string;
  readonly times: number;
}

/** What is read when metrics are asked for. */
export interface JournalGauge {
  isHealthy(): boolean;
  /** Records that wait for the disk. */
  waiting(): number;
  /** Writes to the disk since the start. */
  writes(): number;
}

/** What is served. */
export interface GenerationGauge {
  /** 1 at the start, one more after each reload. */
  readonly number: number;
  /** Generations that are open: the one in use, and those on which requests still end. */
  readonly open: number;
  readonly supergraph: string;
  readonly bundle: string;
}

/** Numbers of one hub. Durations come in milliseconds and are shown in seconds. */
export interface Metrics {
  countRequest(outcome: Outcome): void;
  observeStep(step: Step, durationMs: number): void;
  /** @param outcome `OK`, or the code of the failure. */
  countUpstream(subgraph: string, outcome: "OK" | ErrorCode, durationMs: number): void;
  countLookups(lookups: Lookups): void;
  /** A search for an answer that is kept as it was written. */
  countKeptAnswers(search: "hit-memory" | "hit-store" | "miss"): void;
  /** An operation that was refused because it asks for more than a limit allows. */
  countLimit(limit: LimitName): void;
  /** From now on the journal's queue and health are shown. */
  watchJournal(journal: JournalGauge): void;
  /** From now on the store's health is shown. */
  watchStore(store: { isHealthy(): boolean }): void;
  /** A look at the supergraph and the agreements. */
  countReload(result: "switched" | "unchanged" | "refused"): void;
  /** From now on it is shown what is served. */
  watchGenerations(read: () => GenerationGauge): void;
  /** The text for `GET /metrics`. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** From a memory lookup to a slow department, in seconds. */
const buckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Subgraphs that are told apart; a supergraph has tens. Further ones count as `other`, so that no name can fill the memory. */
const subgraphsMax = 200;
const typesMax = 2_000;

/** Makes the metrics of one hub in a registry of their own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({ name: "hub_requests_total", help: "Requests by how they ended.", labelNames: ["outcome"], registers });
  const steps = createFastHistogram({ name: "hub_step_seconds", help: "Time of each step, waiting included.", labels: ["step"], buckets });
  const upstream = createFastHistogram({
    name: "hub_upstream_seconds",
    help: "Calls of subgraphs by how they ended.",
    labels: ["subgraph", "outcome"],
    buckets,
  });
  const lookups = new Counter({
    name: "hub_cache_lookups_total",
    help: "Lookups in the cache by type or field of the root, and by how they ended.",
    labelNames: ["subgraph", "what", "result"],
    registers,
  });
  const keptAnswers = new Counter({
    name: "hub_cache_answers_total",
    help: "Searches for an answer as it was written, by how they ended.",
    labelNames: ["result"],
    registers,
  });
  const limits = new Counter({ name: "hub_limit_refusals_total", help: "Operations over a limit.", labelNames: ["limit"], registers });
  const reloads = new Counter({
    name: "hub_reloads_total",
    help: "Looks at the supergraph and the agreements by how they ended.",
    labelNames: ["result"],
    registers,
  });
  addProcessGauges(registry);
  const boundName = createBound(subgraphsMax);
  const boundWhat = createBound(typesMax);
  return {
    countRequest: (outcome) => requests.inc({ outcome }),
    observeStep: (step, durationMs) => steps.series(step).observe(durationMs / 1_000),
    countUpstream: (subgraph, outcome, durationMs) => upstream.series(boundName(subgraph), outcome).observe(durationMs / 1_000),
    countLookups: ({ subgraph, what, result, times }) =>
      lookups.inc({ subgraph: boundName(subgraph), what: boundWhat(what), result }, times),
    countKeptAnswers: (search) => keptAnswers.inc({ result: search }),
    countLimit: (limit) => limits.inc({ limit }),
    watchJournal: (journal) => addJournalGauges(registry, journal),
    watchStore: (store) =>
      addGauge(registry, { name: "hub_cache_healthy", help: "1 while the cache's store answers.", read: () => Number(store.isHealthy()) }),
    countReload: (result) => reloads.inc({ result }),
    watchGenerations: (read) => addGenerationGauges(registry, read),
    render: async () => ({
      contentType: registry.contentType,
      text: `${steps.render()}\n${upstream.render()}\n${await registry.metrics()}`,
    }),
  };
}

function addJournalGauges(registry: Registry, journal: JournalGauge): void {
  addGauge(registry, { name: "hub_journal_healthy", help: "1 while audit records can be kept.", read: () => Number(journal.isHealthy()) });
  addGauge(registry, {
    name: "hub_journal_waiting_records",
    help: "Audit records that wait for the disk.",
    read: () => journal.waiting(),
  });
  const writes: Counter = new Counter({
    name: "hub_journal_writes_total",
    help: "Writes of audit records to the disk; records that come close together share one.",
    registers: [registry],
    collect: () => {
      writes.reset();
      writes.inc(journal.writes());
    },
  });
}

function addGenerationGauges(registry: Registry, read: () => GenerationGauge): void {
  addGauge(registry, { name: "hub_generation", help: "Number of what is served; one more after each reload.", read: () => read().number });
  addGauge(registry, { name: "hub_generations_open", help: "What is served, and what requests still end on.", read: () => read().open });
  const info: Gauge = new Gauge({
    name: "hub_generation_info",
    help: "Hashes of the supergraph and the bundle that are served.",
    labelNames: ["supergraph", "bundle"],
    registers: [registry],
    collect: () => {
      const { supergraph, bundle } = read();
      // The hashes before them would stay as series of their own.
      info.reset();
      info.set({ supergraph, bundle }, 1);
    },
  });
}

/** Read when asked for, without timers or observers that would outlive the hub. */
function addProcessGauges(registry: Registry): void {
  addGauge(registry, {
    name: "process_resident_memory_bytes",
    help: "Resident memory of the process.",
    read: () => process.memoryUsage.rss(),
  });
  addGauge(registry, {
    name: "process_cpu_seconds",
    help: "User and system time of the process since its start.",
    read: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000_000;
    },
  });
  addGauge(registry, {
    name: "nodejs_eventloop_utilization",
    help: "Share of time that the event loop was busy since the start.",
    read: () => performance.eventLoopUtilization().utilization,
  });
}

interface GaugeOptions {
  readonly name: string;
  readonly help: string;
  readonly read: () => number;
}

function addGauge(registry: Registry, { name, help, read }: GaugeOptions): void {
  const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: () => gauge.set(read()) });
}

function createBound(namesMax: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (!known.has(name)) {
      if (known.size >= namesMax) return "other";
      known.add(name);
    }
    return name;
  };
}
