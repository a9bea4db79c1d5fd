import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCases } from "../../cli/cases.ts";
import { UsageError } from "../../cli/command.ts";
import { runDiff } from "../../cli/diff.ts";
import { runEditor } from "../../cli/editor.ts";
import { runExplain } from "../../cli/explain.ts";
import { runFindings } from "../../cli/findings.ts";
import { runMatrix } from "../../cli/matrix.ts";
import { findInSchemas } from "../../cli/schemas.ts";
import { runWho } from "../../cli/who.ts";
import { openJournal } from "../../gateway/audit/journal.ts";
import { renderEditorSchemas } from "../../policies/engine/editor.ts";
import { copyHouse, lineOf, root, runCommand } from "./shell.ts";

const PRH = ["--bureau", "housing", "--purpose", "prh-eligibility"];

test.each([
  ["who without a field", runWho, []],
  ["who in another format", runWho, ["--field", "Person.hkid", "--format", "xml"]],
  ["diff of one folder", runDiff, ["policies"]],
  ["findings of no days", runFindings, ["--days", "0"]],
  ["cases with an unknown option", runCases, ["--all"]],
  ["editor in a format", runEditor, ["--format", "json"]],
])("%s is wrong usage", async (_what, run, args) => {
  await expect(runCommand(run, ...args)).rejects.toThrow(UsageError);
});

test.each([
  ["who", runWho],
  ["diff", runDiff],
  ["findings", runFindings],
  ["cases", runCases],
  ["editor", runEditor],
  ["matrix", runMatrix],
  ["explain", runExplain],
])("%s --help tells its options", async (name, run) => {
  const { status, output } = await runCommand(run, "--help");
  expect(status).toBe(0);
  expect(output).toMatch(new RegExp(`^Usage: hub ${name}`));
});

test("who says that nobody may read the identity card number, and refuses a field that isn't there", async () => {
  expect((await runCommand(runWho, "--field", "Person.hkid")).output).toBe("No bureau may read Person.hkid.\n");
  await expect(runCommand(runWho, "--field", "Person.shoe")).rejects.toThrow(
    "the graph has no field, argument, input field or enum value Person.shoe",
  );
});

test("who names bureau, form, agreement, clause with its line, days and signatures", async () => {
  const { output } = await runCommand(runWho, "--field", "Vehicle.mark", "--format", "json");
  const line = await lineOf(join(root, "policies/agreements/housing-transport-prh.yaml"), "fields: [Vehicle.mark]");
  expect(JSON.parse(output)).toMatchObject([
    {
      bureau: "housing",
      purpose: "prh-eligibility",
      form: "only the last 2 character(s), stars for the rest",
      case: "needed",
      agreement: "HD-TD-2026-03@2",
      since: "2026-04-01",
      place: `policies/agreements/housing-transport-prh.yaml:${line}`,
      approvals:
        "Assistant Commissioner (Management and Licensing) (TD) (data-owner, 2026-03-20); Privacy Officer (HD) (privacy-officer, 2026-03-23)",
    },
    { bureau: "transport", form: "in clear", agreement: "TD-OWN-2026-00@1" },
  ]);
});

test("diff of a folder with itself finds nothing, also where places and comments differ", async () => {
  const house = await copyHouse();
  await house.change("policies/agreements/housing-transport-prh.yaml", "agreement: HD", "# Moved a line down.\nagreement: HD");
  const { output } = await runCommand(runDiff, join(root, "policies"), join(house.folder, "policies"));
  expect(output).toBe("No decision changes.\n");
});

test("diff tells every cell that changes, which way, from which day, and an operation that is affected", async () => {
  const house = await copyHouse();
  await house.change("policies/agreements/housing-transport-prh.yaml", "Vehicle.class, Vehicle.valueBand]", "Vehicle.class, Vehicle.make]");
  await house.change("policies/agreements/housing-transport-prh.yaml", "    mask: { keep: { last: 2 } }\n", "    mask: exists\n");
  await house.change("policies/agreements/transport-own-licensing.yaml", "until: 2027-04-01", "until: 2027-03-01");
  const { output } = await runCommand(runDiff, join(root, "policies"), join(house.folder, "policies"), "--format", "json");
  const rows = JSON.parse(output) as readonly Record<string, string>[];
  const given = rows.filter((row) => row["bureau"] === "housing" && row["case"] === "given" && row["change"] !== "other");
  const operation = (field: string): string =>
    `query($number0: ID!) { prhApplication(number: $number0) { members { vehicles { ${field} } } } }`;
  expect(given.map((row) => [row["coordinate"], row["change"], row["from"], row["operation"]])).toEqual([
    ["Vehicle.make", "wider", "2026-11-24", operation("make")],
    ["Vehicle.mark", "narrower", "2026-11-24", operation("mark")],
    ["Vehicle.valueBand", "narrower", "2026-11-24", operation("valueBand")],
  ]);
  const own = rows.filter((row) => row["bureau"] === "transport");
  expect(own.length).toBeGreaterThan(5);
  expect(own.every((row) => row["from"] === "2027-03-01" && row["change"] === "narrower")).toBe(true);
});

