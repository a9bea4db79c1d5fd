import { type ExecutionResult, graphql, parse } from "graphql";
import { describe, expect, test } from "vitest";
import type { HubCall } from "../../schema/contract.ts";
import type { Clearance } from "../../subgraphs/kit/clearance.ts";
import type { Department } from "../../subgraphs/kit/department.ts";
import { buildDepartmentSchema } from "../../subgraphs/kit/schema.ts";

const ran: string[] = [];

const department: Department = {
  name: "sample",
  resolvers: {
    Query: { one: () => ({ id: "1" }), many: () => [{ id: "1" }, { id: "2" }], open: () => "open" },
    Thing: {
      __resolveReference: (reference: object) => {
        ran.push("__resolveReference");
        return reference;
      },
      secret: ({ id }: { readonly id: string }) => {
        ran.push(`secret ${id}`);
        return `secret ${id}`;
      },
    },
  },
  createContext: () => ({}),
  close: () => Promise.resolve(),
};

const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { one: Named many: [Thing] open: String }
  interface Named { id: ID secret: String }
  type Thing implements Named @key(fields: "id") { id: ID secret: String note: String }
`);

const open = new Set(["Query.open", "Thing.note"]);
const schema = buildDepartmentSchema({ ...department, resolvers: withType(department.resolvers) }, typeDefs, (coordinate) =>
  open.has(coordinate),
);

function withType(resolvers: Department["resolvers"]): Department["resolvers"] {
  return { ...resolvers, Named: { __resolveType: () => "Thing" } };
}

const call: HubCall = { subgraph: "sample", bureau: "b", purpose: "p", entitlementId: "e", bundleHash: "h", casePatterns: [] };

function clear(...coordinates: string[]): Clearance {
  return { coordinates: new Set(["Query.open", "Thing.note", ...coordinates]), passed: new Set() };
}

async function ask(source: string, contextValue: object): Promise<ExecutionResult> {
  ran.length = 0;
  return graphql({ schema, source, contextValue });
}

const faults = ({ errors = [] }: ExecutionResult): unknown => errors.map(({ path, extensions }) => [path?.join("."), extensions["code"]]);

// Operations come here straight to the schema, as if neither fence had looked at them.
describe("the rules on a department's fields, by themselves,", () => {
  test("refuse every field at the root without a verified call, open ones too", async () => {
    for (const contextValue of [{}, { call }, { clearance: clear("Query.many", "Thing.secret") }]) {
      const answer = await ask("{ open one { id } many { secret } _service { sdl } }", contextValue);
      expect(faults(answer)).toEqual([
        ["open", "UNAUTHENTICATED"],
        ["one", "UNAUTHENTICATED"],
        ["many", "UNAUTHENTICATED"],
        ["_service", "UNAUTHENTICATED"],
      ]);
      expect(faults(await ask('{ _entities(representations: [{ __typename: "Thing" }]) { __typename } }', contextValue))).toEqual([
        ["_entities", "UNAUTHENTICATED"],
      ]);
      expect(ran).toEqual([]);
    }
  });

  test("refuse each governed field that the clearance doesn't hold, and answer the others", async () => {
    const { data, errors } = await ask("{ many { note id secret } }", { call, clearance: clear("Query.many", "Thing.id") });
    expect(JSON.parse(JSON.stringify(data))).toEqual({
      many: [
        { note: null, id: "1", secret: null },
        { note: null, id: "2", secret: null },
      ],
    });
    expect(errors?.map(({ extensions }) => extensions["coordinate"])).toEqual(["Thing.secret", "Thing.secret"]);
    expect(ran).toEqual([]);
  });

  test("refuse it under an alias, behind an interface, and of a reference", async () => {
    const contextValue = { call, clearance: clear("Query.one", "Query.many") };
    expect(faults(await ask("{ many { note: secret } }", contextValue))).toEqual([
      ["many.0.note", "FORBIDDEN"],
      ["many.1.note", "FORBIDDEN"],
    ]);
    expect(faults(await ask("{ one { secret } }", contextValue))).toEqual([["one.secret", "FORBIDDEN"]]);
    const reference = '{ _entities(representations: [{ __typename: "Thing", id: "1" }]) { ... on Thing { secret } } }';
    expect(faults(await ask(reference, contextValue))).toEqual([["_entities.0.secret", "FORBIDDEN"]]);
    expect(ran).toEqual(["__resolveReference"]);
  });

  test("refuse it under one clearance after they let it pass under another, the second time as well", async () => {
    const allowed = { call, clearance: clear("Query.many", "Thing.secret") };
    const denied = { call, clearance: clear("Query.many") };
    for (let time = 0; time < 3; time += 1) {
      // A context lives for one request, a clearance for many.
      expect((await ask("{ many { secret } }", { ...allowed })).data).toEqual({ many: [{ secret: "secret 1" }, { secret: "secret 2" }] });
      expect(ran).toEqual(["secret 1", "secret 2"]);
      expect(faults(await ask("{ many { secret } }", { ...denied }))).toEqual([
        ["many.0.secret", "FORBIDDEN"],
        ["many.1.secret", "FORBIDDEN"],
      ]);
      expect(ran).toEqual([]);
    }
    expect([...allowed.clearance.passed].toSorted()).toEqual(["Query.many", "Thing.secret"]);
    expect([...denied.clearance.passed]).toEqual(["Query.many"]);
  });
});
