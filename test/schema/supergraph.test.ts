import { readFileSync } from "node:fs";
import { join } from "node:path";
import { QueryPlanner } from "@graphql-hive/router-query-planner";
import { composeServices } from "@theguild/federation-composition";
import { buildSchema, lexicographicSortSchema, parse, printSchema } from "graphql";
import { describe, expect, test } from "vitest";
import { SupergraphError } from "../../schema/errors.ts";
import { hashSchema, readSupergraph } from "../../schema/supergraph.ts";
import { fc } from "../services/fc.ts";
import { composeTestGraph, coordinatesOf, testGraphs } from "./graphs.ts";
import { federation1Supergraph, renamedSupergraph } from "./handwritten.ts";

const published = readFileSync(join(import.meta.dirname, "../../schema/supergraph.graphql"), "utf8");

/** The Rust planner's own idea of what callers see, without the machinery that it fails to hide. */
function planReaderCoordinates(sdl: string): readonly string[] {
  const schema = buildSchema(new QueryPlanner(sdl).consumerSchema, { assumeValid: true, assumeValidSDL: true });
  return coordinatesOf(schema).filter((coordinate) => !/^(join|context|policy)__|\.__/.test(coordinate));
}

function faultOf(sdl: string): SupergraphError {
  try {
    readSupergraph(sdl);
  } catch (error) {
    if (error instanceof SupergraphError) return error;
    throw error;
  }
  throw new Error("The supergraph was read.");
}

