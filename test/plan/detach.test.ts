import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { afterEach, describe, expect, test } from "vitest";
import { detachFields } from "../../gateway/plan/detach.ts";
import { createPlanEngine, trueGraph } from "../../gateway/plan/engine.ts";
import { startFederation, type TestFederation } from "../federation/harness.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@external", "@interfaceObject", "@shareable"])\n`;

function compose(parts: Readonly<Record<string, string>>): string {
  const { supergraphSdl, errors } = composeServices(
    Object.entries(parts).map(([name, sdl]) => ({ name, url: `http://${name}.invalid/`, typeDefs: parse(link + sdl) })),
  );
  if (supergraphSdl === undefined) throw new Error(errors?.map(({ message }) => message).join("\n"));
  return supergraphSdl;
}

/** The good's own subgraph knows neither key of `post`, and the input is another's. */
const goods = {
  shop: `type Query { good: Good } type Good @key(fields: "code") { code: String! }`,
  depot: `type Good @key(fields: "id") @key(fields: "code") { id: ID! code: String! size: Size } type Size { long: Int }`,
  post: `type Good @key(fields: "id code") { id: ID! code: String! size: Size @external postage: Int @requires(fields: "size { long }") } type Size { long: Int @external }`,
};

const media = {
  films: `type Query { film: Film } type Film @key(fields: "code") { code: String! }`,
  home: `interface Media @key(fields: "id") { id: ID! title: String }
    type Film implements Media @key(fields: "id") @key(fields: "code") { id: ID! code: String! title: String length: Int }
    type Book implements Media @key(fields: "id") { id: ID! title: String }`,
  ratings: `type Query { best: [Media!] } type Media @interfaceObject @key(fields: "id") { id: ID! title: String @external score: Int @requires(fields: "title") next: Media }`,
};

const open: TestFederation[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((federation) => federation.close()));
});

describe("a computed field that the planner finds no plan for", () => {
  const operation = "{ good { postage } }";

  test("is planned where its inputs are keys", async () => {
    const engine = createPlanEngine(compose(goods));
    const request = { text: operation, operationName: undefined, labels: [], roll: 0 };
    await expect(engine.plan({ ...request, graph: trueGraph }, 1_000)).rejects.toThrow("Failed to plan");
    expect(JSON.stringify(await engine.plan({ ...request, graph: 3 }, 1_000))).toContain('"serviceName":"post"');
    expect(JSON.stringify(await engine.plan({ ...request, graph: 3 }, 1_000))).not.toContain("ANNEX");
  });

  test("is computed from its inputs", async () => {
    const federation = await startFederation({
      shop: { sdl: goods.shop, resolvers: { Query: { good: () => ({ code: "c" }) } } },
      depot: { sdl: goods.depot, resolvers: { Good: { __resolveReference: () => ({ id: "1", code: "c", size: { long: 7 } }) } } },
      post: {
        sdl: goods.post,
        resolvers: {
          Good: {
            __resolveReference: (good: object) => good,
            postage: ({ id, size }: { id: string; size?: { long: number } }) => (id === "1" ? (size?.long ?? -1) * 10 : -2),
          },
        },
      },
    });
    open.push(federation);
    const { data, problems, calls } = await federation.ask(operation);
    expect({ data, problems }).toEqual({ data: { good: { postage: 70 } }, problems: [] });
    expect(calls.map(({ subgraph }) => subgraph)).toEqual(["shop", "depot", "post"]);
  });
});

describe("a computed field of an interface object", () => {
  async function library(): Promise<TestFederation> {
    const film = { __typename: "Film", id: "f1", code: "c", title: "Tides", length: 90 };
    const federation = await startFederation({
      films: { sdl: media.films, resolvers: { Query: { film: () => ({ code: "c" }) } } },
      home: {
        sdl: media.home,
        resolvers: {
          Media: {
            __resolveType: ({ id }: { id: string }) => (id === "f1" ? "Film" : "Book"),
            __resolveReference: ({ id }: { id: string }) => (id === "f1" ? film : { __typename: "Book", id, title: "Ferries!" }),
          },
          Film: { __resolveReference: () => film },
          Book: { __resolveReference: ({ id }: { id: string }) => ({ __typename: "Book", id, title: "Ferries!" }) },
        },
      },
      ratings: {
        sdl: media.ratings,
        resolvers: {
          Query: { best: () => [{ id: "f1" }, { id: "b1" }] },
          Media: {
            __resolveReference: (reference: object) => reference,
            score: ({ title }: { title?: string }) => title?.length ?? -1,
            next: ({ id }: { id: string }) => ({ id: id === "f1" ? "b1" : "f1" }),
          },
        },
      },
    });
    open.push(federation);
    return federation;
  }

  test("stands beside fields of the object's own, with other keys between", async () => {
    const federation = await library();
    const { data, problems } = await federation.ask("{ film { length score next { title score ... on Book { next { id score } } } } }");
    expect(problems).toEqual([]);
    expect(data).toEqual({ film: { length: 90, score: 5, next: { title: "Ferries!", score: 8, next: { id: "f1", score: 5 } } } });
  });

  test("is never asked for without its inputs where its own subgraph gives the objects", async () => {
    const federation = await library();
    const { data, problems } = await federation.ask("{ best { ... on Film { score } ... on Book { id score } } }");
    expect({ data, problems }).toEqual({ data: { best: [{ score: 5 }, { id: "b1", score: 8 }] }, problems: [] });
  });

  test("is asked for of each type what was asked of it", async () => {
    const federation = await library();
    const { data, calls } = await federation.ask("{ best { ... on Film { one: score length } ... on Book { id two: score } } }");
    expect(data).toEqual({
      best: [
        { one: 5, length: 90 },
        { id: "b1", two: 8 },
      ],
    });
    for (const { subgraph, query } of calls) if (subgraph === "ratings") expect(query).not.toMatch(/\.\.\.\s*on (Film|Book)/);
  });
});

test("what must not be detached is left as it is", () => {
  const own = `type Good @key(fields: "id") { id: ID! size: Int @external `;
  const depot = `type Query { good: Good } type Good @key(fields: "id") { id: ID! size: Int }`;
  expect(detachFields(compose({ depot }), "inputs")).toBeUndefined();
  expect(detachFields(compose({ depot, post: `${own} postage: Int @requires(fields: "size") }` }), "inputs")?.sdl).toContain("ANNEX");
  // Objects of the field's own type would be asked for the field without inputs.
  expect(detachFields(compose({ depot, post: `${own} like: Good @requires(fields: "size") }` }), "inputs")).toBeUndefined();
  const priced = `type Query { good: Good } type Good @key(fields: "id") { id: ID! size(x: Int): Int }`;
  const post = `type Good @key(fields: "id") { id: ID! size(x: Int): Int @external postage: Int @requires(fields: "size(x: 1)") }`;
  expect(detachFields(compose({ priced, post }), "inputs")).toBeUndefined();
});
