import { describe, expect, test } from "vitest";
import { type Figure, median, ratioOf, reachOf, type Slice, slopeOf, summarise } from "../../bench/figures.ts";
import { replaceReport, writeReport } from "../../bench/report.ts";

const slice = (changes: Partial<Slice>): Slice => ({
  target: "hub",
  sharing: "off",
  workload: "a",
  mode: "different",
  requestsPerSecond: 100,
  p50Ms: 10,
  p99Ms: 20,
  cpuMs: 2,
  residentBytes: 1_048_576,
  callsPerRequest: 7,
  ...changes,
});

describe("figures", () => {
  test("are the medians of the rounds, with the cheapest and the dearest", () => {
    const [figure, ...others] = summarise([slice({ cpuMs: 9, p99Ms: 1 }), slice({ cpuMs: 2, p99Ms: 5 }), slice({ cpuMs: 3, p99Ms: 9 })]);
    expect(others).toEqual([]);
    expect(figure).toMatchObject({ cpuMs: 3, p99Ms: 5, cpuRangeMs: [2, 9] });
  });

  test("of an even number of rounds are means of the two middle ones, and of none are nothing", () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  test("keep workloads, modes, servers and sharing apart", () => {
    const changes: Partial<Slice>[] = [{}, { workload: "b" }, { mode: "equal" }, { target: "raw", sharing: "none" }, { sharing: "on" }];
    expect(summarise(changes.map(slice))).toHaveLength(5);
  });

  test("compare a server with the hub that shares as it does, and one that shares nothing with the hub that doesn't either", () => {
    const figures = summarise([
      slice({ cpuMs: 2 }),
      slice({ sharing: "on", cpuMs: 1 }),
      slice({ target: "hive-rust", sharing: "on", cpuMs: 5 }),
      slice({ target: "apollo", sharing: "none", cpuMs: 20 }),
    ]);
    expect(figures.map((figure) => ratioOf(figures, figure))).toEqual([1, 1, 5, 10]);
    expect(ratioOf([], figures[2] as Figure)).toBeUndefined();
  });

  test("hold governance against the hub without it the other way round", () => {
    const figures = summarise([slice({ cpuMs: 1.9 }), slice({ target: "hub-governed", cpuMs: 2 })]);
    const goal = {
      about: "",
      workload: "a",
      mode: "different",
      sharing: "off",
      theirs: "off",
      against: "hub-governed",
      atLeast: 0.93,
    } as const;
    expect(reachOf(figures, { ...goal, isReversed: true })).toBeCloseTo(0.95);
    expect(reachOf(figures, goal)).toBeCloseTo(1 / 0.95);
    expect(reachOf(figures, { ...goal, against: "grafbase" })).toBeUndefined();
  });

  test("tell a slope by least squares", () => {
    expect(slopeOf([0, 1, 2], [5, 7, 9])).toBe(2);
    expect(slopeOf([3], [5])).toBe(0);
  });
});

describe("the report", () => {
  const figures = summarise([slice({ cpuMs: 1 }), slice({ target: "apollo", sharing: "none", cpuMs: 9 })]);
  const report = writeReport({ figures, missing: ["mercurius: can't"], facts: ["a fact"] });

  test("says of a goal whether it was reached, and leaves out what was not measured", () => {
    expect(report).toMatch(/Apollo Gateway +\| +10x \| +9\.00x \| not reached \|/);
    expect(report).not.toContain("Grafbase");
  });

  test("names what was left out", () => {
    expect(report).toContain("Left out: mercurius: can't.");
  });

  test("replaces what is between a document's marks, and refuses a document without them", () => {
    const document = "before\n<!-- peers: begin -->\nold\n<!-- peers: end -->\nafter\n";
    expect(replaceReport(document, "peers", "new")).toBe("before\n<!-- peers: begin -->\n\nnew\n\n<!-- peers: end -->\nafter\n");
    expect(() => replaceReport("nothing", "peers", "new")).toThrow(/lacks the marks/);
  });
});
