import { buildSchema, parse, type SelectionSetNode } from "graphql";
import { describe, expect, test } from "vitest";
import type { RequiredSelection } from "../../gateway/core/layout.ts";
import type { AskedKeys } from "../../gateway/plan/keys.ts";
import { widenRequires } from "../../gateway/plan/widen.ts";

const schema = buildSchema(`
  interface Media { id: ID! rating: Int }
  type Book implements Media { id: ID! rating: Int }
  type Film implements Media { id: ID! rating: Int }
  type Query { media: [Media!] }
`);

const key: RequiredSelection = { kind: "field", sourceKey: "id", name: "id", selections: undefined };

function selectionsOf(text: string): SelectionSetNode {
  const [operation] = parse(text).definitions;
  if (operation?.kind !== "OperationDefinition") throw new Error("No operation.");
  return operation.selectionSet;
}

/** `media` is asked for, and `rating` of objects of the given types below it. */
function asked(...parents: string[]): AskedKeys {
  const below: AskedKeys = new Map([["rating", { depth: 0, parents: new Set(parents), below: new Map() }]]);
  return new Map([["media", { depth: 1, parents: new Set(["Query"]), below }]]);
}

function widen(condition: string, selections: string, askedKeys: AskedKeys): readonly string[] {
  const requires: readonly RequiredSelection[] = [{ kind: "fragment", typeCondition: condition, selections: [key] }];
  const request = {
    responseKey: "_entities",
    variableName: "representations",
    paths: [[{ Field: "media" }, "@" as const]],
    requires,
    fixedValues: [],
    renames: [],
  };
  const wide = widenRequires({ request, selections: selectionsOf(selections), schema, askedKeys });
  return wide.map((each) => (each.kind === "fragment" ? each.typeCondition : each.name));
}

describe("representations of a call on an interface object", () => {
  test("are made of every type that the call's fields are asked of", () => {
    expect(widen("Book", "{ ... on Media { rating } }", asked("Book", "Film"))).toEqual(["Book", "Film"]);
    expect(widen("Book", "{ __typename ... on Media { rating } }", asked("Film"))).toEqual(["Book", "Film"]);
  });

  test("are made of all where the interface itself is asked", () => {
    expect(widen("Book", "{ ... on Media { rating } }", asked("Media"))).toEqual(["Media"]);
  });

  test("stay as they are where the call is about one type, or they are wide already", () => {
    expect(widen("Book", "{ ... on Book { rating } }", asked("Book", "Film"))).toEqual(["Book"]);
    expect(widen("Media", "{ ... on Media { rating } }", asked("Book"))).toEqual(["Media"]);
    expect(widen("Book", "{ ... on Media { rating } ... on Film { id } }", asked("Film"))).toEqual(["Book"]);
  });
});
