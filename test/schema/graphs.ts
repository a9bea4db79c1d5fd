import { composeServices } from "@apollo/composition";
import type { GraphQLSchema } from "graphql";
import { isEnumType, isInputObjectType, isIntrospectionType, isSpecifiedScalarType, isUnionType, parse } from "graphql";

/** One subgraph of a graph that a test composes. */
export interface TestSubgraph {
  readonly name: string;
  readonly sdl: string;
}

const link = (imports: readonly string[]): string =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports.join(", ")}])\n`;

/** Graphs that between them use everything that a supergraph may hold. */
export const testGraphs: Readonly<Record<string, readonly TestSubgraph[]>> = {
  inaccessible: [
    {
      name: "shop",
      sdl: `${link(['"@key"', '"@inaccessible"', '"@tag"', '"@shareable"'])}
        type Query {
          product(id: ID!, preview: Boolean @inaccessible, filter: Filter): Product
          secret: Secret @inaccessible
          things: [Thing!]!
          nodes: [Node!]
          state(of: State = ON): State @tag(name: "public")
          audit: Boolean @inaccessible
        }
        "A product."
        type Product implements Node @key(fields: "id") @tag(name: "public") {
          id: ID!
          "Its name."
          name(lang: Lang = EN): String @deprecated(reason: "Use title.")
          title: String
          cost: Int @inaccessible
          note: String
        }
        interface Node { id: ID! }
        type Secret @inaccessible { id: ID! value: Int }
        union Thing = Product | Box
        type Box { id: ID! of: Product, secret: Secret @inaccessible }
        input Filter { text: String, code: Code @inaccessible, limit: Int = 3, internal: Boolean @inaccessible }
        scalar Code @inaccessible
        scalar Day @specifiedBy(url: "https://www.rfc-editor.org/rfc/rfc3339")
        enum State { ON OFF BROKEN @inaccessible }
        enum Lang { EN TC XX @inaccessible }
        enum Inner @inaccessible { A B }
        type Unused { day: Day, inner: Inner @inaccessible }
        input Choice { byId: ID, byName: String }
        type Mutation { put(choice: Choice!): Product, drop(id: ID!): Boolean @inaccessible }
        type Subscription { changed: Product }`,
    },
    {
      name: "stock",
      sdl: `${link(['"@key"', '"@inaccessible"'])}
        type Query { stockOf(id: ID!): Int, stockKey: String @inaccessible }
        type Product @key(fields: "id") { id: ID!, inStock: Boolean, shelf: String @inaccessible }`,
    },
  ],
  renamed: [
    {
      name: "a",
      sdl: `${link(['"@key"', '{name: "@inaccessible", as: "@private"}', '{name: "@tag", as: "@label"}'])}
        type Query { a: A }
        type A @key(fields: "id") { id: ID! @label(name: "x"), open: Int, closed: Int @private }`,
    },
    {
      name: "b",
      sdl: `${link(['"@key"', '{name: "@inaccessible", as: "@private"}'])}
        type A @key(fields: "id") { id: ID!, more(x: Int @private, y: Int): Int }`,
    },
  ],
  hiddenParent: [
    {
      name: "a",
      sdl: `${link(['"@inaccessible"'])}
        type Query { a: A, b: Both }
        interface Shown { id: ID }
        interface Hidden implements Shown @inaccessible { id: ID, note: String }
        type A implements Hidden & Shown { id: ID, note: String, internal: B @inaccessible }
        type B implements Shown @inaccessible { id: ID }
        union Both = A | B`,
    },
  ],
  entities: [
    {
      name: "accounts",
      sdl: `${link(['"@key"', '"@shareable"', '"@provides"', '"@external"', '"@requires"'])}
        type Query { me: User, media: [Media!], accounts: [Account!]! }
        interface Media @key(fields: "id") { id: ID!, title: String }
        type Book implements Media @key(fields: "id") { id: ID!, title: String, pages: Int }
        type Film implements Media @key(fields: "id") { id: ID!, title: String, minutes: Int, studio: Studio @provides(fields: "name") }
        type Studio @key(fields: "id") { id: ID!, name: String @external }
        union Account = User | Guest
        type Guest { alias: String }
        type User @key(fields: "id") @key(fields: "email org { id }") { id: ID!, email: String, org: Org @shareable, size: Size @shareable, party: Party }
        interface Party { name: String }
        type Firm implements Party @shareable { name: String, number: Int }
        type Club implements Party @shareable { name: String }
        type Org @shareable { id: ID! }
        type Size @shareable { width(unit: Unit): Float, height: Float }
        enum Unit { CM IN }`,
    },
    {
      name: "reviews",
      sdl: `${link(['"@key"', '"@interfaceObject"', '"@external"', '"@requires"', '"@override"', '"@shareable"'])}
        type Query { reviews: [Review!]! }
        type Media @interfaceObject @key(fields: "id") { id: ID!, title: String @external, reviews: [Review!], slug: String @requires(fields: "title") }
        type Review @key(fields: "id") { id: ID!, score: Int, by: User }
        type User @key(fields: "id") {
          id: ID!
          size: Size @external
          org: Org @external
          party: Party @external
          label: String @requires(fields: "size { width(unit: CM) } org { id } party { __typename name ... on Firm { number } }")
        }
        type Org @shareable { id: ID! }
        type Size @shareable { width(unit: Unit): Float, height: Float }
        enum Unit { CM IN }
        interface Party { name: String }
        type Firm implements Party @shareable { name: String @external, number: Int @external }
        type Club implements Party @shareable { name: String @external }`,
    },
    {
      name: "studios",
      sdl: `${link(['"@key"', '"@override"', '"@shareable"'])}
        type Query { studio(id: ID!): Studio }
        type Studio @key(fields: "id") { id: ID!, name: String @shareable }
        type Book @key(fields: "id") { id: ID!, pages: Int @override(from: "accounts", label: "percent(20)") }
        type Film @key(fields: "id") { id: ID!, minutes: Int @override(from: "accounts") }`,
    },
  ],
  directives: [
    {
      name: "one",
      sdl: `extend schema
          @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@composeDirective", "@authenticated", "@requiresScopes", "@policy", "@cost", "@listSize"])
          @link(url: "https://example.org/trace/v1.0", import: ["@trace", "@mark", "TraceDepth"])
          @composeDirective(name: "@trace") @composeDirective(name: "@mark")
        directive @trace(depth: Int = 1) on FIELD | FIELD_DEFINITION
        directive @mark(depth: TraceDepth) on OBJECT
        directive @loud(times: Int) on FIELD | QUERY
        enum TraceDepth { SHALLOW DEEP }
        type Query @mark(depth: DEEP) {
          list(first: Int): [Item!] @listSize(slicingArguments: ["first"]) @cost(weight: 5) @trace(depth: 2)
          safe: Item @authenticated
          scoped: Item @requiresScopes(scopes: [["read"]]) @policy(policies: [["p"]])
        }
        type Item @shareable { id: ID!, value: Int @deprecated }`,
    },
    {
      name: "two",
      sdl: `${link(['"@shareable"'])}
        directive @loud(times: Int) on FIELD | QUERY
        type Query { other: Item }
        type Item @shareable { id: ID!, value: Int }`,
    },
  ],
  context: [
    {
      name: "users",
      sdl: `${link(['"@key"', '"@context"', '"@fromContext"', '"@external"'])}
        type Query { user: User }
        type User @key(fields: "id") @context(name: "user") { id: ID!, locale: String @external, posts: [Post!] }
        type Post @key(fields: "id") { id: ID!, text(locale: String @fromContext(field: "$user { locale }"), short: Boolean): String }`,
    },
    {
      name: "locales",
      sdl: `${link(['"@key"'])}
        type User @key(fields: "id") { id: ID!, locale: String }`,
    },
  ],
  federation1: [
    {
      name: "products",
      sdl: `type Query { top: [Product] }
        type Product @key(fields: "upc") { upc: String!, price: Int, weight: Int }`,
    },
    {
      name: "inventory",
      sdl: `extend type Product @key(fields: "upc") {
          upc: String! @external
          price: Int @external
          weight: Int @external
          shipping: Int @requires(fields: "price weight")
        }`,
    },
  ],
};

/** Composes with the reference composer, which also says what callers may see. */
export function composeTestGraph(subgraphs: readonly TestSubgraph[]): { readonly sdl: string; readonly apiSchema: GraphQLSchema } {
  const result = composeServices(subgraphs.map(({ name, sdl }) => ({ name, url: `http://${name}.invalid/`, typeDefs: parse(sdl) })));
  if (result.schema === undefined) throw new Error(result.errors?.map((error) => error.message).join("\n"));
  return { sdl: result.supergraphSdl, apiSchema: result.schema.toAPISchema().toGraphQLJSSchema() };
}

/** Every coordinate of a schema (types, fields, arguments, input fields, enum values, members, interfaces), with types, sorted. */
export function coordinatesOf(schema: GraphQLSchema): readonly string[] {
  const coordinates: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    coordinates.push(type.name);
    if (isEnumType(type)) coordinates.push(...type.getValues().map((value) => `${type.name}.${value.name}`));
    if (isUnionType(type)) coordinates.push(...type.getTypes().map((member) => `${type.name} = ${member.name}`));
    if (isInputObjectType(type))
      coordinates.push(...Object.values(type.getFields()).map((field) => `${type.name}.${field.name}: ${String(field.type)}`));
    if (!("getInterfaces" in type)) continue;
    coordinates.push(...type.getInterfaces().map((parent) => `${type.name} & ${parent.name}`));
    for (const field of Object.values(type.getFields())) {
      coordinates.push(`${type.name}.${field.name}: ${String(field.type)}`);
      coordinates.push(...field.args.map((argument) => `${type.name}.${field.name}(${argument.name}: ${String(argument.type)})`));
    }
  }
  return coordinates.sort();
}
