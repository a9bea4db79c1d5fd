import { describe, expect, test } from "vitest";
import { composeSupergraph } from "../../schema/compose.ts";
import { helpTable } from "../../schema/problems.ts";
import { brief, compose, FEDERATION, HUB, hubSdl, OPEN, problemsOf } from "./composing.ts";

describe("departments whose schemas don't fit are told where", () => {
  test("when one doesn't parse, with the place in its own file", () => {
    const problems = problemsOf(
      compose({ lands: `type Query {\n  a: Int ${OPEN}\n  b: [Int\n}`, census: `type Query { c: Int ${OPEN} }` }),
    );
    expect(problems.map(brief)).toEqual(["lands.graphql:6:1 SYNTAX"]);
    expect(problems[0]).toMatchObject({ department: "lands", help: helpTable.SYNTAX });
  });

  test("when one uses a type that it doesn't define", () => {
    const problems = problemsOf(compose({ lands: `type Query {\n  a: Plot ${OPEN}\n}` }));
    expect(problems.map(brief)).toEqual(["lands.graphql:4:6 INVALID_GRAPHQL"]);
    expect(problems[0]?.message).toContain("Plot");
    expect(problems[0]?.message).not.toContain("[lands]");
  });

  test("also when the composer names no place, with the department's file", () => {
    const problems = problemsOf(compose({ lands: `directive @ours(size: Int!) on FIELD_DEFINITION\ntype Query { a: Int ${OPEN} @ours }` }));
    expect(problems.map(brief)).toEqual(["lands.graphql:undefined:undefined INVALID_GRAPHQL"]);
    expect(problems[0]).toMatchObject({ department: "lands" });
  });

  test("when two disagree on a field's type, with both named", () => {
    const [first, ...others] = problemsOf(
      compose({
        census: `type Query { c: Area ${OPEN} }\ntype Area @shareable ${OPEN} {\n  size: Int\n}`,
        lands: `type Query { l: Area ${OPEN} }\ntype Area @shareable ${OPEN} {\n  size: String\n}`,
      }),
    );
    expect(others).toEqual([]);
    expect(first).toMatchObject({ department: "census", file: "census.graphql", line: 5, code: "FIELD_TYPE_MISMATCH" });
    expect(first?.message).toMatch(/Area\.size.*census.*lands/);
  });

  test("when a query could not be answered by any plan", () => {
    const problems = problemsOf(
      compose({
        census: `type Query { c: Area ${OPEN} }\ntype Area @key(fields: "id", resolvable: false) ${OPEN} { id: ID! }`,
        lands: `type Area @key(fields: "other") ${OPEN} { other: ID! size: Int }`,
      }),
    );
    expect(new Set(problems.map((problem) => problem.code))).toEqual(new Set(["SATISFIABILITY_ERROR"]));
    expect(problems[0]?.message).toMatch(/c \{/);
  });

  test("when two have the same name", () => {
    const one = {
      name: "lands",
      file: "a.graphql",
      sdl: `extend schema ${HUB}\ntype Query { a: Int ${OPEN} }`,
      url: "http://lands.invalid/",
    };
    const problems = problemsOf(composeSupergraph({ departments: [one, { ...one, file: "b.graphql" }], hubSdl }));
    expect(problems.map((problem) => problem.code)).toEqual(["DEPARTMENT_REPEATED"]);
  });
});

describe("the hub's words are used as they are, or composition fails", () => {
  const query = `type Query {\n  a: Int ${OPEN}\n}`;

  test.each([
    ["a missing link", "\n\n", "lands.graphql:3:1 HUB_LINK_MISSING"],
    ["another version", `\nextend schema ${HUB.replace("v1.0", "v2.0")}\n`, "lands.graphql:2:15 HUB_LINK_VERSION"],
    [
      "a renamed import",
      `\nextend schema ${HUB.replace('"@cacheControl"', '{name: "@cacheControl", as: "@keep"}')}\n`,
      "lands.graphql:2:15 HUB_RENAMED",
    ],
    ["a renamed prefix", `\nextend schema ${HUB.replace("import", 'as: "own", import')}\n`, "lands.graphql:2:15 HUB_RENAMED"],
    ["an unknown import", `\nextend schema ${HUB.replace("@cacheControl", "@cached")}\n`, "lands.graphql:2:15 HUB_IMPORT_UNKNOWN"],
    ["a directive that isn't imported", `\nextend schema ${HUB.replace('"@classified", ', "")}\n`, "lands.graphql:4:10 HUB_IMPORT_MISSING"],
  ])("%s", (_, head, expected) => {
    expect(problemsOf(compose({ lands: query }, head)).map(brief)).toContain(expected);
  });

  test("a definition of its own with another meaning", () => {
    const weak = "directive @classified(level: Level, personal: Boolean, identifier: Identifier) on OBJECT | FIELD_DEFINITION";
    expect(problemsOf(compose({ lands: `${query}\n${weak}` })).map(brief)).toEqual(["lands.graphql:6:1 HUB_REDEFINED"]);
    const levels = "enum Level { RESTRICTED OPEN CONFIDENTIAL }";
    expect(problemsOf(compose({ lands: `${query}\n${levels}` })).map(brief)).toEqual(["lands.graphql:6:1 HUB_REDEFINED"]);
  });

  test("a name of the hub's", () => {
    const fake = "directive @hub__classified(level: String) on FIELD";
    expect(problemsOf(compose({ lands: `${query}\n${fake}` })).map(brief)).toEqual(["lands.graphql:6:1 HUB_NAME_TAKEN"]);
  });

  test("a composition of the department's own", () => {
    const head = `extend schema ${FEDERATION.replace('"@key"', '"@composeDirective"')} @composeDirective(name: "@classified")\nextend schema ${HUB}\n`;
    expect(problemsOf(compose({ lands: query }, head)).map((problem) => [problem.line, problem.code])).toEqual([[1, "HUB_COMPOSED"]]);
  });

  test("a repetition of the hub's own definitions is none", () => {
    expect(compose({ lands: `${query}\n${hubSdl}` }).ok).toBe(true);
  });

  test("a hub type as the type of data", () => {
    expect(problemsOf(compose({ lands: `type Query {\n  a: Level ${OPEN}\n}` })).map(brief)).toEqual(["lands.graphql:4:3 HUB_TYPE_USED"]);
  });
});
