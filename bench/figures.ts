import type { Sharing } from "./targets.ts";

/** Whether all requests are equal or each differs from all others. */
export type Mode = "different" | "equal";

/** One measurement: a target, asked one workload in one mode for some seconds. */
export interface Slice {
  readonly target: string;
  readonly sharing: Sharing;
  readonly workload: string;
  readonly mode: Mode;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU milliseconds of the target for each request. */
  readonly cpuMs: number;
  readonly residentBytes: number;
  readonly callsPerRequest: number;
}

/** The medians of the slices of one target, workload and mode. */
export type Figure = Slice & {
  /** CPU milliseconds of the least and the dearest round. */
  readonly cpuRangeMs: readonly [number, number];
};

/** Joins the rounds: each figure is the median of its rounds, in the order in which targets were first seen. */
export function summarise(slices: readonly Slice[]): readonly Figure[] {
  const groups = Map.groupBy(slices, ({ target, sharing, workload, mode }) => [workload, mode, target, sharing].join(" "));
  return [...groups.values()].flatMap((rounds) => {
    const [first] = rounds;
    if (first === undefined) return [];
    const of = (read: (slice: Slice) => number): number => median(rounds.map(read));
    const cpus = rounds.map(({ cpuMs }) => cpuMs);
    return [
      {
        ...first,
        requestsPerSecond: of((slice) => slice.requestsPerSecond),
        p50Ms: of((slice) => slice.p50Ms),
        p99Ms: of((slice) => slice.p99Ms),
        cpuMs: of((slice) => slice.cpuMs),
        residentBytes: of((slice) => slice.residentBytes),
        callsPerRequest: of((slice) => slice.callsPerRequest),
        cpuRangeMs: [Math.min(...cpus), Math.max(...cpus)],
      },
    ];
  });
}

/** The middle one; the mean of the two middle ones of an even number; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/** What to look for among figures. */
export interface Wanted {
  readonly workload: string;
  readonly mode: Mode;
  readonly target: string;
  readonly sharing: Sharing;
}

/** @returns undefined when it was not measured. */
export function findFigure(figures: readonly Figure[], wanted: Wanted): Figure | undefined {
  return figures.find(
    ({ workload, mode, target, sharing }) =>
      workload === wanted.workload && mode === wanted.mode && target === wanted.target && sharing === wanted.sharing,
  );
}

/**
 * How many requests the hub answers with the CPU time in which another server answers one: requests per CPU second, hub to peer.
 * Servers that share nothing are held against the hub without sharing.
 */
export function ratioOf(figures: readonly Figure[], other: Figure): number | undefined {
  const sharing = other.sharing === "none" ? "off" : other.sharing;
  const hub = findFigure(figures, { ...other, target: "hub", sharing });
  return hub === undefined ? undefined : other.cpuMs / hub.cpuMs;
}

/** Something that the hub must reach. */
export interface Goal {
  readonly about: string;
  readonly workload: string;
  readonly mode: Mode;
  readonly sharing: "on" | "off";
  readonly against: string;
  /** Sharing of the other server. */
  readonly theirs: Sharing;
  readonly atLeast: number;
  /** The ratio is the other's to the hub's, where the other is a hub itself. */
  readonly isReversed?: boolean;
}

const base = { workload: "a", mode: "different", sharing: "off" } as const;

/** What the hub must reach, as requests per CPU second against another server. */
export const goals: readonly Goal[] = [
  { ...base, about: "Apollo Gateway", against: "apollo", theirs: "none", atLeast: 10 },
  { ...base, about: "Hive Gateway, Rust planner", against: "hive-rust", theirs: "off", atLeast: 5 },
  { ...base, about: "Grafbase", against: "grafbase", theirs: "off", atLeast: 1 },
  { ...base, mode: "equal", sharing: "on", about: "Hive Gateway, Rust planner", against: "hive-rust", theirs: "on", atLeast: 2.5 },
  { ...base, about: "script on undici", against: "script-undici", theirs: "none", atLeast: 0.7 },
  { ...base, workload: "b", about: "Apollo Gateway", against: "apollo", theirs: "none", atLeast: 5 },
  { ...base, workload: "b", about: "Hive Gateway", against: "hive", theirs: "off", atLeast: 5 },
  { ...base, workload: "b", about: "Hive Gateway, Rust planner", against: "hive-rust", theirs: "off", atLeast: 5 },
  { ...base, workload: "b", about: "mercurius with JIT", against: "mercurius", theirs: "none", atLeast: 0.9 },
  { ...base, workload: "c", about: "Apollo Gateway", against: "apollo", theirs: "none", atLeast: 2.5 },
  { ...base, workload: "c", about: "Hive Gateway", against: "hive", theirs: "off", atLeast: 2.5 },
  { ...base, workload: "c", about: "Hive Gateway, Rust planner", against: "hive-rust", theirs: "off", atLeast: 2.5 },
  { ...base, workload: "c", about: "mercurius with JIT", against: "mercurius", theirs: "none", atLeast: 2.5 },
  { ...base, workload: "c", about: "script on undici", against: "script-undici", theirs: "none", atLeast: 1 },
  {
    ...base,
    about: "agreements, masks and record on, against off",
    against: "hub-governed",
    theirs: "off",
    atLeast: 0.93,
    isReversed: true,
  },
];

/** A goal's ratio; undefined when one of the two was not measured. */
export function reachOf(figures: readonly Figure[], goal: Goal): number | undefined {
  const hub = findFigure(figures, { ...goal, target: "hub" });
  const other = findFigure(figures, { ...goal, target: goal.against, sharing: goal.theirs });
  if (hub === undefined || other === undefined) return undefined;
  return goal.isReversed === true ? hub.cpuMs / other.cpuMs : other.cpuMs / hub.cpuMs;
}

/** The least-squares slope of `ys` over `xs`; 0 when there are fewer than two points. */
export function slopeOf(xs: readonly number[], ys: readonly number[]): number {
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  let above = 0;
  let below = 0;
  for (const [index, x] of xs.entries()) {
    above += (x - meanX) * ((ys[index] ?? 0) - meanY);
    below += (x - meanX) ** 2;
  }
  return below === 0 ? 0 : above / below;
}
