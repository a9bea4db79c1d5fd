import { readFileSync } from "node:fs";
import { join } from "node:path";
import { QueryPlanner } from "@graphql-hive/router-query-planner";
import { composeServices } from "@theguild/federation-composition";
import { parse } from "graphql";
import { describe, expect, test } from "vitest";
import type { ComposeResult } from "../../schema/compose.ts";
import { composeSupergraph } from "../../schema/compose.ts";
import { LOCAL_ADDRESSES, readDepartments } from "../../schema/departments.ts";
import type { Problem } from "../../schema/problems.ts";
import { helpTable } from "../../schema/problems.ts";
import type { Supergraph } from "../../schema/supergraph.ts";
import { readSupergraph } from "../../schema/supergraph.ts";
import { coordinatesOf } from "./graphs.ts";

const schemaFolder = join(import.meta.dirname, "../../schema");
const hubSdl = readFileSync(join(schemaFolder, "hub.graphql"), "utf8");
const FEDERATION =
  '@link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@override", "@interfaceObject", "@inaccessible"])';
const HUB = '@link(url: "https://crossharbour.example/hub/v1.0", import: ["@classified", "@cacheControl"])';
const OPEN = "@classified(level: OPEN)";

/** Composes departments named by the record's keys. Each body begins on line 3 of its department's file. */
function compose(bodies: Readonly<Record<string, string>>, head = `extend schema ${FEDERATION}\nextend schema ${HUB}\n`): ComposeResult {
  const departments = Object.entries(bodies).map(([name, body]) => ({
    name,
    file: `${name}.graphql`,
    sdl: head + body,
    url: `http://${name}.invalid/graphql`,
  }));
  return composeSupergraph({ departments, hubSdl });
}

function problemsOf(result: ComposeResult): readonly Problem[] {
  if (result.ok) throw new Error("It composed.");
  return result.problems;
}

function graphOf(result: ComposeResult): Supergraph {
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join("\n"));
  return readSupergraph(result.sdl);
}

/** The shape in which a steward reads a problem: place, code, message. */
function brief(problem: Problem): string {
  return `${problem.file}:${problem.line}:${problem.column} ${problem.code}`;
}

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

  test("a repetition of the hub's own definitions is none", () => {
    expect(compose({ lands: `${query}\n${hubSdl}` }).ok).toBe(true);
  });

  test("a hub type as the type of data", () => {
    expect(problemsOf(compose({ lands: `type Query {\n  a: Level ${OPEN}\n}` })).map(brief)).toEqual(["lands.graphql:4:3 HUB_TYPE_USED"]);
  });
});

describe("every field is classified, or composition fails", () => {
  test("and names the field, its departments, the file and the line", () => {
    const problems = problemsOf(
      compose({
        census: `type Query { c: Area ${OPEN} }\ntype Area @shareable {\n  "Square metres."\n  size: Int\n}`,
        lands: `type Query { l: Area ${OPEN} }\ntype Area @shareable { size: Int }`,
      }),
    );
    expect(problems.map(brief)).toEqual(["census.graphql:5:3 UNCLASSIFIED"]);
    expect(problems[0]?.message).toBe("Area.size is not classified by any department that serves it (census, lands).");
  });

  test("also where only a reference of another department is classified", () => {
    const result = compose({
      census: `type Query { c: Area ${OPEN} }\ntype Area @key(fields: "id") { id: ID! ${OPEN}\n  size: Int }`,
      lands: `type Area @key(fields: "id") ${OPEN} { id: ID! size: Int @external  price: Int @requires(fields: "size") }`,
    });
    expect(problemsOf(result).map(brief)).toEqual(["census.graphql:5:3 UNCLASSIFIED"]);
  });

  test("except fields that nobody can see, and interfaces' own", () => {
    const graph = graphOf(
      compose({
        lands: `type Query { p: Party ${OPEN} }\ninterface Party { ref: ID }\ntype Person implements Party { ref: ID ${OPEN}, hidden: Int @inaccessible }`,
      }),
    );
    expect([...graph.catalogue.fields.keys()].sort()).toEqual(["Person.ref", "Query.p"]);
  });

  test("personal data that is said to be OPEN is refused once, where it is said", () => {
    const problems = problemsOf(
      compose({ lands: `type Query { p: Person ${OPEN} }\ntype Person @classified(level: OPEN, personal: true) { a: Int b: Int }` }),
    );
    expect(problems.map(brief)).toEqual(["lands.graphql:4:13 PERSONAL_BUT_OPEN"]);
  });

  test("a governed field that can't be null is refused in each department that serves it", () => {
    const body = (name: string): string =>
      `type Query { ${name}: Area @classified(level: RESTRICTED) }\ntype Area @shareable @classified(level: RESTRICTED) {\n  size: Int!\n}`;
    const problems = problemsOf(compose({ census: body("c"), lands: body("l") }));
    expect(problems.map(brief)).toEqual(["census.graphql:5:3 GOVERNED_NOT_NULLABLE", "lands.graphql:5:3 GOVERNED_NOT_NULLABLE"]);
    expect(problems[0]?.message).toBe("Area.size is RESTRICTED and can't be null.");
  });

  test.each([
    ["@classified(level: SECRET)", "CLASSIFICATION_INVALID"],
    ["@classified", "CLASSIFICATION_INVALID"],
    ["@classified(level: OPEN, personal: 1)", "CLASSIFICATION_INVALID"],
    [`${OPEN} @cacheControl(maxAge: -1)`, "MAX_AGE_INVALID"],
  ])("%s is refused as %s", (directives, code) => {
    const problems = problemsOf(compose({ lands: `type Query {\n  a: Int ${directives}\n}` }));
    expect(problems.map((problem) => [problem.file, problem.line, problem.code])).toEqual([["lands.graphql", 4, code]]);
  });
});

