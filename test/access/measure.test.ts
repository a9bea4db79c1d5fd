import { buildSchema, getIntrospectionQuery, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import { checkLimits, checkVariables, measureOperation } from "../../gateway/access/measure.ts";
import { defaultLimits, type LimitName } from "../../gateway/core/limits.ts";
import { refusalOf, schema } from "./sample.ts";

const limits = defaultLimits();

function measure(text: string, operationName?: string): ReturnType<typeof measureOperation> {
  return measureOperation(parse(text), operationName);
}

/** A text that doubles with each of its fragments. */
function bomb(levels: number): string {
  const fragments = Array.from({ length: levels }, (_, index) => `fragment F${index} on Q{a{...F${index + 1}}b{...F${index + 1}}}`);
  return `{...F0}${fragments.join("")}fragment F${levels} on Q{c}`;
}

describe("what is over a limit", () => {
  const cases: readonly (readonly [LimitName, string, number])[] = [
    ["tokensMax", `{${"a ".repeat(limits.tokensMax)}}`, limits.tokensMax + 2],
    ["depthMax", `${"{a".repeat(limits.depthMax + 1)}${"}".repeat(limits.depthMax + 1)}`, limits.depthMax + 1],
    ["depthMax", `{...F} fragment F on Q ${"{a".repeat(limits.depthMax + 1)}${"}".repeat(limits.depthMax + 1)}`, limits.depthMax + 1],
    ["valueDepthMax", `{a(x: ${"[".repeat(limits.valueDepthMax + 1)}${"]".repeat(limits.valueDepthMax + 1)})}`, limits.valueDepthMax + 1],
    [
      "valueDepthMax",
      `query($x: I = ${"{a:".repeat(limits.valueDepthMax)}{}${"}".repeat(limits.valueDepthMax)}) {a}`,
      limits.valueDepthMax + 1,
    ],
    ["aliasesMax", `{a{${Array.from({ length: limits.aliasesMax + 1 }, (_, index) => `k${index}:b`).join(" ")}}}`, limits.aliasesMax + 1],
    [
      "aliasesMax",
      `{a{...F ...F}} fragment F on Q {${Array.from({ length: limits.aliasesMax / 2 + 1 }, (_, index) => `k${index}:b`).join(" ")}}`,
      limits.aliasesMax + 2,
    ],
    [
      "rootFieldsMax",
      `{...F} fragment F on Q {${Array.from({ length: limits.rootFieldsMax + 1 }, (_, index) => `a${index}`).join(" ")}}`,
      limits.rootFieldsMax + 1,
    ],
    [
      "selectionsMax",
      `{a{${Array.from({ length: limits.selectionsMax }, (_, index) => `a${index}`).join(" ")}}}`,
      limits.selectionsMax + 1,
    ],
    ["repeatsMax", `{a{${"b ".repeat(limits.repeatsMax + 1)}}}`, limits.repeatsMax + 1],
    ["repeatsMax", `{a{${"... on Q {b} ".repeat(limits.repeatsMax + 1)}}}`, limits.repeatsMax + 1],
    ["directivesMax", `{a ${"@x ".repeat(limits.directivesMax + 1)}}`, limits.directivesMax + 1],
    ["listSizeMax", `{a(x: [${"1 ".repeat(limits.listSizeMax + 1)}])}`, limits.listSizeMax + 1],
  ];

  it.each(cases)("is refused by the name of the limit, with the value and what to do: %s (%#)", (limit, text, value) => {
    const refused = refusalOf(() => checkLimits(measure(text), limits));
    expect(refused.code).toBe("OPERATION_LIMIT");
    expect(refused.facts).toMatchObject({ limit, value, max: limits[limit] });
    expect(refused.facts["how"]).toContain("higher limit");
    expect(refused.message).toContain(`\`${limit}\``);
  });

  it("is told by a higher limit that lets it through", () => {
    const text = `{a{${"b ".repeat(limits.repeatsMax + 1)}}}`;
    expect(() => checkLimits(measure(text), { ...limits, repeatsMax: limits.repeatsMax + 1 })).not.toThrow();
  });
});

describe("fragments", () => {
  it("are counted where they are used, though each is read once", () => {
    expect(measure("{a{...F} b{...F}} fragment F on Q {c d{e}}")).toMatchObject({ depth: 3, selections: 8, rootFields: 2, aliases: 0 });
  });

  it("that double at each level are refused, also when the fields they stand for are more than could be counted", () => {
    expect(measure(bomb(3)).selections).toBe(2 + 4 + 8 + 8);
    for (const levels of [14, 18, 60, 200]) {
      const refused = refusalOf(() => checkLimits(measure(bomb(levels)), { ...limits, depthMax: 1_000, tokensMax: 100_000 }));
      expect(refused.facts["limit"]).toBe("selectionsMax");
      expect(refused.facts["value"]).toBeLessThanOrEqual(1_000_000_000);
    }
  });

  it("that spread themselves or nothing have no size: validation is what refuses them", () => {
    expect(measure("{...F} fragment F on Q {a ...G} fragment G on Q {b ...F}")).toMatchObject({ selections: 2, depth: 1 });
    expect(measure("{a ...Nothing}")).toMatchObject({ selections: 1 });
  });

  it("that nothing uses count for what validation has to read", () => {
    const text = `{a} fragment F on Q {${"b ".repeat(150)} c(x: [1 2 3]) @x d{e{f}}}`;
    expect(measure(text)).toMatchObject({ repeats: 150, listSize: 3, directives: 1, depth: 3, selections: 1 });
  });

  it("that one set spreads several times are compared once", () => {
    expect(measure("{...F ...F ...F} fragment F on Q {a a}").repeats).toBe(2);
  });
});

describe("a document with several operations", () => {
  const text = "query A {a} query B {b c d{e{f}}}";

  it("counts what runs for the operation that is named, and depth for all", () => {
    expect(measure(text, "A")).toMatchObject({ rootFields: 1, selections: 1, depth: 3 });
    expect(measure(text, "B")).toMatchObject({ rootFields: 3, selections: 5, depth: 3 });
  });

  it("counts the largest when none is named", () => {
    expect(measure(text)).toMatchObject({ rootFields: 3, selections: 5 });
    expect(measure(text, "")).toMatchObject({ rootFields: 3, selections: 5 });
  });
});

it("the tokens are those that the parser counted", () => {
  expect(measure("{ a(x: 1) }").tokens).toBe(8);
  expect(measureOperation({ ...parse("{ a }") }, undefined).tokens).toBeUndefined();
});

it("nothing is read so deeply that it could exhaust the stack", () => {
  // Built by hand, since the parser gives up far earlier.
  let set = parse("{a}").definitions[0];
  for (let index = 0; index < 20_000; index += 1) {
    if (set?.kind !== "OperationDefinition") throw new Error("unreachable");
    const selection = { kind: "Field", name: { kind: "Name", value: "a" }, selectionSet: set.selectionSet } as never;
    set = { ...set, selectionSet: { ...set.selectionSet, selections: [selection] } };
  }
  if (set === undefined) throw new Error("unreachable");
  expect(measureOperation({ kind: "Document", definitions: [set] } as never, undefined).depth).toBe(1_000_000_000);
});

describe("the explorer's own introspection query", () => {
  const text = getIntrospectionQuery({
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  });

  it("is within the limits and valid", () => {
    expect(() => checkLimits(measure(text), limits)).not.toThrow();
    expect(validate(schema, parse(text))).toEqual([]);
  });

  it("leaves room for schemas and tools that ask a little more", () => {
    const { depth, selections, tokens = 0 } = measure(text);
    expect(depth * 1.5).toBeLessThan(limits.depthMax);
    expect(selections * 5).toBeLessThan(limits.selectionsMax);
    expect(tokens * 5).toBeLessThan(limits.tokensMax);
  });
});

describe("variables", () => {
  it.each([
    ["valueDepthMax", { x: JSON.parse(`${"[".repeat(limits.valueDepthMax + 1)}${"]".repeat(limits.valueDepthMax + 1)}`) as unknown }],
    ["valueDepthMax", { x: JSON.parse(`${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`) as unknown }],
    ["listSizeMax", { x: { y: Array.from({ length: limits.listSizeMax + 1 }, () => 1) } }],
  ])("over a limit are refused: %s", (limit, variables) => {
    const refused = refusalOf(() => checkVariables(variables, limits));
    expect(refused.code).toBe("OPERATION_LIMIT");
    expect(refused.facts["limit"]).toBe(limit);
  });

  it("within the limits pass", () => {
    expect(() => checkVariables({ a: null, b: [1, "x", { c: [] }], d: true }, limits)).not.toThrow();
    expect(() => checkVariables({ refs: Array.from({ length: limits.listSizeMax }, String) }, limits)).not.toThrow();
  });
});

it("validation of what the limits let through compares no more than some thousand pairs of fields", () => {
  // The worst that fits: as many keys as there is room for, each as often as allowed.
  const keys = Array.from({ length: 12 }, (_, index) => `k${index}: a { b } `.repeat(limits.repeatsMax)).join("");
  const refused = refusalOf(() => checkLimits(measure(`{ x: a { ${keys} } }`), limits));
  expect(refused.facts["limit"]).toBe("tokensMax");
  expect(validate(buildSchema("type Query { a: Query b: Int }"), parse(`{ ${"a { b } ".repeat(limits.repeatsMax)} }`))).toEqual([]);
});
