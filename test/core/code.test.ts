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
      const all = code.define("all", [], `return [${values.map(literal).join(", ")}];`);
      expect(code.compile<() => unknown>(all)()).toEqual(values);
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
  const run = code.compile<(value: number) => [number, Buffer]>(
    code.define("run", ["value"], `return [${name}(value), ${code.refer(bytes)}];`),
  );
  expect(run(21)[0]).toBe(42);
  expect(run(21)[1]).toBe(bytes);
});

test("functions that are alike are one, and each may call itself", () => {
  const code = createCode();
  const countDown = code.define("step", ["left"], "return left === 0 ? [] : [left, ...self(left - 1)];");
  expect(code.define("other", ["left"], "return left === 0 ? [] : [left, ...self(left - 1)];")).toBe(countDown);
  expect(code.define("step", ["right"], "return right;")).not.toBe(countDown);
  const run = code.define("run", ["from"], `return [${countDown}(from), this];`);
  expect(code.compile<(from: number) => unknown>(run)(3)).toEqual([[3, 2, 1], undefined]);
});
