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
import { readSupergraph } from "../../schema/supergraph.ts";
import { ANCHOR_APPLICATION, ANCHOR_MARK } from "../../subgraphs/kit/population/anchors.ts";

const folder = new URL("../../demo/operations/", import.meta.url);
const supergraph = readSupergraph(await readFile(new URL("../../schema/supergraph.graphql", import.meta.url), "utf8"));
const files = await readdir(folder);
const names = files.filter((file) => file.endsWith(".graphql")).map((file) => file.replace(".graphql", ""));

test("each operation file has its variables file and the cases 1, 3 and 7 are there", () => {
  expect(names).toEqual(expect.arrayContaining(["case1", "case3", "case7"]));
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
  ["case1", ["housing", "immigration", "lands", "revenue", "transport"]],
  ["case3", ["immigration", "transport"]],
  ["case7", ["census", "housing", "observatory", "transport"]],
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
