import { expect, test } from "vitest";
import { type Json, toCanonicalText } from "../../gateway/audit/canonical.ts";
import { fc } from "../services/fc.ts";

test("a number that JSON can't hold is refused", () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, [1, Number.NEGATIVE_INFINITY]]) {
    expect(() => toCanonicalText(value)).toThrow(TypeError);
  }
});

test("the example of RFC 8785 section 3.2.2 comes out as section 3.2.3 prints it", () => {
  const value = {
    numbers: [Number("333333333.33333329"), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
    literals: [null, true, false],
  };
  expect(toCanonicalText(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test("properties are sorted by UTF-16 code units, as in RFC 8785 section 3.2.3, and number-like names are no exception", () => {
  const value = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "10": 5, "9": 6, "\ud83d\ude00": 7, "\u0080": 8, "\u00f6": 9 };
  expect(Object.values(JSON.parse(toCanonicalText(value)))).toHaveLength(9);
  expect([...toCanonicalText(value).matchAll(/:(\d)/g)].map((match) => Number(match[1]))).toEqual([2, 4, 5, 6, 8, 9, 1, 7, 3]);
});

test("absent properties are left out, and names of Object.prototype are names like others", () => {
  expect(toCanonicalText({ b: undefined, a: [undefined as unknown as null].length, ["__proto__"]: "x" })).toBe('{"__proto__":"x","a":1}');
});

test("the text parses to the same value, and does not depend on the order of properties", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = toCanonicalText(value);
      // JSON has no negative zero, so the comparison is on text.
      expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(JSON.parse(JSON.stringify(sortDeep(value)))));
      expect(toCanonicalText(reverseDeep(value) as Json)).toBe(text);
    }),
  );
});

function mapObject(value: unknown, order: (names: string[]) => string[], inner: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(inner);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const result: Record<string, unknown> = Object.create(null);
  for (const name of order(Object.keys(value))) {
    result[name] = inner((value as Record<string, unknown>)[name]);
  }
  return result;
}

function sortDeep(value: unknown): unknown {
  return mapObject(value, (names) => names.sort(), sortDeep);
}

function reverseDeep(value: unknown): unknown {
  return mapObject(value, (names) => names.reverse(), reverseDeep);
}
