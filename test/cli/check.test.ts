import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCheck } from "../../cli/check.ts";
import { copyHouse, lineOf, runCommand } from "./shell.ts";

test("without one @classified the check names the field, its department, file and line, and fails", async () => {
  const house = await copyHouse();
  const file = join(house.folder, "schema/departments/transport.graphql");
  // A field begins with its description.
  const line = await lineOf(file, "One car park by its identifier");
  await house.change(
    "schema/departments/transport.graphql",
    "carPark(id: ID!): CarPark @classified(level: OPEN)",
    "carPark(id: ID!): CarPark",
  );
  const { status, output } = await runCommand(runCheck, ...house.options);
  expect(status).toBe(1);
  expect(output).toContain("BAD Schemas");
  expect(output).toMatch(new RegExp(`${file}:${line}:\\d+: transport: .*Query\\.carPark.* \\[UNCLASSIFIED\\]`));
  expect(output).toContain("Add @classified(level: ...) to the field");
});

test("a broken agreement, which stops the hub, is named with file and line", async () => {
  const house = await copyHouse();
  await house.change(
    "policies/agreements/housing-transport-prh.yaml",
    "purpose: prh-eligibility",
    "purpose: prh-eligibility\nlimits: { rows: 1 }",
  );
  const file = join(house.folder, "policies/agreements/housing-transport-prh.yaml");
  const { status, output } = await runCommand(runCheck, ...house.options);
  expect(status).toBe(1);
  expect(output).toContain(`${file}:${await lineOf(file, "limits:")}:11: \`rows\` is not a known key.`);
});

test("an agreement on a field that left the graph fails against the graph as the departments have it now", async () => {
  const house = await copyHouse();
  await house.change("schema/departments/transport.graphql", "  valueBand: ValueBand\n", "  worthBand: ValueBand\n");
  const { status, output } = await runCommand(runCheck, ...house.options);
  expect(status).toBe(1);
  expect(output).toContain("There is no field Vehicle.valueBand.");
  expect(output).toContain("supergraph.graphql is out of date: run hub compose --write.");
});

test("an agreement that says more than its cases allow fails the cases and the matrix", async () => {
  const house = await copyHouse();
  await house.change(
    "policies/agreements/housing-revenue-prh.yaml",
    "fields: [Person.incomeBand]",
    "fields: [Person.incomeBand, Person.income]",
  );
  const { status, output } = await runCommand(runCheck, ...house.options);
  expect(status).toBe(1);
  expect(output).toContain('The case "Income itself is not" expects `deny NOT_IN_AGREEMENT` of Person.income; the decision is `allow`.');
  expect(output).toContain("matrix.txt is out of date: run hub matrix --write.");
  expect(output).toMatch(/\n2 problems\.\n$/);
});

test("a check that saw no case, and generated files that are not there, fail", async () => {
  const house = await copyHouse();
  await Promise.all(["cases", "matrix.txt", "uncovered.txt"].map((name) => rm(join(house.folder, "policies", name), { recursive: true })));
  const { status, output } = await runCommand(runCheck, ...house.options);
  expect(status).toBe(1);
  expect(output).toContain("cases asks nothing: nothing was checked.");
  expect(output).toContain("matrix.txt is out of date");
  expect(output).toContain("uncovered.txt is out of date");
});

test("a matrix that was edited by hand is out of date", async () => {
  const house = await copyHouse();
  await writeFile(join(house.folder, "policies/matrix.txt"), "# Who may read what on 2026-11-24 (Hong Kong).\n");
  expect((await runCommand(runCheck, ...house.options)).status).toBe(1);
});

test("with everything in order the check passes, and notes what is due without failing", async () => {
  const house = await copyHouse();
  const now = await runCommand(runCheck, ...house.options);
  expect(now).toMatchObject({ status: 0, errors: "" });
  expect(now.output).toMatch(/^ok {2}Agreements \(17 agreements, 9 applications, bundle [0-9a-f]{12}\)$/m);
  expect(now.output).toMatch(/Everything is in order\.\n$/);
  expect(now.output).not.toContain("note:");
  const later = await runCommand(runCheck, ...house.options, "--at", "2027-04-01");
  expect(later.status).toBe(0);
  expect(later.output.match(/note: .* is over since 2027-04-01\./g)).toHaveLength(17);
});
