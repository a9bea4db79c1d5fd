import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UsageError } from "../../cli/command.ts";
import { runCompose } from "../../cli/compose.ts";
import { runExplain } from "../../cli/explain.ts";
import { runMatrix } from "../../cli/matrix.ts";
import { copyHouse, lineOf, root, runCommand } from "./shell.ts";

const PRH = ["--bureau", "housing", "--purpose", "prh-eligibility"];

test.each([
  ["explain without a field", runExplain, PRH],
  ["explain with an unknown option", runExplain, [...PRH, "--field", "Person.name", "--who", "me"]],
  ["explain with an instant that isn't one", runExplain, [...PRH, "--field", "Person.name", "--at", "yesterday"]],
  ["matrix with a time that has no offset", runMatrix, ["--at", "2026-11-24T12:00:00"]],
  ["compose with text that belongs to no option", runCompose, ["everything"]],
])("%s is wrong usage", async (_what, run, args) => {
  await expect(runCommand(run, ...args)).rejects.toThrow(UsageError);
});

test.each([
  [
    "bureau",
    ["--bureau", "hosing", "--purpose", "prh-eligibility", "--field", "Person.name"],
    "there is no bureau hosing; there are housing, transport",
  ],
  ["purpose", ["--bureau", "housing", "--purpose", "fun", "--field", "Person.name"], "there is no purpose fun; there are prh-eligibility"],
  ["field", [...PRH, "--field", "Person.shoe"], "the graph has no field, argument, input field or enum value Person.shoe"],
])("explain says so when there is no such %s, instead of explaining a denial", async (_what, args, message) => {
  await expect(runCommand(runExplain, ...args)).rejects.toThrow(message);
});

test("explain says why a masked field may be read: agreement, clause with file and line, legal basis, approvals, validity", async () => {
  const { status, output } = await runCommand(runExplain, ...PRH, "--field", "Vehicle.mark", "--case", "HD-PRH-0000123");
  const line = await lineOf(join(root, "policies/agreements/housing-transport-prh.yaml"), "fields: [Vehicle.mark]");
  expect(status).toBe(0);
  expect(output).toContain("housing for prh-eligibility may read Vehicle.mark under the mask keep, by HD-TD-2026-03 version 2.");
  expect(output).toContain(`Lets the officer tell two vehicles apart (policies/agreements/housing-transport-prh.yaml:${line})`);
  expect(output).toContain("only the last 2 character(s)");
  expect(output).toContain("Cap. 283, section 25 (statute)");
  expect(output).toContain("Assistant Commissioner (Management and Licensing) (TD), data-owner, on 2026-03-20");
  expect(output).toContain("from 2026-04-01 to before 2027-04-01; review by 2027-01-15");
  expect(output).toContain(
    "TD-OWN-2026-00 version 1: its recipient is transport, not housing; its purpose is vehicle-licensing, not prh-eligibility",
  );
});

test("explain names what is missing: the case, the date, or any agreement at all", async () => {
  const ask = async (...args: readonly string[]): Promise<string> => (await runCommand(runExplain, ...PRH, ...args)).output;
  expect(await ask("--field", "Person.vehicles")).toContain("but          it requires a case reference like ^HD-PRH-[0-9]{7}$");
  expect(await ask("--field", "Person.vehicles", "--case", "HD-PRH-0000123", "--at", "2027-04-01")).toContain(
    "but          it ended on 2027-04-01",
  );
  expect(await ask("--field", "Person.sex")).toContain(
    "may not read Person.sex: no agreement shares it with this bureau.\n\nPerson.sex: RESTRICTED, owned by immigration.\nNo agreement shares it with anybody.\n",
  );
  expect(await ask("--field", "Person.incomeBand")).toContain("It rests on:\n  Person.ownsDomesticProperty: deny CASE_REQUIRED\n");
});

test("explain with policies that can't be used names their problems", async () => {
  const house = await copyHouse();
  await house.change("policies/purposes.yaml", "code: prh-eligibility", "code: prh");
  await expect(runCommand(runExplain, ...PRH, "--field", "Person.name", ...house.options)).rejects.toThrow(
    /the policies can't be used:\n.*housing-companies-prh\.yaml:\d+:1: The purpose prh-eligibility is not in purposes\.yaml\./,
  );
});

test("matrix prints the day asked for, and writes both generated files", async () => {
  const house = await copyHouse();
  const shown = await runCommand(runMatrix, ...house.options, "--at", "2027-04-01");
  expect(shown.output).toMatch(/^# Who may read what on 2027-04-01 \(Hong Kong\)/);
  expect(shown.output).not.toMatch(/^\S+ +(?:RESTRICTED|CONFIDENTIAL).*(?:allow|mask)/m);
  await writeFile(join(house.folder, "policies/uncovered.txt"), "Old.line\n");
  await rm(join(house.folder, "policies/matrix.txt"));
  const written = await runCommand(runMatrix, ...house.options, "--write");
  expect(written.status).toBe(0);
  expect(await readFile(join(house.folder, "policies/uncovered.txt"), "utf8")).toBe("");
  expect(await readFile(join(house.folder, "policies/matrix.txt"), "utf8")).toBe(await readFile(join(root, "policies/matrix.txt"), "utf8"));
});

test("compose says what is wrong with file and line, and leaves the supergraph as it was", async () => {
  const house = await copyHouse();
  const supergraph = join(house.folder, "schema/supergraph.graphql");
  await writeFile(supergraph, "as it was");
  await house.change("schema/departments/lands.graphql", "  address: String\n", "  address: Strange\n");
  const file = join(house.folder, "schema/departments/lands.graphql");
  const { status, errors } = await runCommand(runCompose, "--write", "--schema", join(house.folder, "schema"));
  expect(status).toBe(1);
  expect(errors).toContain(`${file}:${await lineOf(file, "address: Strange")}:`);
  expect(await readFile(supergraph, "utf8")).toBe("as it was");
});

test("compose tells whether the committed supergraph is up to date, and writes it", async () => {
  const house = await copyHouse();
  const options = ["--schema", join(house.folder, "schema")];
  const supergraph = join(house.folder, "schema/supergraph.graphql");
  expect(await runCommand(runCompose, ...options)).toMatchObject({ status: 0 });
  const committed = await readFile(supergraph, "utf8");
  await writeFile(supergraph, "old");
  expect(await runCommand(runCompose, ...options)).toMatchObject({ status: 1 });
  expect(await runCommand(runCompose, ...options, "--write")).toMatchObject({ status: 0 });
  expect(await readFile(supergraph, "utf8")).toBe(committed);
});
