import type { FieldDefinitionNode, GraphQLSchema, TypeDefinitionNode } from "graphql";
import { isIntrospectionType, isObjectType, Kind } from "graphql";
import type { Definitions } from "./definitions.ts";
import type { Features } from "./features.ts";
import { createRequiresReader } from "./requires.ts";
import { createStatementReader } from "./statement.ts";

/** Protective markings, from least to most sensitive. */
export type Level = "OPEN" | "RESTRICTED" | "CONFIDENTIAL";

/** Whether a value names a person by itself, together with others, or not. */
export type Identifier = "DIRECT" | "QUASI" | "NONE";

/** What a department states of one field with `@classified`. */
export interface Classification {
  readonly level: Level;
  readonly personal: boolean;
  readonly identifier: Identifier;
}

/** One field of the composed graph, as the catalogue lists it. */
export interface CatalogueField {
  /** Schema coordinate such as `Person.hkid`. */
  readonly coordinate: string;
  /** Departments (subgraph names) that classify the field, sorted. A provider must be one of them. */
  readonly owners: readonly string[];
  readonly classification: Classification;
  /** The field's type as the SDL writes it, such as `[Vehicle!]`. */
  readonly type: string;
  readonly description: string | undefined;
  /** Coordinates of the fields that `@requires` names for this field, nested ones included; sorted, without repeats. */
  readonly requires: readonly string[];
  /** Seconds that a value may be served from a cache; undefined when no department declares it. */
  readonly maxAgeSeconds: number | undefined;
}

/** Every field of every object type of the composed graph, by coordinate. */
export interface Catalogue {
  readonly fields: ReadonlyMap<string, CatalogueField>;
  /** Coordinates that no department classified, sorted. Must be empty for a governed graph. */
  readonly unclassified: readonly string[];
}

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
      });
    }
  }
  return { fields, unclassified: unclassified.sort() };
}

function fieldNodes(type: TypeDefinitionNode | undefined): ReadonlyMap<string, FieldDefinitionNode> {
  const fields = type?.kind === Kind.OBJECT_TYPE_DEFINITION ? (type.fields ?? []) : [];
  return new Map(fields.map((field) => [field.name.value, field]));
}
