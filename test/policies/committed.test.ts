import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Bundle } from "../../policies/engine/bundle.ts";
import { checkCases } from "../../policies/engine/cases.ts";
import { dayStartMs } from "../../policies/engine/dates.ts";
import { isNoteworthy, listFindings } from "../../policies/engine/findings.ts";
import { loadPolicies } from "../../policies/engine/load.ts";
import { dayOfMatrix, formatMatrix, formatUncovered } from "../../policies/engine/matrix.ts";
import { parseBundle } from "../../policies/engine/parse.ts";
import type { Policy } from "../../policies/engine/policy.ts";
import { compileBundle, decide, entitlementFor } from "../../policies/engine/policy.ts";
import type { Supergraph } from "../../schema/supergraph.ts";
import { readSupergraph } from "../../schema/supergraph.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

function readCommitted(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

async function loadBundle(): Promise<Bundle> {
  const parsed = parseBundle(await loadPolicies(join(root, "policies")));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems, undefined, 2));
  return parsed.bundle;
}

function loadSupergraph(): Supergraph {
  return readSupergraph(readCommitted("schema/supergraph.graphql"));
}

async function loadPolicy(): Promise<Policy> {
  const compiled = compileBundle(await loadBundle(), loadSupergraph());
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems, undefined, 2));
  return compiled.policy;
}

test("the committed agreements fit the committed supergraph, and all of them are active", async () => {
  const policy = await loadPolicy();
  expect(policy.bundle.agreements.map(({ agreement }) => agreement)).toEqual([
    "ED-IMMD-2026-01",
    "ED-IRD-2026-02",
    "ED-OWN-2026-00",
    "FE-CR-2026-02",
    "FE-LR-2026-01",
    "HD-CR-2026-05",
    "HD-IMMD-2026-01",
    "HD-IRD-2026-04",
    "HD-LR-2026-02",
    "HD-LR-2026-07",
    "HD-OWN-2026-00",
    "HD-OWN-2026-06",
    "HD-TD-2026-03",
    "SW-IMMD-2026-01",
    "SW-OWN-2026-00",
    "TD-IMMD-2026-05",
    "TD-OWN-2026-00",
  ]);
  expect(listFindings(policy, { nowMs: dayStartMs("2026-11-24") }).filter(isNoteworthy)).toEqual([]);
});

test("every committed case gets the decision that its author expects", async () => {
  const { asked, problems } = checkCases(await loadPolicy());
  expect(problems).toEqual([]);
  expect(asked).toBeGreaterThan(75);
});

test("the committed matrix is what the policies give for its day; `hub matrix --write` writes it", async () => {
  const text = readCommitted("policies/matrix.txt");
  const day = dayOfMatrix(text);
  if (day === undefined) throw new Error("policies/matrix.txt doesn't begin with its day.");
  expect(formatMatrix(await loadPolicy(), dayStartMs(day))).toBe(text);
});

test("no field is unclassified", async () => {
  expect(formatUncovered(await loadPolicy())).toBe("");
  expect(readCommitted("policies/uncovered.txt")).toBe("");
});

test("no agreement shares an identity card number in clear, and personal fields are never read for statistics", async () => {
  const { bundle, entitle, graph } = await loadPolicy();
  const shares = bundle.agreements.flatMap((agreement) => agreement.shares);
  expect(shares.filter(({ coordinate }) => coordinate === "Person.hkid")).toEqual([]);
  expect(shares.filter(({ coordinate, mask }) => coordinate === "Officer.identification" && mask === undefined)).toEqual([]);
  const { decisions } = entitle({
    bureau: "analysts",
    purpose: "open-statistics",
    caseReference: "HD-PRH-0000123",
    nowMs: dayStartMs("2026-11-24"),
  });
  const read = [...decisions].filter(
    ([coordinate, decision]) => decision.kind !== "deny" && graph.fields.get(coordinate)?.isOpen === false,
  );
  expect(read).toEqual([]);
});

