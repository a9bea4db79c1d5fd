import { buildSchema, type GraphQLLeafType } from "graphql";
import { expect, test } from "vitest";
import { quote } from "../../gateway/core/quote.ts";
import { leafWriterOf } from "../../gateway/project/leaf.ts";
import { maskWriter } from "../../gateway/project/mask.ts";
import { fc } from "../services/fc.ts";

const schema = buildSchema(
  `scalar Date scalar Money enum Colour { RED } type Query { q: Date r: Money s: Colour i: ID f: Float b: Boolean n: Int }`,
);

function writer(name: string): ReturnType<typeof leafWriterOf> {
  return leafWriterOf(schema.getType(name) as GraphQLLeafType);
}

test("a value that does not fit its type is not written", () => {
  const wrong: [string, unknown][] = [
    ["Int", 1.5],
    ["Int", 2_147_483_648],
    ["Int", "1"],
    ["Int", true],
    ["Float", "1"],
    ["Float", Number.POSITIVE_INFINITY],
    ["String", 1],
    ["String", { toString: "x" }],
    ["ID", 1.5],
    ["ID", {}],
    ["Boolean", "true"],
    ["Colour", "BLUE"],
    ["Colour", "__proto__"],
    ["Date", () => "x"],
  ];
  for (const [type, value] of wrong) expect(writer(type)(value), `${type} ${typeof value}`).toBeUndefined();
});

test("what fits is written as JSON", () => {
  expect(writer("Int")(-5)).toBe("-5");
  expect(writer("Float")(1e21)).toBe("1e+21");
  expect(writer("ID")(7)).toBe('"7"');
  expect(writer("Colour")("RED")).toBe('"RED"');
  expect(writer("Date")({ deep: [1] })).toBe('{"deep":[1]}');
});

test("any string is quoted as JSON.stringify would", () => {
  const units = fc.array(fc.oneof(fc.integer({ min: 0, max: 127 }), fc.integer({ min: 0, max: 65_535 })), { maxLength: 80 });
  fc.assert(
    fc.property(units, (codes) => {
      const text = String.fromCharCode(...codes);
      return quote(text) === JSON.stringify(text);
    }),
    { numRuns: 1_000 },
  );
});

test("a masked value never leaves in clear, even when it is too short to hide", () => {
  const keep = maskWriter({ kind: "keep", first: 0, last: 2 }, writer("ID"));
  expect(keep("AB1234")).toBe('"****34"');
  expect(keep("34")).toBe('"**"');
  expect(keep("")).toBe('""');
  expect(keep({})).toBeUndefined();
});

test("a date becomes its year, and what is no date does not leave", () => {
  const year = maskWriter({ kind: "year" }, writer("Date"));
  expect(year("1985-04-02")).toBe('"1985"');
  expect(year("04/02/1985")).toBeUndefined();
  expect(year(1985)).toBeUndefined();
});

test("a number becomes its band, half-open, and one outside all bands does not leave", () => {
  const band = maskWriter(
    {
      kind: "band",
      bands: [
        { name: "low", from: undefined, until: 100 },
        { name: "high", from: 100, until: 1_000 },
      ],
    },
    writer("Money"),
  );
  expect(band("99")).toBe('"low"');
  expect(band("100")).toBe('"high"');
  expect(band("1000")).toBeUndefined();
  expect(band("")).toBeUndefined();
  expect(band("many")).toBeUndefined();
});
