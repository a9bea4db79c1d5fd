import type { FieldDefinitionNode, GraphQLSchema, TypeDefinitionNode } from "graphql";
import { isIntrospectionType, isObjectType, Kind } from "graphql";
import type { Catalogue, CatalogueField, Classification } from "./catalogue.ts";
import type { Definitions } from "./definitions.ts";
import type { Features } from "./features.ts";
import { createRequiresReader } from "./requires.ts";
import { createStatementReader } from "./statement.ts";

/** What `readCatalogue` reads from. */
export interface CatalogueSource {
  readonly apiSchema: GraphQLSchema;
  /** The supergraph's own definitions, machinery and hidden elements included. */
  readonly definitions: Definitions;
  readonly features: Features;
}

/** What counts for a field that nobody classified, so that whoever forgets to look at `unclassified` still releases nothing. */
const STRICTEST: Classification = { level: "CONFIDENTIAL", personal: true, identifier: "DIRECT" };

/**
 * Lists every field of every object type that callers may see.
 *
 * An unclassified field has no owner and the strictest classification, and stands in `unclassified`.
 *
 * @throws {SupergraphError} Where a classification, an age or a `@requires` of the supergraph can't be read.
 */
export function readCatalogue(source: CatalogueSource): Catalogue {
  const fields = new Map<string, CatalogueField>();
  const unclassified: string[] = [];
  const requires = createRequiresReader(source.definitions, source.features);
  const stated = createStatementReader(source.features);
  for (const type of Object.values(source.apiSchema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    const nodes = fieldNodes(source.definitions.types.get(type.name));
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const node = nodes.get(field.name);
      const statement = stated(node);
      if (statement.classification === undefined) unclassified.push(coordinate);
      fields.set(coordinate, {
        coordinate,
        owners: statement.owners,
        classification: statement.classification ?? STRICTEST,
        type: String(field.type),
        description: field.description ?? undefined,
        requires: requires(type.name, node),
        maxAgeSeconds: statement.maxAgeSeconds,
        staleSeconds: statement.staleSeconds,
        cacheScope: statement.cacheScope,
        cacheTags: statement.cacheTags.length === 0 ? undefined : statement.cacheTags,
      });
    }
  }
  return { fields, unclassified: unclassified.sort() };
}

function fieldNodes(type: TypeDefinitionNode | undefined): ReadonlyMap<string, FieldDefinitionNode> {
  const fields = type?.kind === Kind.OBJECT_TYPE_DEFINITION ? (type.fields ?? []) : [];
  return new Map(fields.map((field) => [field.name.value, field]));
}
