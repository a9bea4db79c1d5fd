import { afterAll, beforeAll, expect, test } from "vitest";
import { startFederation, type TestFederation } from "../federation/harness.ts";

/*
 * Parcels are known by a ward and a number, and a mark that may be any JSON: several share a ward. Two lists hold them, so that two ways lead to them. The
 * other department answers with what it was asked for.
 */

interface Parcel {
  readonly ward: string | null;
  readonly number: unknown;
  readonly mark?: unknown;
}

let parcels: readonly Parcel[] = [];
let federation: TestFederation;

beforeAll(async () => {
  federation = await startFederation({
    lands: {
      sdl: `scalar Any type Query { first: [Parcel] second: [[Parcel]] } type Parcel @key(fields: "ward number") { ward: String number: Any mark: Any }`,
      resolvers: { Query: { first: () => parcels, second: () => [parcels.toReversed(), null] } },
    },
    taxes: {
      sdl: `scalar Any type Parcel @key(fields: "ward number") { ward: String number: Any mark: Any @external tax: String @requires(fields: "mark") due: String }`,
      resolvers: {
        Parcel: {
          tax: ({ ward, number, mark }: Parcel) => JSON.stringify([ward, number, mark]),
          due: ({ ward, number }: Parcel) => JSON.stringify([ward, number]),
        },
      },
    },
  });
});

afterAll(() => federation.close());

/** Asks for all parcels, and tells what the other department was asked about. */
async function ask(field: "tax" | "due", given: readonly Parcel[]): Promise<readonly unknown[]> {
  parcels = given;
  const { data, problems, calls } = await federation.ask(`{ first { ${field} } second { ${field} } }`);
  expect(problems).toEqual([]);
  const texts = given.map(({ ward, number, mark }) => ({
    [field]: JSON.stringify(field === "tax" ? [ward, number, mark] : [ward, number]),
  }));
  expect(data).toEqual({ first: texts, second: [texts.toReversed(), null] });
  const asked = calls.flatMap(({ variables }) => Object.values(variables).flat());
  expect(new Set(asked.map((one) => JSON.stringify(one))).size).toBe(asked.length);
  return asked;
}

test("entities that share a leaf are told apart by the others, and each is asked for once", async () => {
  const given = [1, 2, 1, "1", "2", true, "true", 1.5, -0].map((number) => ({ ward: "Sha Tin", number }));
  const asked = await ask("due", [...given, { ward: "Tai Po", number: 1 }, { ward: "“沙田”", number: 2 }]);
  const expected = [
    ...[1, 2, "1", "2", true, "true", 1.5, 0].map((number) => ({ __typename: "Parcel", ward: "Sha Tin", number })),
    { __typename: "Parcel", ward: "Tai Po", number: 1 },
    { __typename: "Parcel", ward: "“沙田”", number: 2 },
  ];
  expect(new Set(asked.map((one) => JSON.stringify(one)))).toEqual(new Set(expected.map((one) => JSON.stringify(one))));
});

test("a leaf that is null or an object is part of what an entity is known by", async () => {
  const asked = await ask("tax", [
    { ward: "Sha Tin", number: 1, mark: { corner: [1, 2] } },
    { ward: "Sha Tin", number: 1, mark: { corner: [1, 2] } },
    { ward: "Sha Tin", number: 1, mark: { corner: [1, 3] } },
    { ward: "Sha Tin", number: 1, mark: null },
    { ward: "Sha Tin", number: 1, mark: "{}" },
    { ward: null, number: "Sha Tin", mark: 1 },
    { ward: null, number: "Sha Tin", mark: 1 },
    { ward: null, number: 7, mark: null },
  ]);
  expect(asked.length).toBe(6);
});
