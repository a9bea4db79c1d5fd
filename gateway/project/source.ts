import type { FieldNode, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema } from "graphql";
import { isAbstractType } from "graphql";
import { createReader, type Layers } from "../core/joined.ts";
import type { Entry, Place } from "../core/layout.ts";
import { signatureOf } from "../core/signature.ts";

/** A layer that was asked for a field. */
export interface Source {
  readonly slotIndex: number;
  readonly entry: Entry;
}

/** Where a field of one type is looked for. */
export interface SourceSite {
  readonly place: Place | undefined;
  readonly type: GraphQLObjectType | GraphQLInterfaceType;
}

/** A field of the answer, by one of the nodes that ask for it. */
export interface SourceField {
  readonly key: string;
  readonly node: FieldNode;
}

/** The layers that were asked for a field of the answer: those with the very arguments, else those with the field's name. */
export function sourcesOf(schema: GraphQLSchema, site: SourceSite, { key, node }: SourceField): readonly Source[] {
  const signature = signatureOf(node);
  const all = sourcesByKey(schema, site, key);
  const exact = all.filter(({ entry }) => entry.signature === signature);
  if (exact.length > 0) return exact;
  return all.filter(({ entry }) => entry.fieldName === node.name.value);
}

/** The layers that were asked for anything under a key. */
export function sourcesByKey(schema: GraphQLSchema, { place, type }: SourceSite, key: string): readonly Source[] {
  if (place === undefined) return [];
  return place.slots.flatMap((slot) =>
    slot.entries
      .filter((entry) => entry.responseKey === key && entry.typeConditions.every((condition) => isPossible(schema, condition, type)))
      .map((entry) => ({ slotIndex: slot.index, entry })),
  );
}

/** Whether objects of a type can be under a condition; a condition that callers don't know excludes nothing. */
function isPossible(schema: GraphQLSchema, condition: string, type: SourceSite["type"]): boolean {
  if (condition === type.name) return true;
  const conditional = schema.getType(condition);
  return conditional === undefined || (isAbstractType(conditional) && schema.isSubType(conditional, type));
}

/** Compiles the reading of a leaf: the first value that a layer has. */
export function createLeafReader(sources: readonly Source[]): (layers: Layers) => unknown {
  const [only] = sources;
  if (sources.length === 1 && only !== undefined) {
    const { slotIndex, entry } = only;
    const read = createReader(entry.sourceKey);
    return (layers) => {
      const layer = layers[slotIndex];
      return layer === undefined ? undefined : read(layer);
    };
  }
  const readers = sources.map(({ slotIndex, entry }) => ({ slotIndex, read: createReader(entry.sourceKey) }));
  return (layers) => {
    for (const { slotIndex, read } of readers) {
      const layer = layers[slotIndex];
      const value = layer === undefined ? undefined : read(layer);
      if (value !== undefined && value !== null) return value;
    }
    return undefined;
  };
}

/** The place of the objects that a field holds; undefined where no layer was asked for any. */
export function childPlaceOf(sources: readonly Source[]): Place | undefined {
  return sources.find(({ entry }) => entry.child !== undefined)?.entry.child;
}
