/** The hub's own counters at one moment. */
export interface Reading {
  /** CPU seconds of the hub's process since its start. */
  readonly cpuSeconds: number;
  /** Calls of departments since the start. */
  readonly upstreamCalls: number;
  /** Seconds spent in each step since the start. */
  readonly stepSeconds: ReadonlyMap<string, number>;
}

/** What one request cost on average, between two readings. */
export interface Cost {
  readonly cpuMs: number;
  readonly upstreamCalls: number;
  readonly stepMs: ReadonlyMap<string, number>;
}

const timeoutMs = 10_000;

/**
 * Reads the hub's metrics.
 *
 * @param url Address of `/metrics`.
 * @throws {Error} When they can't be had or lack the CPU time.
 */
export async function readMeter(url: string): Promise<Reading> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered with status ${response.status}.`);
  return parseReading(text);
}

/** Reads the text format of Prometheus, as far as the hub writes it: one `name{labels} value` a line. */
export function parseReading(text: string): Reading {
  const stepSeconds = new Map<string, number>();
  let cpuSeconds: number | undefined;
  let upstreamCalls = 0;
  for (const line of text.split("\n")) {
    const [, name, labels = "", value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const step = /(?:^|,)step="([^"]+)"/.exec(labels)?.[1];
    if (name === "process_cpu_seconds" || name === "process_cpu_seconds_total") cpuSeconds = Number(value);
    if (name === "hub_upstream_seconds_count") upstreamCalls += Number(value);
    if (name === "hub_step_seconds_sum" && step !== undefined) stepSeconds.set(step, Number(value));
  }
  if (cpuSeconds === undefined) throw new Error("The hub's metrics lack its CPU time.");
  return { cpuSeconds, upstreamCalls, stepSeconds };
}

/**
 * @param count Requests between the two readings, at least one.
 * @throws {Error} When the hub's counters ran backwards, since it was started anew in between.
 */
export function costBetween(before: Reading, after: Reading, count: number): Cost {
  if (after.cpuSeconds < before.cpuSeconds) throw new Error("The hub was started anew during the measurement.");
  const steps = [...after.stepSeconds].map(
    ([step, seconds]) => [step, ((seconds - (before.stepSeconds.get(step) ?? 0)) * 1000) / count] as const,
  );
  return {
    cpuMs: ((after.cpuSeconds - before.cpuSeconds) * 1000) / count,
    upstreamCalls: (after.upstreamCalls - before.upstreamCalls) / count,
    stepMs: new Map(steps),
  };
}
