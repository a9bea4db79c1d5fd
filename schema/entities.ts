import type { SelectionSetNode } from "graphql";
import { Kind, parse } from "graphql";
import type { Definitions } from "./definitions.ts";
import { readArgument, stringArgument } from "./definitions.ts";
import type { Features } from "./features.ts";

/** Names of a key's fields, each with the key fields of the object that it holds; undefined for a leaf. Sorted by name. */
export type KeyFields = readonly { readonly name: string; readonly below: KeyFields | undefined }[];

/** By subgraph and type: every `@key` that the subgraph declares. */
export type EntityKeys = ReadonlyMap<string, ReadonlyMap<string, readonly KeyFields[]>>;

const JOIN = "https://specs.apollo.dev/join";

/**
 * Reads by which keys each subgraph knows its entities. A key that can't be read counts as one without fields, so that whoever needs to know
 * an entity by its one key finds that there is none.
 *
 * @see https://specs.apollo.dev/join/v0.3/#@type
 */
export function readEntityKeys(definitions: Definitions, features: Features): EntityKeys {
  const joinType = features.directiveName(JOIN, "type");
  const names = readGraphNames(definitions, features);
  const keys = new Map<string, Map<string, KeyFields[]>>();
  for (const type of definitions.types.values()) {
    for (const directive of type.directives ?? []) {
      const key = directive.name.value === joinType ? stringArgument(directive, "key") : undefined;
      const subgraph = names.get(String(readArgument(directive, "graph")));
      if (key === undefined || subgraph === undefined) continue;
      const types = keys.get(subgraph) ?? new Map<string, KeyFields[]>();
      keys.set(subgraph, types);
      const known = types.get(type.name.value) ?? [];
      types.set(type.name.value, known);
      known.push(readKey(key));
    }
  }
  return keys;
}

/** Subgraphs' names by the values of the enum that lists them. */
function readGraphNames(definitions: Definitions, features: Features): ReadonlyMap<string, string> {
  const graphs = definitions.types.get(features.typeName(JOIN, "Graph"));
  const joinGraph = features.directiveName(JOIN, "graph");
  const values = graphs?.kind === Kind.ENUM_TYPE_DEFINITION ? (graphs.values ?? []) : [];
  return new Map(
    values.flatMap((value) => {
      const directive = value.directives?.find((candidate) => candidate.name.value === joinGraph);
      const name = directive === undefined ? undefined : stringArgument(directive, "name");
      return name === undefined ? [] : [[value.name.value, name] as const];
    }),
  );
}

function readKey(text: string): KeyFields {
  try {
    const [definition] = parse(`{ ${text} }`, { noLocation: true }).definitions;
    return definition?.kind === Kind.OPERATION_DEFINITION ? fieldsOf(definition.selectionSet) : [];
  } catch {
    return [];
  }
}

function fieldsOf({ selections }: SelectionSetNode): KeyFields {
  const fields = selections.flatMap((selection) =>
    selection.kind === Kind.FIELD
      ? [{ name: selection.name.value, below: selection.selectionSet === undefined ? undefined : fieldsOf(selection.selectionSet) }]
      : [],
  );
  return fields.toSorted((left, right) => (left.name < right.name ? -1 : 1));
}
