import { expect, test } from "vitest";
import { createCode, literal } from "../../gateway/core/code.ts";
import { fc } from "../services/fc.ts";

test("a literal is the value it was made of, and nothing more, whatever stands in it", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constantFrom('"); throw new Error("out"); ("', "\u2028\u2029\n\r", "$" + "{1}`", "\\", "*/", "</script>", "__proto__", "\ud800"),
  );
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 5 }), (values) => {
      const code = createCode();
      code.declare(`const all = [${values.map(literal).join(", ")}];`);
      expect(code.compile<unknown>("all")).toEqual(values);
    }),
  );
});

test("a text refers to values themselves, each by one name", () => {
  const code = createCode();
  const bytes = Buffer.from("a");
  const double = (value: number): number => value * 2;
  const name = code.refer(double);
  expect(code.refer(double)).toBe(name);
  expect(code.refer(bytes)).not.toBe(name);
  code.declare(`function run(value) { return [${name}(value), ${code.refer(bytes)}]; }`);
  const run = code.compile<(value: number) => [number, Buffer]>("run");
  expect(run(21)[0]).toBe(42);
  expect(run(21)[1]).toBe(bytes);
});

test("names are never given twice, and texts are strict", () => {
  const code = createCode();
  const names = Array.from({ length: 100 }, () => code.fresh("step"));
  expect(new Set(names).size).toBe(100);
  code.declare("function run() { return this; }");
  expect(code.compile<() => unknown>("run")()).toBeUndefined();
});
