import { afterAll, beforeAll, expect, test } from "vitest";
import { startFederation, type TestFederation } from "../federation/harness.ts";

/*
 * Stalls lead to two makers again and again. A maker's name comes from another department, and so do its marks, of which one has no label. What the
 * department of stalls itself says of a maker differs from stall to stall.
 */

const makers = ["m1", "m2", "m1", "m1", "m2"];

const nameOf = (id: string): string => `Maker “${id}”`;
const nextOf = (id: string): string => (id === "m1" ? "m2" : "m1");

function makerOf(id: string): object {
  const marks = [
    { label: `L-${id}`, code: 1 },
    { label: id === "m2" ? null : "second", code: 2 },
  ];
  return { id, name: nameOf(id), marks };
}

let federation: TestFederation;

beforeAll(async () => {
  federation = await startFederation({
    stalls: {
      sdl: `type Query { stalls: [Stall] } type Stall @key(fields: "id") { id: ID! maker: Maker } type Maker @key(fields: "id") { id: ID! seenAt: Int spot: Spot } type Spot { row: Int }`,
      resolvers: {
        Query: {
          stalls: () =>
            makers.map((id, index) => ({ id: `s${index}`, maker: { __typename: "Maker", id, seenAt: index, spot: { row: index } } })),
        },
      },
    },
    makers: {
      sdl: `type Maker @key(fields: "id") { id: ID! name: String marks: [Mark] next: Maker } type Mark { label: String! code: Int }`,
      resolvers: {
        Maker: {
          __resolveReference: ({ id }: { id: string }) => makerOf(id),
          next: ({ id }: { id: string }) => makerOf(nextOf(id)),
        },
      },
    },
    awards: {
      sdl: `type Maker @key(fields: "id") { id: ID! awards: [String] } type Stall @key(fields: "id") { id: ID! fee: Int! }`,
      resolvers: {
        Stall: { __resolveReference: ({ id }: { id: string }) => ({ id, fee: id === "s0" ? null : 7 }) },
        Maker: { __resolveReference: ({ id }: { id: string }) => ({ id, awards: [`best of ${id}`] }) },
      },
    },
  });
});

afterAll(() => federation.close());

test("an entity that is met again is written again with all that lies below it, and is asked for once", async () => {
  const { data, problems, calls } = await federation.ask("{ stalls { id maker { name next { id name awards } awards } } }");
  expect(data).toEqual({
    stalls: makers.map((id, index) => {
      const next = nextOf(id);
      return {
        id: `s${index}`,
        maker: { name: nameOf(id), next: { id: next, name: nameOf(next), awards: [`best of ${next}`] }, awards: [`best of ${id}`] },
      };
    }),
  });
  expect(problems).toEqual([]);
  const asked = calls.flatMap(({ variables }) => Object.values(variables)) as (readonly unknown[])[];
  expect(asked.map(({ length }) => length)).toEqual(asked.map(() => 2));
});

test("what differs from object to object of one entity is written as it is of each", async () => {
  const { data } = await federation.ask("{ stalls { maker { seenAt name } } }");
  expect(data).toEqual({ stalls: makers.map((id, index) => ({ maker: { seenAt: index, name: nameOf(id) } })) });
  const nested = await federation.ask("{ stalls { maker { spot { row } name } } }");
  expect(nested.data).toEqual({ stalls: makers.map((id, index) => ({ maker: { spot: { row: index }, name: nameOf(id) } })) });
});

test("a null that may not be is taken back wherever the entity is met, and what was written before stays right", async () => {
  const { data, problems } = await federation.ask("{ stalls { id maker { name marks { code label } awards } } }");
  expect(data).toEqual({
    stalls: makers.map((id, index) => ({
      id: `s${index}`,
      maker: {
        name: nameOf(id),
        marks: [{ code: 1, label: `L-${id}` }, id === "m2" ? null : { code: 2, label: "second" }],
        awards: [`best of ${id}`],
      },
    })),
  });
  expect(problems.map(({ path }) => path.join("."))).toEqual(["stalls.@.maker.marks.@.label"]);
});

test("what was taken back with the object around it is not written again", async () => {
  const { data } = await federation.ask("{ stalls { maker { name awards } fee } }");
  const whole = makers.map((id) => ({ maker: { name: nameOf(id), awards: [`best of ${id}`] }, fee: 7 }));
  expect(data).toEqual({ stalls: [null, ...whole.slice(1)] });
});