describe("a text that is no supergraph is refused with its place", () => {
  test("when it doesn't parse", () => {
    const fault = faultOf("type Query {\n  a: Int\n  b: [Int\n}\n");
    expect(fault.message).toMatch(/^The supergraph doesn't parse: Syntax Error: /);
    expect([fault.line, fault.column]).toEqual([4, 1]);
  });

  test.each([
    ["an empty text", "", 1],
    ["a plain schema", "type Query { a: Int }", undefined],
    ["an operation", "{ a }", 1],
    ["a type defined twice", `${federation1Supergraph}\ntype Product { a: Int }`, 46],
    [
      "a subgraph without address",
      federation1Supergraph.replace('@join__graph(name: "products" url: "http://127.0.0.1:5002/graphql")', ""),
      24,
    ],
    ["a subgraph listed twice", federation1Supergraph.replace('name: "products"', 'name: "inventory"'), 24],
    ["an unknown type", federation1Supergraph.replace("weight: Int", "weight: Weight"), 35],
    ["a required field set that doesn't parse", federation1Supergraph.replace('"price weight cost"', '"price {"'), 37],
    ["nothing left to query", federation1Supergraph.replace("@join__field(graph: PRODUCTS)\n}\n", "@inaccessible\n}\n"), 2],
    ["an unknown level", published.replace('level: "OPEN"', 'level: "SECRET"'), expect.any(Number)],
    ["no owner", published.replace('owners: ["transport"]', "owners: []"), expect.any(Number)],
    ["an age that is no number", published.replace(/maxAge: \d+/, "maxAge: -1"), expect.any(Number)],
  ])("%s", (_, sdl, line) => {
    const fault = faultOf(sdl);
    expect(fault.message.length).toBeGreaterThan(10);
    expect(fault.line).toEqual(line);
  });

  test("whatever is cut out of one, nothing but a SupergraphError is thrown", () => {
    const texts = fc.constantFrom(federation1Supergraph, renamedSupergraph, composeTestGraph(testGraphs["entities"] ?? []).sdl);
    fc.assert(
      fc.property(
        texts,
        fc.nat(),
        fc.nat(400),
        fc.constantFrom("", "{", "}", '"', "@inaccessible ", "__proto__"),
        (...[text, at, length, put]) => {
          const from = at % text.length;
          const sdl = text.slice(0, from) + put + text.slice(from + length);
          try {
            expect(readSupergraph(sdl).subgraphs.size).toBeGreaterThan(0);
          } catch (error) {
            if (!(error instanceof SupergraphError)) throw error;
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("callers see what the reference composer says they see", () => {
  test.each(Object.keys(testGraphs).filter((name) => name !== "directives"))("in the graph `%s`, to the letter", (name) => {
    const { sdl, apiSchema } = composeTestGraph(testGraphs[name] ?? []);
    expect(printSchema(lexicographicSortSchema(readSupergraph(sdl).apiSchema))).toBe(printSchema(lexicographicSortSchema(apiSchema)));
  });

  test("and executable directives that were composed, which the reference composer hides", () => {
    const { sdl, apiSchema } = composeTestGraph(testGraphs["directives"] ?? []);
    const ours = readSupergraph(sdl).apiSchema;
    expect(coordinatesOf(ours)).toEqual(coordinatesOf(apiSchema));
    expect(ours.getDirectives().map((directive) => directive.name)).toEqual([
      "loud",
      "trace",
      "include",
      "skip",
      "deprecated",
      "specifiedBy",
      "oneOf",
    ]);
  });

  test("in our own supergraph: no word of the hub's and no federation", () => {
    const { apiSchema } = readSupergraph(published);
    expect(printSchema(apiSchema)).not.toMatch(/__|@classified|\b(Level|Identifier|CacheControlScope)\b/);
    expect(apiSchema.getType("PersonName")?.description).toBe("A person's name in English and in Traditional Chinese.");
  });
});

describe("the planner sees the same coordinates", () => {
  const graphs = ["inaccessible", "entities", "directives", "context", "federation1"].map((name) => [
    name,
    composeTestGraph(testGraphs[name] ?? []).sdl,
  ]);
  test.each([...graphs, ["our own", published], ["Federation 1 by hand", federation1Supergraph]])("in the supergraph `%s`", (_, sdl) => {
    expect(sdl).toBeDefined();
    expect(coordinatesOf(readSupergraph(sdl ?? "").apiSchema)).toEqual(planReaderCoordinates(sdl ?? ""));
  });
});

describe("foreign supergraphs", () => {
  test.each(Object.keys(testGraphs))("of another composer are read alike: `%s`", (graph) => {
    const subgraphs = testGraphs[graph] ?? [];
    const other = composeServices(subgraphs.map(({ name, sdl }) => ({ name, url: "", typeDefs: parse(sdl) }))).supergraphSdl;
    expect(coordinatesOf(readSupergraph(other ?? "").apiSchema)).toEqual(coordinatesOf(composeTestGraph(subgraphs).apiSchema));
  });

  test("of Federation 1 are read with their subgraphs, and what is hidden stays hidden", () => {
    const { apiSchema, subgraphs, catalogue } = readSupergraph(federation1Supergraph);
    expect([...subgraphs.values()]).toEqual([
      { name: "inventory", url: "http://127.0.0.1:5001/graphql" },
      { name: "products", url: "http://127.0.0.1:5002/graphql" },
    ]);
    expect(coordinatesOf(apiSchema).filter((coordinate) => coordinate.startsWith("Product"))).toEqual([
      "Product",
      "Product.price: Int",
      "Product.shipping(to: Country)",
      "Product.shipping: Int",
      "Product.upc: String!",
      "Product.weight: Int",
    ]);
    expect(catalogue.fields.get("Product.shipping")?.requires).toEqual(["Product.cost", "Product.price", "Product.weight"]);
  });

  test("are read whatever their links call the features, and keep what only looks like machinery", () => {
    const { apiSchema, subgraphs, catalogue } = readSupergraph(renamedSupergraph);
    expect([...subgraphs.keys()]).toEqual(["one"]);
    expect(coordinatesOf(apiSchema)).toEqual([
      "Root",
      "Root.join__like: Int",
      "Root.shop(at: When)",
      "Root.shop: Shop",
      "Root.tagged: tag__Like",
      "Root.use: ShadeUse",
      "ShadeUse",
      "ShadeUse.INDOORS",
      "ShadeUse.OUTDOORS",
      "Shop",
      "Shop.id: ID!",
      "Shop.sum: Int",
      "When",
      "When.LATER",
      "When.NOW",
      "tag__Like",
      "tag__Like.id: ID",
    ]);
    expect(apiSchema.getDirectives().map((directive) => directive.name)).toContain("show");
    expect(apiSchema.getDirectives().map((directive) => directive.name)).not.toContain("shade");
    expect(catalogue.fields.get("Shop.sum")?.requires).toEqual(["Shop.till"]);
  });

  test("hide what is `@inaccessible` even when they forget to link the directive", () => {
    const sdl = federation1Supergraph.replace(/,\n {2}@core\(feature: "https:\/\/specs.apollo.dev\/inaccessible[^\n]*/, "");
    expect(sdl).not.toContain("specs.apollo.dev/inaccessible");
    expect(coordinatesOf(readSupergraph(sdl).apiSchema)).not.toContain("Product.cost: Int");
  });

  test("keep `@oneOf`, `@specifiedBy`, deprecations and defaults", () => {
    const sdl = `${federation1Supergraph}
      extend type Query { find(by: By! = { upc: "1" }, old: Int @deprecated(reason: "Gone.")): Day }
      input By @oneOf { upc: String, name: String }
      scalar Day @specifiedBy(url: "https://www.rfc-editor.org/rfc/rfc3339")`;
    const printed = printSchema(readSupergraph(sdl).apiSchema);
    expect(printed).toContain('find(by: By! = {upc: "1"}, old: Int @deprecated(reason: "Gone.")): Day');
    expect(printed).toContain("input By @oneOf {");
    expect(printed).toContain('scalar Day @specifiedBy(url: "https://www.rfc-editor.org/rfc/rfc3339")');
  });

  test("without statements are unclassified in every field, and count as the strictest", () => {
    const { catalogue } = readSupergraph(federation1Supergraph);
    expect(catalogue.unclassified).toEqual(["Product.price", "Product.shipping", "Product.upc", "Product.weight", "Query.top"]);
    expect([...catalogue.fields.keys()].sort()).toEqual(catalogue.unclassified);
    for (const field of catalogue.fields.values()) {
      expect(field.classification).toEqual({ level: "CONFIDENTIAL", personal: true, identifier: "DIRECT" });
      expect(field.owners).toEqual([]);
    }
  });
});

test("the hash of a schema is the SHA-256 of its text", () => {
  expect(hashSchema("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
