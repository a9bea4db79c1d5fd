import { describe, expect, it } from "vitest";
import { demandOf } from "../../gateway/access/demand.ts";
import { createVariableJudge, valueCoordinates } from "../../gateway/access/variables.ts";
import type { Entitlement } from "../../policies/engine/words.ts";
import { clear, entitle, read, refusalOf, schema, without } from "./sample.ts";

const text = "query($f: PetFilter, $o: Order = NAME, $r: ID) { person(ref: $r) { pets(filter: $f, order: $o) { name } } }";

function judge(entitlement: Entitlement | undefined, values: Record<string, unknown>): void {
  createVariableJudge(schema, clear(text, entitlement))(values);
}

describe("a variable's value", () => {
  it.each([
    ["an input field", { f: { income: 1 } }, "PetFilter.income"],
    ["an input field given null", { f: { income: null } }, "PetFilter.income"],
    ["an input field in a list", { f: { either: [{ name: "x" }, { income: 1 }] } }, "PetFilter.income"],
    ["an input field where one item stands for a list", { f: { either: { income: 1 } } }, "PetFilter.income"],
    ["an enum value", { o: "INCOME" }, "Order.INCOME"],
    ["an enum value in an input", { f: { order: "INCOME" } }, "Order.INCOME"],
  ])("that holds what is denied refuses the operation: %s", (_what, values, coordinate) => {
    const refused = refusalOf(() => judge(without(coordinate), values));
    expect(refused.code).toBe("UNAUTHORIZED_FIELD_OR_TYPE");
    expect(refused.facts["denied"]).toEqual([{ coordinate, reason: "ARGUMENT_NOT_ALLOWED" }]);
    expect(() => judge(entitle(), values)).not.toThrow();
    expect(() => judge(undefined, values)).not.toThrow();
  });

  it("that fits no type is left to coercion, whatever its keys", () => {
    expect(() => judge(entitle(), { f: 3, o: { a: 1 }, r: ["x"] })).not.toThrow();
    const refused = refusalOf(() => judge(entitle(), { f: JSON.parse('{"__proto__": 1, "constructor": 2}') as unknown }));
    expect(refused.facts["denied"]).toMatchObject([{ coordinate: "PetFilter.__proto__" }, { coordinate: "PetFilter.constructor" }]);
  });

  it("is not judged where only a withheld field uses it", () => {
    const entitlement = without("Person.pets", "Order.INCOME");
    const cleared = clear("query($o: Order) { person { name pets(order: $o) { name } } }", entitlement);
    expect(() => createVariableJudge(schema, cleared)({ o: "INCOME" })).not.toThrow();
  });

  it("of another name than the operation's variables is nobody's", () => {
    expect(() => judge(without("Order.INCOME"), { other: "INCOME" })).not.toThrow();
  });

  it("is read without recursion, so no depth can exhaust the stack", () => {
    const type = demandOf(schema, read(text), undefined).inputVariables.find(({ name }) => name === "f")?.type;
    const deep = JSON.parse(`${'{"either":'.repeat(50_000)}{"income":1}${"}".repeat(50_000)}`) as unknown;
    if (type === undefined) throw new Error("The variable has no type.");
    expect([...valueCoordinates(type, deep)]).toEqual(["PetFilter.either", "PetFilter.income"]);
  });
});

it("variables of scalar types hold no coordinates", () => {
  expect(demandOf(schema, read(text), undefined).inputVariables.map(({ name }) => name)).toEqual(["f", "o"]);
});