test("cases names the question that is answered otherwise, with its line, and ends with 1", async () => {
  const house = await copyHouse();
  expect(await runCommand(runCases, ...house.options)).toMatchObject({ status: 0 });
  await house.change("policies/cases/prh.yaml", "expect: deny WITHHELD", "expect: allow");
  const { status, output } = await runCommand(runCases, ...house.options, "--format", "json");
  expect(status).toBe(1);
  const wrong = (JSON.parse(output) as readonly Record<string, string>[]).filter((row) => row["result"] === "WRONG");
  expect(wrong).toHaveLength(1);
  expect(wrong[0]?.["message"]).toContain("expects `allow` of Person.hkid; the decision is `deny WITHHELD`");
});

test("findings tells what was shared and not read in the journal's last days, and nothing of it without a journal", async () => {
  const house = await copyHouse();
  const directory = join(house.folder, "journal");
  await mkdir(directory);
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const journal = await openJournal({ directory, log });
  await journal.append({
    time: "2026-11-20T00:00:00.000Z",
    requestId: "r",
    bureau: "housing",
    application: "housing-app",
    officer: undefined,
    purpose: "prh-eligibility",
    caseReference: "HD-PRH-0000001",
    operationName: undefined,
    operationHash: "0",
    bundleHash: "0",
    entitlementId: "0",
    agreements: ["HD-TD-2026-03@2"],
    released: ["Vehicle.class"],
    masked: ["Vehicle.mark"],
    withheld: [],
    subgraphs: ["transport"],
    cacheHits: 0,
    fetches: 1,
    outcome: "ANSWERED",
    errorCodes: [],
  });
  await journal.close();
  const unusedWith = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { output } = await runCommand(runFindings, ...house.options, "--format", "json", ...args);
    const rows = JSON.parse(output) as readonly Record<string, string>[];
    return rows.filter((row) => row["kind"] === "unused" && row["agreement"] === "HD-TD-2026-03").map((row) => row["coordinate"] ?? "");
  };
  expect(await unusedWith()).toEqual([]);
  expect(await unusedWith("--journal", directory)).toEqual(["Person.vehicles", "Vehicle.valueBand"]);
  expect(await unusedWith("--journal", directory, "--days", "3")).toContain("Vehicle.mark");
});

test("matrix and explain are given as CSV and JSON too", async () => {
  const csv = (await runCommand(runMatrix, "--format", "csv")).output.split("\r\n");
  expect(csv[0]).toBe("bureau,purpose,coordinate,level,decision,form,case,agreement");
  expect(csv).toContain(
    'housing,prh-eligibility,Vehicle.mark,RESTRICTED,mask,"only the last 2 character(s), stars for the rest",needed,HD-TD-2026-03@2',
  );
  const explained = JSON.parse((await runCommand(runExplain, ...PRH, "--field", "Vehicle.mark", "--format", "json")).output) as unknown;
  expect(explained).toMatchObject([
    { decision: "deny CASE_REQUIRED", agreement: "HD-TD-2026-03@2", gaps: "it requires a case reference like ^HD-PRH-[0-9]{7}$" },
    { agreement: "TD-OWN-2026-00@1" },
  ]);
});

test("the committed schemas for editors are those of the shapes; `hub editor --write` writes them", async () => {
  const schemas = renderEditorSchemas();
  expect(schemas.map(({ name }) => name)).toEqual(["agreement.json", "applications.json", "cases.json", "purposes.json"]);
  for (const { name, text } of schemas) expect(await readFile(join(root, "policies/schema", name), "utf8"), name).toBe(text);
  const house = await copyHouse();
  await house.change("policies/schema/agreement.json", "Data-sharing", "Data");
  const options = ["--policies", join(house.folder, "policies")];
  expect(await runCommand(runEditor, ...options)).toMatchObject({ status: 1 });
  expect(await runCommand(runEditor, ...options, "--write")).toMatchObject({ status: 0 });
  expect(await runCommand(runEditor, ...options)).toMatchObject({ status: 0 });
});

test("every committed policy file names its schema for editors, and every key of an agreement stands in the reference", async () => {
  for (const file of ["purposes.yaml", "applications.yaml", "agreements/housing-own-prh.yaml", "cases/prh.yaml"]) {
    const [first = ""] = (await readFile(join(root, "policies", file), "utf8")).split("\n");
    const path = /^# yaml-language-server: \$schema=(\S+)$/.exec(first)?.[1] ?? "";
    expect(JSON.parse(await readFile(join(root, "policies", file, "..", path), "utf8"))).toHaveProperty("properties");
  }
  const reference = await readFile(join(root, "docs/agreements.md"), "utf8");
  const schema = JSON.parse(renderEditorSchemas()[0]?.text ?? "{}") as { readonly properties: Readonly<Record<string, unknown>> };
  expect(Object.keys(schema.properties).length).toBeGreaterThan(15);
  for (const key of Object.keys(schema.properties)) expect(reference, key).toContain(`| \`${key}\``);
});

test("an argument, a field and an enum's value are found in the schemas of departments, and what isn't there is not", async () => {
  const find = (coordinate: string): Promise<string | undefined> =>
    findInSchemas(join(root, "schema"), ["nobody", "housing", "transport"], coordinate);
  const place = async (department: string, text: string): Promise<string> => {
    const file = join(root, "schema", "departments", `${department}.graphql`);
    return `${file}:${await lineOf(file, text)}`;
  };
  expect(await find("Query.vehicle(mark:)")).toBe(await place("transport", "vehicle(mark: ID!)"));
  expect(await find("Query.prhApplication")).toBe(await place("housing", "prhApplication(number: ID!)"));
  expect(await find("Query.vehicle(colour:)")).toBeUndefined();
  expect(await find("Shoe.size")).toBeUndefined();
});