test("every OPEN field of the supergraph stands in every entitlement, so that a decision is one look-up", async () => {
  const policy = await loadPolicy();
  const entitlement = entitlementFor(policy, {
    bureau: "audit",
    purpose: "audit-review",
    caseReference: undefined,
    nowMs: dayStartMs("2026-11-24"),
  });
  const open = [...policy.schema.catalogue.fields.values()].filter(({ classification }) => classification.level === "OPEN");
  expect(open.length).toBeGreaterThan(50);
  expect(open.filter(({ coordinate }) => decide(entitlement, coordinate).kind !== "allow")).toEqual([]);
});

test("a case that expects the wrong decision, agreement, bureau or coordinate is a problem with its place", async () => {
  const { graph: _, ...policy } = await loadPolicy();
  const files = await loadPolicies(join(root, "policies"));
  const line = (more: string): string => `  - { title: T, bureau: housing, purpose: prh-eligibility, at: 2026-11-24, ${more} }\n`;
  const text = [
    "cases:\n",
    line("coordinate: Query.prhApplication, expect: deny WITHHELD"),
    line("coordinate: Query.prhApplication, expect: allow, by: HD-TD-2026-03"),
    line("coordinate: Query.shoe, expect: deny NOT_IN_AGREEMENT"),
    line("coordinate: Query.prhApplication, expect: allow").replace("housing", "hosing"),
    line("coordinate: Query.prhApplication, expect: allow").replace("prh-", "phr-"),
  ].join("");
  const parsed = parseBundle([...files.filter(({ path }) => !path.startsWith("cases/")), { path: "cases/wrong.yaml", text }]);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const compiled = compileBundle(parsed.bundle, policy.schema);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  expect(checkCases(compiled.policy).problems.map(({ file, line: number, message }) => `${file}:${number} ${message}`)).toEqual([
    'cases/wrong.yaml:2 The case "T" expects `deny WITHHELD` of Query.prhApplication; the decision is `allow`.',
    'cases/wrong.yaml:3 The case "T" expects Query.prhApplication by HD-TD-2026-03; it is by HD-OWN-2026-00.',
    'cases/wrong.yaml:4 The case "T" asks for Query.shoe, which the graph doesn\'t have.',
    'cases/wrong.yaml:5 The case "T" asks for hosing, which is no bureau.',
    'cases/wrong.yaml:6 The case "T" asks for phr-eligibility, which is no purpose.',
  ]);
});

test("cases don't count in the bundle's hash: they change no decision", async () => {
  const files = await loadPolicies(join(root, "policies"));
  const without = parseBundle(files.filter(({ path }) => !path.startsWith("cases/")));
  expect(without.ok && without.bundle.hash).toBe((await loadBundle()).hash);
});

test("a misplaced or misspelt YAML file is read too, so that it is refused instead of passed over", async () => {
  const folder = await mkdtemp(join(tmpdir(), "policies-"));
  try {
    await writeFile(join(folder, "extra.yml"), "a: 1\n");
    await writeFile(join(folder, "matrix.txt"), "");
    expect(await loadPolicies(folder)).toEqual([{ path: "extra.yml", text: "a: 1\n" }]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("what editors keep beside a file, and deployments behind a link, is passed over", async () => {
  const folder = await mkdtemp(join(tmpdir(), "policies-"));
  try {
    await mkdir(join(folder, "agreements"));
    await mkdir(join(folder, "..data"));
    await writeFile(join(folder, "agreements", "housing.yaml"), "a: 1\n");
    await writeFile(join(folder, "agreements", ".housing.yaml.swp"), "b0VIM");
    await writeFile(join(folder, "agreements", ".housing.yaml"), "a: 2\n");
    await symlink("officer@desk.4711:1", join(folder, "agreements", ".#housing.yaml"));
    await writeFile(join(folder, "..data", "copy.yaml"), "a: 3\n");
    expect(await loadPolicies(folder)).toEqual([{ path: "agreements/housing.yaml", text: "a: 1\n" }]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
