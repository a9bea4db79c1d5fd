import { createHash } from "node:crypto";
import type { DocumentNode, GraphQLSchema } from "graphql";
import { buildASTSchema, GraphQLError, Kind, parse, validateSchema } from "graphql";
// What the package's main module offers instead joins all errors into one text and loses their places.
import { validateSDL } from "graphql/validation/validate.js";
import { publicDocument } from "./api.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Costs } from "./costs.ts";
import { readCosts } from "./costs.ts";
import type { Definitions } from "./definitions.ts";
import { readDefinitions, stringArgument } from "./definitions.ts";
import { type EntityKeys, readEntityKeys } from "./entities.ts";
import { placeOf, SupergraphError } from "./errors.ts";
import type { Features } from "./features.ts";
import { readFeatures } from "./features.ts";
import { readCatalogue } from "./listing.ts";

/** Where one subgraph is served. */
export interface SubgraphAddress {
  /** The subgraph's name as its department writes it, such as `transport`. */
  readonly name: string;
  readonly url: string;
}

/** A supergraph, read once. */
export interface Supergraph {
  readonly sdl: string;
  /** What callers may see: no federation directives or types, nothing `@inaccessible`. */
  readonly apiSchema: GraphQLSchema;
  readonly subgraphs: ReadonlyMap<string, SubgraphAddress>;
  readonly catalogue: Catalogue;
  /** What subgraphs say of the cost of their fields. */
  readonly costs: Costs;
  /** By subgraph and type: what identifies an entity there. */
  readonly entityKeys: EntityKeys;
}

const JOIN = "https://specs.apollo.dev/join";

/**
 * Reads any Federation 1 or 2 supergraph.
 *
 * @param sdl The supergraph's text.
 * @throws {SupergraphError} When the text doesn't parse, isn't a supergraph, or leaves no valid schema for callers; with line
 * and column where there is one place to blame.
 * @see https://specs.apollo.dev/join/v0.3/ and https://specs.apollo.dev/core/v0.2/
 */
export function readSupergraph(sdl: string): Supergraph {
  const definitions = readDefinitions(parseSdl(sdl));
  const features = readFeatures(definitions.schema?.directives ?? []);
  const subgraphs = readSubgraphs(definitions, features);
  const apiSchema = buildApiSchema(publicDocument(definitions, features));
  return {
    sdl,
    apiSchema,
    subgraphs,
    catalogue: readCatalogue({ apiSchema, definitions, features }),
    costs: readCosts(definitions, features),
    entityKeys: readEntityKeys(definitions, features),
  };
}

/** SHA-256 of a schema's text, in hex. */
export function hashSchema(sdl: string): string {
  return createHash("sha256").update(sdl, "utf8").digest("hex");
}

function parseSdl(sdl: string): DocumentNode {
  try {
    return parse(sdl);
  } catch (error) {
    throw located("The supergraph doesn't parse", error);
  }
}

function readSubgraphs(definitions: Definitions, features: Features): ReadonlyMap<string, SubgraphAddress> {
  const name = features.typeName(JOIN, "Graph");
  const graphs = definitions.types.get(name);
  if (graphs?.kind !== Kind.ENUM_TYPE_DEFINITION) {
    throw new SupergraphError(
      `This is no supergraph: it has no enum ${name} that lists its subgraphs. Compose the subgraphs first.`,
      undefined,
    );
  }
  const joinGraph = features.directiveName(JOIN, "graph");
  const subgraphs = new Map<string, SubgraphAddress>();
  for (const value of graphs.values ?? []) {
    const directive = value.directives?.find((candidate) => candidate.name.value === joinGraph);
    const subgraph = directive === undefined ? undefined : stringArgument(directive, "name");
    const url = directive === undefined ? undefined : stringArgument(directive, "url");
    if (subgraph === undefined || url === undefined) {
      throw new SupergraphError(
        `${name}.${value.name.value} doesn't say the subgraph's name and address with @${joinGraph}.`,
        placeOf(value),
      );
    }
    if (subgraphs.has(subgraph)) throw new SupergraphError(`Subgraph "${subgraph}" is listed twice.`, placeOf(value));
    subgraphs.set(subgraph, { name: subgraph, url });
  }
  if (subgraphs.size === 0) throw new SupergraphError("The supergraph lists no subgraph.", placeOf(graphs));
  return subgraphs;
}

function buildApiSchema(document: DocumentNode): GraphQLSchema {
  try {
    const [fault] = validateSDL(document);
    if (fault !== undefined) throw fault;
    const schema = buildASTSchema(document, { assumeValidSDL: true });
    const [invalid] = validateSchema(schema);
    if (invalid !== undefined) throw invalid;
    return schema;
  } catch (error) {
    throw located("What the supergraph leaves for callers is no valid schema", error);
  }
}

function located(what: string, error: unknown): SupergraphError {
  const message = error instanceof Error ? error.message : String(error);
  const place = error instanceof GraphQLError ? error.locations?.[0] : undefined;
  return new SupergraphError(`${what}: ${message}`, place, error);
}
