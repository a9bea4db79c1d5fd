import { register } from "prom-client";
import { expect, test } from "vitest";
import { createMetrics } from "../../gateway/telemetry/metrics.ts";

async function readSamples(metrics: ReturnType<typeof createMetrics>): Promise<ReadonlyMap<string, number>> {
  const { text } = await metrics.render();
  const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
}

test("two hubs in one process count for themselves, and nothing reaches the library's global registry", async () => {
  const [first, second] = [createMetrics(), createMetrics()];
  first.countRequest("ANSWERED");
  expect((await readSamples(first)).get('hub_requests_total{outcome="ANSWERED"}')).toBe(1);
  expect((await readSamples(second)).get('hub_requests_total{outcome="ANSWERED"}')).toBeUndefined();
  expect(register.getMetricsAsArray()).toEqual([]);
});

test("what happened is shown, durations in seconds", async () => {
  const metrics = createMetrics();
  metrics.countRequest("PARTIAL");
  metrics.observeStep("fetch", 4);
  metrics.observeStep("fetch", 40);
  metrics.countUpstream("transport", "OK", 20);
  metrics.countUpstream("transport", "SUBGRAPH_TIMEOUT", 5_000);
  metrics.countLookups({ subgraph: "observatory", what: "Query.forecast", result: "hit-memory", times: 1 });
  metrics.countLookups({ subgraph: "observatory", what: "Query.forecast", result: "absent", times: 1 });
  metrics.countLookups({ subgraph: "observatory", what: "Query.forecast", result: "hit-memory", times: 1 });
  metrics.countLimit("depthMax");
  const samples = await readSamples(metrics);
  expect(Object.fromEntries([...samples].filter(([name]) => /_total|_sum|_count|le="0\.025"/.test(name)))).toEqual({
    'hub_requests_total{outcome="PARTIAL"}': 1,
    'hub_step_seconds_bucket{le="0.025",step="fetch"}': 1,
    'hub_step_seconds_sum{step="fetch"}': 0.044,
    'hub_step_seconds_count{step="fetch"}': 2,
    'hub_upstream_seconds_bucket{le="0.025",subgraph="transport",outcome="OK"}': 1,
    'hub_upstream_seconds_sum{subgraph="transport",outcome="OK"}': 0.02,
    'hub_upstream_seconds_count{subgraph="transport",outcome="OK"}': 1,
    'hub_upstream_seconds_bucket{le="0.025",subgraph="transport",outcome="SUBGRAPH_TIMEOUT"}': 0,
    'hub_upstream_seconds_sum{subgraph="transport",outcome="SUBGRAPH_TIMEOUT"}': 5,
    'hub_upstream_seconds_count{subgraph="transport",outcome="SUBGRAPH_TIMEOUT"}': 1,
    'hub_cache_lookups_total{subgraph="observatory",what="Query.forecast",result="hit-memory"}': 2,
    'hub_cache_lookups_total{subgraph="observatory",what="Query.forecast",result="absent"}': 1,
    'hub_limit_refusals_total{limit="depthMax"}': 1,
  });
  expect(samples.get("process_resident_memory_bytes")).toBeGreaterThan(1_000_000);
  expect(samples.get("process_cpu_seconds")).toBeGreaterThan(0);
});

test("the journal's queue and health and the store's health are read when asked for", async () => {
  const metrics = createMetrics();
  let isHealthy = true;
  let waiting = 0;
  metrics.watchJournal({ isHealthy: () => isHealthy, waiting: () => waiting, writes: () => 10 + waiting });
  metrics.watchStore({ isHealthy: () => isHealthy });
  const before = await readSamples(metrics);
  expect([before.get("hub_journal_healthy"), before.get("hub_journal_waiting_records"), before.get("hub_cache_healthy")]).toEqual([
    1, 0, 1,
  ]);
  isHealthy = false;
  waiting = 7;
  const after = await readSamples(metrics);
  expect([after.get("hub_journal_healthy"), after.get("hub_journal_waiting_records"), after.get("hub_cache_healthy")]).toEqual([0, 7, 0]);
  expect([before.get("hub_journal_writes_total"), after.get("hub_journal_writes_total")]).toEqual([10, 17]);
});

test("no number of subgraph names fills the memory", async () => {
  const metrics = createMetrics();
  for (let index = 0; index < 1_000; index += 1) {
    metrics.countLookups({ subgraph: `subgraph-${index}`, what: "T", result: "absent", times: 1 });
  }
  const lookups = [...(await readSamples(metrics))].filter(([name]) => name.startsWith("hub_cache_lookups_total"));
  expect(lookups).toHaveLength(201);
  expect(new Map(lookups).get('hub_cache_lookups_total{subgraph="other",what="T",result="absent"}')).toBe(800);
});

test("the text is in the Prometheus exposition format", async () => {
  const { contentType, text } = await createMetrics().render();
  expect(contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(text).toContain("# HELP hub_requests_total Requests by how they ended.\n# TYPE hub_requests_total counter\n");
});