describe("what departments state of one field is merged", () => {
  test("to the strictest level, personal if any says so, the most identifying identifier, with every owner", () => {
    const graph = graphOf(
      compose({
        lands: `type Query { l: Area ${OPEN} }\ntype Area @shareable @classified(level: CONFIDENTIAL) { size: Int }`,
        census: `type Query { c: Area ${OPEN} }\ntype Area @shareable { size: Int @classified(level: RESTRICTED, personal: true, identifier: QUASI) }`,
        housing: `type Query { h: Area ${OPEN} }\ntype Area @shareable { size: Int }`,
      }),
    );
    expect(graph.catalogue.fields.get("Area.size")).toMatchObject({
      classification: { level: "CONFIDENTIAL", personal: true, identifier: "QUASI" },
      owners: ["census", "lands"],
    });
  });

  test("a field's own classification stands before its type's, and extensions count", () => {
    const graph = graphOf(
      compose({
        lands: `type Query { l: Area ${OPEN} }\ntype Area { size: Int  price: Int ${OPEN} }\nextend type Area @classified(level: RESTRICTED) { more: Int }`,
      }),
    );
    const levels = ["size", "price", "more"].map((name) => graph.catalogue.fields.get(`Area.${name}`)?.classification.level);
    expect(levels).toEqual(["RESTRICTED", "OPEN", "RESTRICTED"]);
  });

  test("a department that only refers to a field neither classifies nor owns it", () => {
    const graph = graphOf(
      compose({
        lands: `type Query { l: Area ${OPEN} }\ntype Area @key(fields: "id") ${OPEN} { id: ID! size: Int }`,
        revenue: `type Area @key(fields: "id") @classified(level: CONFIDENTIAL) { id: ID! ${OPEN} size: Int @external  tax: Int @requires(fields: "size") }`,
      }),
    );
    expect(graph.catalogue.fields.get("Area.size")).toMatchObject({ owners: ["lands"], classification: { level: "OPEN" } });
    expect(graph.catalogue.fields.get("Area.tax")).toMatchObject({ owners: ["revenue"], requires: ["Area.size"] });
  });

  test("a department whose field another took over has no say, unless it is taken over in part", () => {
    const bodies = (override: string): Readonly<Record<string, string>> => ({
      lands: `type Query { l: Area ${OPEN} }\ntype Area @key(fields: "id") ${OPEN} { id: ID! size: Int @classified(level: RESTRICTED) }`,
      census: `type Area @key(fields: "id") ${OPEN} { id: ID! size: Int @override(${override}) }`,
    });
    const whole = graphOf(compose(bodies('from: "lands"'))).catalogue.fields.get("Area.size");
    expect(whole).toMatchObject({ owners: ["census"], classification: { level: "OPEN" } });
    const part = graphOf(compose(bodies('from: "lands", label: "percent(5)"'))).catalogue.fields.get("Area.size");
    expect(part).toMatchObject({ owners: ["census", "lands"], classification: { level: "RESTRICTED" } });
  });

  test("fields of an interface object are classified on every type that gets them", () => {
    const graph = graphOf(
      compose({
        lands: `type Query { l: Party ${OPEN} }\ninterface Party @key(fields: "id") { id: ID! }\ntype Person implements Party @key(fields: "id") ${OPEN} { id: ID! }`,
        revenue: `type Party @key(fields: "id") @interfaceObject @classified(level: CONFIDENTIAL, personal: true) { id: ID! ${OPEN} tax: Int }`,
      }),
    );
    expect(graph.catalogue.fields.get("Person.tax")).toMatchObject({
      owners: ["revenue"],
      classification: { level: "CONFIDENTIAL", personal: true },
    });
    expect(graph.catalogue.fields.get("Person.id")?.owners).toEqual(["lands", "revenue"]);
  });

  test("an age is the field's, else that of the type it returns, else none; the shortest of the departments' counts", () => {
    const area =
      "type Area @shareable @cacheControl(maxAge: 500) @classified(level: OPEN) { size: Int @cacheControl(maxAge: 90) note: String }";
    const graph = graphOf(
      compose({
        lands: `type Query ${OPEN} { a: [Area!]!  b: Area @cacheControl(maxAge: 20)  c: Int  d: Area @cacheControl(maxAge: 70, scope: PRIVATE)  e: Some }
          ${area}\nunion Some @cacheControl(maxAge: 8) = Area`,
        census: `type Query ${OPEN} { f: Int }\n${area.replace("90", "60")}`,
      }),
    );
    const age = (coordinate: string): number | undefined => graph.catalogue.fields.get(coordinate)?.maxAgeSeconds;
    expect(["Query.a", "Query.b", "Query.c", "Query.d", "Query.e", "Area.size", "Area.note"].map(age)).toEqual([
      500,
      20,
      undefined,
      0,
      8,
      60,
      undefined,
    ]);
  });
});

