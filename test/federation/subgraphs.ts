import { buildASTSchema, execute, type GraphQLFieldResolver, type GraphQLSchema, parse, print, validate, visit } from "graphql";
import { readReplyText } from "../../gateway/fetch/reply.ts";
import type { Upstream } from "../../gateway/fetch/upstream.ts";
import { subgraphSdl } from "./graphs.ts";
import { findInstance, type Instance, type Model } from "./model.ts";
import { withUnread } from "./unread.ts";
import { isLost, nameOf, outcomeOf, pickInput, plainValue, valueOf, type World } from "./values.ts";

/** Subgraphs in the same process: the transport has tests of its own. */
export interface LocalSubgraphs {
  /** @returns Where fetches go, the calls that subgraphs had to refuse as they aren't valid in their schemas, and all other calls. */
  connect(world: World): { readonly upstream: Upstream; readonly refused: string[]; readonly log: string[] };
}

/** What a subgraph's fields are resolved with. */
export interface SubgraphContext {
  readonly world: World;
  readonly subgraph: string;
}

export function buildSubgraphs(model: Model): LocalSubgraphs {
  const schemas = new Map(model.subgraphs.map((name) => [name, buildSubgraph(model, name)]));
  return {
    connect(world): ReturnType<LocalSubgraphs["connect"]> {
      const refused: string[] = [];
      const log: string[] = [];
      const upstream = withUnread({
        async call({ subgraph, body }) {
          if (world.faults.kind === "dead" && world.faults.subgraph === subgraph)
            return { kind: "failure", code: "SUBGRAPH_UNAVAILABLE", isRetryable: true };
          const schema = schemas.get(subgraph);
          if (schema === undefined) throw new Error(`No subgraph ${subgraph}.`);
          const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
          const document = parse(query, { noLocation: true });
          const errors = validate(schema, document);
          if (errors.length > 0) {
            refused.push(`${subgraph} refuses ${query}: ${errors.map((error) => error.message).join(" ")}`);
            return readReplyText(JSON.stringify({ errors: errors.map(({ message }) => ({ message })) }));
          }
          const context: SubgraphContext = { world, subgraph };
          const result = await execute({
            schema,
            document,
            variableValues: variables ?? {},
            contextValue: context,
            fieldResolver: resolveField,
          });
          const text = JSON.stringify(result);
          log.push(`${subgraph} ${query} ${JSON.stringify(variables ?? {})} -> ${text}`);
          return readReplyText(text);
        },
        async close() {},
      });
      return { upstream, refused, log };
    },
  };
}

/**
 * A subgraph's schema as its server has it: without federation's directives, with its entity look-up.
 *
 * @param more SDL that the subgraph has besides the model's.
 */
export function buildSubgraph(model: Model, subgraph: string, more = ""): GraphQLSchema {
  const document = visit(parse(`${subgraphSdl(model, subgraph)}\n${more}`, { noLocation: true }), {
    Directive: () => null,
    SchemaExtension: () => null,
  });
  const entities = model.entities.filter((entity) => entity.subgraphs.has(subgraph) && !entity.stubs.has(subgraph)).map(({ name }) => name);
  if (model.media?.objects === subgraph) entities.push("Media");
  const root = document.definitions.some((definition) => definition.kind === "ObjectTypeDefinition" && definition.name.value === "Query");
  const lookup = entities.length > 0 ? `_entities(representations: [_Any!]!): [_Entity]!` : "";
  const sdl = `${print(document)} ${root ? "" : "type Query { _service: String }"} ${lookup === "" ? "" : `extend type Query { ${lookup} } scalar _Any union _Entity = ${entities.join(" | ")}`}`;
  return extendQuery(sdl);
}

function extendQuery(sdl: string): GraphQLSchema {
  // A schema is built from one document; the look-up is an extension of a type in it.
  const document = parse(sdl, { noLocation: true });
  const added = document.definitions.flatMap((definition) => (definition.kind === "ObjectTypeExtension" ? (definition.fields ?? []) : []));
  return buildASTSchema({
    ...document,
    definitions: document.definitions.flatMap((definition) => {
      if (definition.kind === "ObjectTypeExtension") return [];
      if (definition.kind !== "ObjectTypeDefinition" || definition.name.value !== "Query") return [definition];
      return [{ ...definition, fields: [...(definition.fields ?? []), ...added] }];
    }),
  });
}

/** Resolves every field of a subgraph. */
export const resolveField: GraphQLFieldResolver<unknown, SubgraphContext, Record<string, unknown>> = (
  source,
  args,
  { world, subgraph },
  info,
) => {
  if (info.fieldName === "_entities") return findEntities(world, subgraph, args["representations"]);
  const field = world.fields.get(`${info.parentType.name}.${info.fieldName}`);
  if (field === undefined) return plainValue(source, info.fieldName);
  const instance = source as Instance | undefined;
  const isOld = field.override?.from === subgraph;
  const isOwn = field.subgraphs.includes(subgraph) || isOld || instance?.provides === field.name;
  if (!isOwn) throw new Error(`${subgraph} is asked for ${field.name}, which isn't its own.`);
  const inputs = field.requires.map((selection) => pickInput(instance?.representation?.[nameOf(selection)], selection));
  // What was taken over from a subgraph for good is wrong there.
  const isStale = isOld && field.override.label === undefined;
  const value = valueOf(world, { field, source: instance, args, inputs: isStale ? ["stale"] : inputs, via: subgraph });
  if (world.faults.kind === "fields" && outcomeOf(world, field, instance) === "error") throw new Error(`${field.name} fails.`);
  return value;
};

function findEntities(world: World, subgraph: string, representations: unknown): (Instance | null)[] {
  const { faults } = world;
  return (representations as Readonly<Record<string, unknown>>[]).map((representation) => {
    const instance = findInstance(world.model, representation);
    if (instance === undefined || (faults.kind === "lost" && faults.subgraph === subgraph && isLost(faults.salt, instance))) return null;
    // Who knows the interface as such resolves a representation of it to an object's own type.
    const isObject = world.model.media?.objects === subgraph && instance.__typename === "Media";
    return { ...instance, __typename: isObject ? "Media" : instance.type, via: subgraph };
  });
}
