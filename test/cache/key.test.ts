import { type FieldNode, parse } from "graphql";
import { expect, test } from "vitest";
import { tagValue, writeArguments } from "../../gateway/cache/arguments.ts";
import { canonicalText, encodeKey, type KeyPart } from "../../gateway/cache/key.ts";
import { fc } from "../services/fc.ts";

const text = fc.oneof(fc.string({ unit: "binary", maxLength: 6 }), fc.constantFrom("", "1", "null", "a1:b", "1:", "s1:a", "\0"));
const parts: fc.Arbitrary<KeyPart[]> = fc.array(fc.tuple(fc.constantFrom("s", "h", "k"), text), { maxLength: 4 });

test("different lists of parts never make one key, and no key is the beginning of another's with something behind", () => {
  fc.assert(
    fc.property(parts, parts, text, (one, other, rest) => {
      const isSame = JSON.stringify(one) === JSON.stringify(other);
      expect(encodeKey(one) === encodeKey(other)).toBe(isSame);
      // Keys of records are such a beginning with the record's own text behind it; beginnings have one number of parts.
      if (one.length === other.length && !isSame) expect(encodeKey(one) + rest).not.toBe(encodeKey(other) + rest);
    }),
    { numRuns: 3_000 },
  );
});

test("values of different types are different texts, and equal values equal ones, whatever the order of their members", () => {
  const values = [
    1,
    "1",
    true,
    "true",
    null,
    "null",
    [],
    {},
    [null],
    ["null"],
    [[]],
    { a: 1 },
    { a: "1" },
    { a: null },
    { b: 1 },
    "",
    0,
    -1,
    1.5,
  ];
  expect(new Set(values.map(canonicalText)).size).toBe(values.length);
  expect(canonicalText({ b: 1, a: [{ d: 1, c: null }] })).toBe(canonicalText({ a: [{ c: null, d: 1 }], b: 1 }));
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      const isSame = canonicalText(one) === canonicalText(other);
      // JSON has one zero.
      if (isSame) expect(JSON.parse(canonicalText(one))).toEqual(JSON.parse(canonicalText(other)));
      expect(canonicalText(JSON.parse(canonicalText(one)))).toBe(canonicalText(one));
    }),
  );
});

function argumentsOf(field: string, variables: Record<string, unknown> = {}): string {
  const [definition] = parse(`query ($a: X, $b: X, $c: X) { ${field} }`).definitions;
  const node = definition?.kind === "OperationDefinition" ? definition.selectionSet.selections[0] : undefined;
  return writeArguments((node as FieldNode).arguments ?? [], variables);
}

test("arguments meet in one text where they surely mean the same, and nowhere else", () => {
  const same: [string, Record<string, unknown>, string, Record<string, unknown>][] = [
    ["f(x: 1, y: 2)", {}, "f(y: 2, x: 1)", {}],
    ["f(x: $a)", { a: "s" }, 'f(x: "s")', {}],
    ["f(x: $a)", { a: { q: 1, p: [true, null] } }, "f(x: { p: [true, null], q: 1 })", {}],
    ["f(x: { q: $a })", { a: 5 }, "f(x: { q: 5 })", {}],
    ["f(x: $a)", {}, "f", {}],
    ['f(x: """block""")', {}, 'f(x: "block")', {}],
  ];
  for (const [one, values, other, others] of same) expect(argumentsOf(one, values)).toBe(argumentsOf(other, others));
  const texts = [
    "1",
    '"1"',
    "1.0",
    "true",
    '"true"',
    "null",
    '"null"',
    "A",
    '"A"',
    "[1]",
    "[[1]]",
    "{ a: 1 }",
    '{ a: "1" }',
    "[]",
    "{}",
    '"e"',
    "e",
  ];
  expect(new Set(texts.map((value) => argumentsOf(`f(x: ${value})`))).size).toBe(texts.length);
  expect(argumentsOf("f(x: [$a])")).not.toBe(argumentsOf("f(x: [])"));
  expect(argumentsOf("f(x: $a)", { a: null })).not.toBe(argumentsOf("f"));
});

test("tags hold arguments' values as a department writes them", () => {
  const [definition] = parse(`query ($a: X) { f(s: "it", n: 5, v: $a) }`).definitions;
  const node = definition?.kind === "OperationDefinition" ? definition.selectionSet.selections[0] : undefined;
  expect((node as FieldNode).arguments?.map(({ value }) => tagValue(value, { a: "v1" }))).toEqual(["it", "5", "v1"]);
});
