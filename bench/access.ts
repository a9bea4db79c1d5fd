import { performance } from "node:perf_hooks";
import { diffPolicies } from "../policies/engine/diff.ts";
import { explainField } from "../policies/engine/explain.ts";
import { listFindings } from "../policies/engine/findings.ts";
import { formatMatrix } from "../policies/engine/matrix.ts";
import { parseBundle } from "../policies/engine/parse.ts";
import { compileBundle, decide, entitlementFor, type Policy } from "../policies/engine/policy.ts";
import { listReaders } from "../policies/engine/who.ts";
import { createLargeWorld, type LargeWorld } from "../test/policies/large.ts";
import { writeTable } from "./table.ts";

/** How large a bundle is measured, and how often. */
export interface AccessOptions {
  readonly agreements: number;
  readonly fields: number;
  readonly rounds: number;
  readonly say: (text: string) => void;
}

/** A day on which the bundle's agreements are in force. */
const nowMs = Date.parse("2026-11-24T00:00:00+08:00");

const decisionsEach = 1_000_000;

/** Measures what reviewers wait for: each step once in a cold process, and the median of further rounds. */
export function runAccess({ agreements, fields, rounds, say }: AccessOptions): string {
  const world = createLargeWorld({ agreements, fields });
  const policy = compile(world);
  const [coordinate = ""] = policy.graph.fields.keys();
  const question = { bureau: "b0", purpose: "p0", caseReference: undefined, nowMs };
  const changed = compile({ ...world, files: world.files.map((file, index) => (index === 2 ? earlierEnd(file) : file)) });
  const renewed = compile({
    ...world,
    files: world.files.map((file) => ({ ...file, text: file.text.replace(/^version: 1$/m, "version: 2") })),
  });
  const steps: readonly (readonly [string, () => unknown])[] = [
    ["parse and compile the bundle", () => compile(world)],
    ["matrix of every bureau, purpose and field", () => formatMatrix(policy, nowMs)],
    ["who may read one field", () => listReaders(policy, coordinate, nowMs)],
    ["explain one field", () => explainField(policy, { ...question, field: coordinate })],
    ["findings", () => listFindings(policy, { nowMs, used: undefined })],
    ["difference, one agreement changed", () => diffPolicies(policy, changed, nowMs)],
    ["difference, every agreement changed", () => diffPolicies(policy, renewed, nowMs)],
  ];
  const rows = steps.map(([name, work]) => {
    say(name);
    const [first = 0, ...others] = Array.from({ length: rounds + 1 }, () => timeMs(work));
    return [name, first.toFixed(0), median(others).toFixed(0)];
  });
  const entitlement = entitlementFor(policy, question);
  const decisionMs = timeMs(() => {
    for (let count = 0; count < decisionsEach; count += 1) decide(entitlement, coordinate);
  });
  return [
    writeTable([["step", "first, ms", `median of ${rounds}, ms`], ...rows]),
    `one decision: ${((decisionMs * 1e6) / decisionsEach).toFixed(0)} ns`,
  ].join("\n");
}

function compile({ schema, files }: LargeWorld): Policy {
  const parsed = parseBundle(files);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
  const compiled = compileBundle(parsed.bundle, schema);
  if (!compiled.ok) throw new Error(compiled.problems.map(({ message }) => message).join("\n"));
  return compiled.policy;
}

function earlierEnd<File extends { readonly text: string }>(file: File): File {
  return { ...file, text: file.text.replace(/until: [\d-]+/, "until: 2026-12-01") };
}

function timeMs(work: () => unknown): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}
