import { expect, test } from "vitest";
import { holds, type PlainComparison } from "../../policies/engine/holds.ts";
import type { Operand } from "../../policies/engine/words.ts";

const moment = { today: "2026-11-24", caseReference: undefined };
const literal = (value: string | number | boolean): Operand => ({ kind: "literal", value });

test.each<[PlainComparison, unknown]>([
  [{ kind: "is", operands: [literal("a")] }, null],
  [{ kind: "is", operands: [literal("a")] }, undefined],
  [{ kind: "is", operands: [literal("a")] }, ["a"]],
  [{ kind: "is", operands: [literal("true")] }, true],
  [{ kind: "is", operands: [literal(1)] }, "1"],
  [{ kind: "is", operands: [literal("1.5")] }, 1.5],
  [{ kind: "is", operands: [{ kind: "case" }] }, undefined],
  [{ kind: "is", operands: [{ kind: "case" }] }, "undefined"],
  [{ kind: "has", operands: [literal("a")] }, "a"],
  [{ kind: "has", operands: [literal("a")] }, [["a"], null]],
  [{ kind: "from", operand: { kind: "today" } }, "2026-11-23"],
  [{ kind: "from", operand: { kind: "today" } }, "2026-11-24T00:00:00Z"],
  [{ kind: "from", operand: literal(5) }, "6"],
  [{ kind: "from", operand: literal(5) }, Number.NaN],
  [{ kind: "from", operand: { kind: "case" } }, "2026-11-24"],
  [{ kind: "until", operand: { kind: "today" } }, "2026-11-24"],
  [{ kind: "until", operand: literal(5) }, 5],
  [{ kind: "until", operand: { kind: "today" } }, null],
])("%o does not hold of %o", (comparison, value) => {
  expect(holds(comparison, value, moment)).toBe(false);
});

test.each<[PlainComparison, unknown]>([
  [{ kind: "is", operands: [literal("a"), literal("b")] }, "b"],
  [{ kind: "is", operands: [literal("17")] }, 17],
  [{ kind: "is", operands: [literal(false)] }, false],
  [{ kind: "has", operands: [literal("b"), literal("a")] }, [null, "a"]],
  [{ kind: "from", operand: { kind: "today" } }, "2026-11-24"],
  [{ kind: "from", operand: literal(5) }, 5],
  [{ kind: "until", operand: { kind: "today" } }, "2026-11-23"],
  [{ kind: "until", operand: literal(5) }, 4.9],
])("%o holds of %o", (comparison, value) => {
  expect(holds(comparison, value, moment)).toBe(true);
});