describe("the departments of this repository", () => {
  test("compose to one text, in whatever order they come and without a warning", async () => {
    const input = await readDepartments(schemaFolder, LOCAL_ADDRESSES);
    const forward = composeSupergraph(input);
    const backward = composeSupergraph({ ...input, departments: [...input.departments].reverse() });
    expect(forward).toMatchObject({ ok: true, warnings: [] });
    expect(backward).toEqual(forward);
  });

  test("make a supergraph that the planner plans across five departments", async () => {
    const result = composeSupergraph(await readDepartments(schemaFolder, LOCAL_ADDRESSES));
    const planner = new QueryPlanner(result.ok ? result.sdl : "");
    const query = '{ prhApplication(number: "1") { members { name { en } ownsDomesticProperty incomeBand vehicles { mark } } } }';
    const services = JSON.stringify(planner.plan(query, null, new Set(), 0)).matchAll(/"serviceName":"(\w+)"/g);
    expect([...services].map((match) => match[1]).sort()).toEqual(["housing", "immigration", "lands", "revenue", "transport"]);
    expect(planner.consumerSchema).not.toMatch(/\b(enum|scalar|input) (Level|Identifier|CacheControlScope|hub__\w*)\b/);
  });

  test("have the same coordinates to another composer", async () => {
    const input = await readDepartments(schemaFolder, LOCAL_ADDRESSES);
    const ours = composeSupergraph(input);
    const theirs = composeServices(input.departments.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(`${sdl}\n${hubSdl}`) })));
    expect(theirs.errors ?? []).toEqual([]);
    const words = /^(Level|Identifier|CacheControlScope)(\.|$)/;
    const others = coordinatesOf(readSupergraph(theirs.supergraphSdl ?? "").apiSchema).filter((coordinate) => !words.test(coordinate));
    expect(others).toEqual(coordinatesOf(graphOf(ours).apiSchema));
    expect(others.length).toBeGreaterThan(150);
  });

  test("classify every field, and what revenue computes from the Land Registry's answer is known to be computed from it", async () => {
    const { catalogue } = graphOf(composeSupergraph(await readDepartments(schemaFolder, LOCAL_ADDRESSES)));
    expect(catalogue.unclassified).toEqual([]);
    expect(catalogue.fields.get("Person.incomeBand")).toMatchObject({
      owners: ["revenue"],
      classification: { level: "CONFIDENTIAL", personal: true, identifier: "NONE" },
      requires: ["Person.ownsDomesticProperty"],
      type: "IncomeBand",
    });
    expect(catalogue.fields.get("CarPark.vacancy")).toMatchObject({ type: "[Vacancy!]", maxAgeSeconds: 30, owners: ["transport"] });
  });
});
