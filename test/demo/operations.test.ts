import { readdir, readFile } from "node:fs/promises";
import {
  type DocumentNode,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { getVariableValues } from "graphql/execution/values.js";
import { describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { demoCases, departmentCases } from "../../demo/cases.ts";
import { demoApplications, demoDesks } from "../../demo/identity/clients.ts";
import { readSupergraph } from "../../schema/supergraph.ts";
import { ANCHOR_ALLOWANCE, ANCHOR_APPLICATION, ANCHOR_COMPANY, ANCHOR_MARK, ANCHOR_STUDY } from "../../subgraphs/kit/population/anchors.ts";

const folder = new URL("../../demo/operations/", import.meta.url);
const supergraph = readSupergraph(await readFile(new URL("../../schema/supergraph.graphql", import.meta.url), "utf8"));
const files = await readdir(folder);
const names = files.filter((file) => file.endsWith(".graphql")).map((file) => file.replace(".graphql", ""));

test("each operation file has its variables file, and the demonstration asks each of them", () => {
  expect(names.toSorted()).toEqual([...demoCases, ...departmentCases].map(({ name }) => name).toSorted());
  expect(files.toSorted()).toEqual(names.flatMap((name) => [`${name}.graphql`, `${name}.variables.json`]).toSorted());
});

describe.each(names)("%s", (name) => {
  test("fits the hub's API schema", async () => {
    expect(validate(supergraph.apiSchema, await readOperation(name))).toEqual([]);
  });

  test("its variables fit the operation, none missing and none too many", async () => {
    const { definitions } = await readOperation(name);
    const [operation] = definitions as [OperationDefinitionNode];
    const variables = await readVariables(name);
    const declared = operation.variableDefinitions ?? [];
    expect(Object.keys(variables).toSorted()).toEqual(declared.map(({ variable }) => variable.name.value).toSorted());
    expect(getVariableValues(supergraph.apiSchema, declared, variables).errors).toBeUndefined();
  });
});

test("the variables name records that every population has", async () => {
  expect(await readVariables("case1")).toEqual({ number: ANCHOR_APPLICATION });
  expect(await readVariables("case3")).toEqual({ mark: ANCHOR_MARK });
  expect(await readVariables("case4")).toEqual({ number: ANCHOR_STUDY });
  expect(await readVariables("case5")).toEqual({ ubi: ANCHOR_COMPANY });
  expect(await readVariables("case6")).toEqual({ number: ANCHOR_ALLOWANCE });
});

test("the demonstration's callers may ask for the purposes of their questions", async () => {
  const registered = parseYaml(await readFile(new URL("../../policies/applications.yaml", import.meta.url), "utf8")) as {
    readonly applications: readonly { readonly client: string; readonly purposes: readonly string[] }[];
  };
  const secrets = new Set([...demoApplications, ...demoDesks].map(({ clientId }) => clientId));
  for (const { clientId, purpose } of [...demoCases, ...departmentCases]) {
    expect(secrets).toContain(clientId);
    expect(registered.applications.find(({ client }) => client === clientId)?.purposes).toContain(purpose);
  }
});

test("case 7 touches open data only", async () => {
  const coordinates = coordinatesOf(await readOperation("case7"));
  expect(coordinates.length).toBeGreaterThan(20);
  const levels = coordinates.map((coordinate) => [coordinate, supergraph.catalogue.fields.get(coordinate)?.classification]);
  expect(
    levels.filter(
      ([, classification]) => JSON.stringify(classification) !== JSON.stringify({ level: "OPEN", personal: false, identifier: "NONE" }),
    ),
  ).toEqual([]);
});

test.each([
  ["case1", ["companies", "housing", "immigration", "lands", "revenue", "transport"]],
  ["case2", ["housing", "lands"]],
  ["case3", ["immigration", "transport"]],
  ["case4", ["census", "education", "immigration", "revenue"]],
  ["case5", ["census", "companies", "environment", "housing", "lands"]],
  ["case6", ["immigration", "welfare"]],
  ["case7", ["census", "education", "environment", "health", "housing", "observatory", "transport"]],
])("%s needs exactly the departments %s", async (name, departments) => {
  const sole = coordinatesOf(await readOperation(name)).flatMap((coordinate) => {
    const owners = supergraph.catalogue.fields.get(coordinate)?.owners ?? [];
    return owners.length === 1 ? owners : [];
  });
  expect([...new Set(sole)].toSorted()).toEqual(departments);
});

async function readVariables(name: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(new URL(`${name}.variables.json`, folder), "utf8")) as Record<string, unknown>;
}

async function readOperation(name: string): Promise<DocumentNode> {
  return parse(await readFile(new URL(`${name}.graphql`, folder), "utf8"));
}

function coordinatesOf(document: DocumentNode): readonly string[] {
  const found = new Set<string>();
  const types = new TypeInfo(supergraph.apiSchema);
  visit(
    document,
    visitWithTypeInfo(types, {
      enter: (node) => {
        const parent = types.getParentType();
        if (node.kind === Kind.FIELD && isObjectType(parent)) found.add(`${parent.name}.${node.name.value}`);
      },
    }),
  );
  return [...found];
}
