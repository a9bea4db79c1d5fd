/** A Federation 1 supergraph, as the first composers wrote them: `@core`, `join__owner`, keys on `join__type`. */
export const federation1Supergraph = `
schema
  @core(feature: "https://specs.apollo.dev/core/v0.2"),
  @core(feature: "https://specs.apollo.dev/join/v0.1", for: EXECUTION),
  @core(feature: "https://specs.apollo.dev/tag/v0.1"),
  @core(feature: "https://specs.apollo.dev/inaccessible/v0.1", for: SECURITY)
{
  query: Query
}

directive @core(as: String, feature: String!, for: core__Purpose) repeatable on SCHEMA
directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
directive @join__field(graph: join__Graph, provides: join__FieldSet, requires: join__FieldSet) on FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__owner(graph: join__Graph!) on INTERFACE | OBJECT
directive @join__type(graph: join__Graph!, key: join__FieldSet) repeatable on INTERFACE | OBJECT
directive @tag(name: String!) repeatable on FIELD_DEFINITION | INTERFACE | OBJECT | UNION

enum core__Purpose { EXECUTION SECURITY }
scalar join__FieldSet

enum join__Graph {
  INVENTORY @join__graph(name: "inventory" url: "http://127.0.0.1:5001/graphql")
  PRODUCTS @join__graph(name: "products" url: "http://127.0.0.1:5002/graphql")
}

"A thing to sell."
type Product
  @join__owner(graph: PRODUCTS)
  @join__type(graph: INVENTORY, key: "upc")
  @join__type(graph: PRODUCTS, key: "upc")
{
  upc: String! @join__field(graph: PRODUCTS)
  price: Int @join__field(graph: PRODUCTS)
  weight: Int @join__field(graph: PRODUCTS) @tag(name: "internal")
  cost: Int @join__field(graph: PRODUCTS) @inaccessible
  shipping(to: Country = HK): Int @join__field(graph: INVENTORY, requires: "price weight cost")
}

enum Country { HK CN }

type Query {
  top(first: Int = 5): [Product] @join__field(graph: PRODUCTS)
}
`;

/** A supergraph whose links give every feature another name. */
export const renamedSupergraph = `
schema
  @l(url: "https://specs.apollo.dev/link/v1.0", as: "l", import: [{ name: "Purpose", as: "Why" }])
  @l(url: "https://specs.apollo.dev/join/v0.3", as: "j", for: EXECUTION, import: [{ name: "@field", as: "@from" }])
  @l(url: "https://specs.apollo.dev/inaccessible/v0.2", as: "hush", for: SECURITY)
  @l(url: "https://example.org/shade/v1.0", import: ["@shade", "ShadeColour", "ShadeUse"])
{
  query: Root
}

directive @from(graph: j__Graph, requires: j__FieldSet) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @hush on FIELD_DEFINITION | OBJECT | ARGUMENT_DEFINITION | ENUM_VALUE
directive @j__graph(name: String!, url: String!) on ENUM_VALUE
directive @j__type(graph: j__Graph!, key: j__FieldSet) repeatable on OBJECT | ENUM | SCALAR
directive @l(url: String, as: String, for: Why, import: [l__Import]) repeatable on SCHEMA
directive @shade(colour: ShadeColour) on OBJECT
directive @show(when: When = NOW) on FIELD

enum j__Graph { ONE @j__graph(name: "one", url: "http://127.0.0.1:5003/graphql") }
scalar j__FieldSet
scalar l__Import
enum Why { SECURITY EXECUTION }
enum ShadeColour { DARK LIGHT }
enum ShadeUse { INDOORS OUTDOORS }
enum When { NOW LATER }

type Root @j__type(graph: ONE) {
  join__like: Int @from(graph: ONE)
  shop(at: When, behind: Boolean @hush): Shop
}

extend type Root { use: ShadeUse, tagged: tag__Like }

type tag__Like @j__type(graph: ONE) { id: ID }

type Shop @j__type(graph: ONE, key: "id") @shade(colour: DARK) {
  id: ID!
  till: Int @hush
  sum: Int @from(graph: ONE, requires: "till")
}
`;
