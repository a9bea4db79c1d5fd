/** A histogram whose series are found once and then cost an addition: requests pass several of them each. */
export interface FastHistogram {
  /** The series of some label values, in the order of the label names. */
  series(...values: readonly string[]): Series;
  /** In Prometheus' text format, as the client library writes its own. */
  render(): string;
}

/** One series of a histogram. */
export interface Series {
  observe(value: number): void;
}

/** What a histogram is made with. */
export interface HistogramOptions {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[];
}

interface Counts extends Series {
  readonly labelText: string;
  /** Observations up to each bound that are above the bound before. */
  readonly within: Float64Array;
  readonly count: () => number;
  readonly sum: () => number;
}

/**
 * Creates a histogram. Who asks for its series bounds the label values.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function createFastHistogram({ name, help, labels, buckets }: HistogramOptions): FastHistogram {
  const all = new Map<string, Counts>();

  function create(values: readonly string[]): Counts {
    const within = new Float64Array(buckets.length);
    let count = 0;
    let sum = 0;
    return {
      labelText: labels.map((label, index) => `${label}="${escapeLabel(values[index] ?? "")}"`).join(","),
      within,
      count: () => count,
      sum: () => sum,
      observe(value): void {
        count += 1;
        sum += value;
        for (let index = 0; index < buckets.length; index += 1) {
          if (value > (buckets[index] ?? 0)) continue;
          within[index] = (within[index] ?? 0) + 1;
          return;
        }
      },
    };
  }

  return {
    series(...values): Series {
      const key = values.join("\n");
      let known = all.get(key);
      if (known === undefined) {
        known = create(values);
        all.set(key, known);
      }
      return known;
    },
    render(): string {
      const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
      for (const { labelText, within, count, sum } of all.values()) {
        let total = 0;
        for (const [index, bound] of buckets.entries()) {
          total += within[index] ?? 0;
          lines.push(`${name}_bucket{le="${bound}",${labelText}} ${total}`);
        }
        lines.push(
          `${name}_bucket{le="+Inf",${labelText}} ${count()}`,
          `${name}_sum{${labelText}} ${sum()}`,
          `${name}_count{${labelText}} ${count()}`,
        );
      }
      return `${lines.join("\n")}\n`;
    },
  };
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
