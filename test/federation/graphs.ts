import { buildSubgraphSchema } from "@apollo/subgraph";
import { buildSchema, type GraphQLFieldResolver, type GraphQLSchema, isObjectType, parse } from "graphql";
import { findInstance, type Instance, type Model, type ModelEntity, type ModelField, typeOf, valueOf } from "./model.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@external", "@shareable"])\n`;

function fieldSdl(field: ModelField, directives = ""): string {
  return `${field.name}${field.hasArgument ? "(x: Int = 3)" : ""}: ${typeOf(field)}${directives}`;
}

const commonSdl = `enum Colour { RED BLUE }`;

/** The whole model as one plain schema: what the hub's answers are held against. */
export function buildMonolith(model: Model): GraphQLSchema {
  const entities = model.entities.map(
    ({ name, fields }) => `type ${name} implements Node { id: ID! code: String! ${fields.map((field) => fieldSdl(field)).join(" ")} }`,
  );
  const schema = buildSchema(
    `${commonSdl} interface Node { id: ID! } union Any = ${model.entities.map(({ name }) => name).join(" | ")} type Value { n: Int t: String } ${entities.join(" ")} type Query { ${model.roots.map((root) => fieldSdl(root)).join(" ")} }`,
  );
  attach(schema, "Query", model.roots, (root) => (_source, args) => resolve(model, root, { owner: "Query", id: "", args, inputs: [] }));
  for (const entity of model.entities) {
    attach(
      schema,
      entity.name,
      entity.fields,
      (field) => (source: Instance, args) =>
        resolve(model, field, { owner: entity.name, id: source.id, args, inputs: inputsOf(model, entity, { field, id: source.id }) }),
    );
  }
  return schema;
}

function inputsOf(model: Model, entity: ModelEntity, { field, id }: { readonly field: ModelField; readonly id: string }): unknown[] {
  return field.requires.map((name) => {
    const source = entity.fields.find((candidate) => candidate.name === name);
    return source === undefined ? null : valueOf(model, source, { owner: entity.name, id, argument: undefined, inputs: [] });
  });
}

function resolve(
  model: Model,
  field: ModelField,
  at: {
    readonly owner: string;
    readonly id: string;
    readonly args: Readonly<Record<string, unknown>>;
    readonly inputs: readonly unknown[];
  },
): unknown {
  const { x } = at.args;
  return valueOf(model, field, {
    owner: at.owner,
    id: at.id,
    argument: field.hasArgument && typeof x === "number" ? x : undefined,
    inputs: at.inputs,
  });
}

function attach(
  schema: GraphQLSchema,
  typeName: string,
  fields: readonly ModelField[],
  make: (field: ModelField) => GraphQLFieldResolver<Instance, unknown>,
): void {
  const type = schema.getType(typeName);
  if (!isObjectType(type)) return;
  for (const field of fields) {
    const target = type.getFields()[field.name];
    if (target !== undefined) target.resolve = make(field) as GraphQLFieldResolver<unknown, unknown>;
  }
}

/** One subgraph's SDL, without the federation link. */
export function subgraphSdl(model: Model, subgraph: string): string {
  const known = model.entities.filter((entity) => entity.subgraphs.has(subgraph));
  const types = known.map((entity) => entitySdl(entity, subgraph, usesNode(model, subgraph)));
  const roots = model.roots.filter((root) => root.owners.includes(subgraph));
  const query = roots.length > 0 ? `type Query { ${roots.map((root) => fieldSdl(root)).join(" ")} }` : "";
  const usesUnion = uses(model, subgraph, "Union");
  const union = usesUnion ? `union Any = ${known.map(({ name }) => name).join(" | ")}` : "";
  const node = usesNode(model, subgraph) ? `interface Node { id: ID! }` : "";
  const value = uses(model, subgraph, "Value") ? `type Value @shareable { n: Int t: String }` : "";
  const colour = uses(model, subgraph, "Enum") ? commonSdl : "";
  return [query, union, node, value, colour, ...types].join("\n");
}

function usesNode(model: Model, subgraph: string): boolean {
  return uses(model, subgraph, "Node");
}

function uses(model: Model, subgraph: string, kind: ModelField["kind"]): boolean {
  const fields = [...model.roots, ...model.entities.filter((entity) => entity.subgraphs.has(subgraph)).flatMap((entity) => entity.fields)];
  return fields.some((field) => field.kind === kind && field.owners.includes(subgraph));
}

function entitySdl(entity: ModelEntity, subgraph: string, isNode: boolean): string {
  const keys = entity.subgraphs.get(subgraph) ?? [];
  const fields: string[] = [];
  if (keys.includes("id") || isNode) fields.push(keys.includes("id") ? "id: ID!" : "id: ID! @shareable");
  if (keys.includes("code")) fields.push("code: String!");
  const required = new Set<string>();
  for (const field of entity.fields) {
    if (!field.owners.includes(subgraph)) continue;
    const requires = field.requires.length > 0 ? ` @requires(fields: "${field.requires.join(" ")}")` : "";
    for (const name of field.requires) required.add(name);
    fields.push(fieldSdl(field, `${requires}${field.owners.length > 1 ? " @shareable" : ""}`));
  }
  for (const field of entity.fields) {
    if (required.has(field.name)) fields.push(fieldSdl(field, " @external"));
  }
  return `type ${entity.name}${isNode ? " implements Node" : ""} ${keys.map((key) => `@key(fields: "${key}")`).join(" ")} { ${fields.join(" ")} }`;
}

/** Builds one subgraph's schema with its resolvers. */
export function buildSubgraph(model: Model, subgraph: string): GraphQLSchema {
  const resolvers: Record<string, Record<string, unknown>> = {};
  const roots = model.roots.filter((root) => root.owners.includes(subgraph));
  if (roots.length > 0) {
    resolvers["Query"] = Object.fromEntries(
      roots.map((root) => [
        root.name,
        (_source: unknown, args: Record<string, unknown>) => resolve(model, root, { owner: "Query", id: "", args, inputs: [] }),
      ]),
    );
  }
  for (const entity of model.entities) {
    if (!entity.subgraphs.has(subgraph)) continue;
    const own = entity.fields.filter((field) => field.owners.includes(subgraph));
    resolvers[entity.name] = {
      __resolveReference: (key: Record<string, unknown>) => {
        const instance = findInstance(model, entity.name, key);
        return instance === undefined ? null : { ...key, ...instance };
      },
      ...Object.fromEntries(
        own.map((field) => [
          field.name,
          (source: Instance, args: Record<string, unknown>) =>
            resolve(model, field, { owner: entity.name, id: source.id, args, inputs: field.requires.map((name) => source[name] ?? null) }),
        ]),
      ),
    };
  }
  return buildSubgraphSchema([{ typeDefs: parse(link + subgraphSdl(model, subgraph)), resolvers: resolvers as never }]);
}

/** The SDL with the link, for composition. */
export function linkedSdl(model: Model, subgraph: string): string {
  return link + subgraphSdl(model, subgraph);
}
