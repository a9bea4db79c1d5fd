import { Histogram, Registry } from "prom-client";
import { expect, test } from "vitest";
import { createFastHistogram } from "../../gateway/telemetry/histogram.ts";

test("its text is that of the client library", async () => {
  const buckets = [0.001, 0.5, 1, 10];
  const registry = new Registry();
  const theirs = new Histogram({ name: "h_seconds", help: "Some time.", labelNames: ["a", "b"], buckets, registers: [registry] });
  const ours = createFastHistogram({ name: "h_seconds", help: "Some time.", labels: ["a", "b"], buckets });
  const values = [0, 0.001, 0.0011, 0.5, 0.7, 1, 3.25, 10, 11, 1e9];
  for (const [index, value] of values.entries()) {
    for (const [a, b] of [
      ["x", "y"],
      [`q"\\\n`, String(index % 2)],
    ] as const) {
      theirs.observe({ a, b }, value);
      ours.series(a, b).observe(value);
    }
  }
  const lines = (text: string): string[] => text.trim().split("\n").toSorted();
  expect(lines(ours.render())).toEqual(lines(await registry.metrics()));
});

test("a histogram without series has only its head", () => {
  const histogram = createFastHistogram({ name: "h", help: "Nothing.", labels: [], buckets: [1] });
  expect(histogram.render()).toBe("# HELP h Nothing.\n# TYPE h histogram\n");
});
