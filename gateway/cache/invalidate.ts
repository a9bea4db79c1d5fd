import type { GraphQLSchema } from "graphql";
import { isAbstractType, isInterfaceType, isObjectType } from "graphql";
import type { EntityKeys } from "../../schema/entities.ts";
import type { Invalidation, InvalidationOrder } from "../../schema/invalidation.ts";
import type { Bump } from "./epochs.ts";
import { entitySlot, keyText, SUBGRAPH_SLOT, someSlot, tagSlot, typeSlot } from "./slots.ts";

/** What is known of the graph that is served. */
export interface InvalidationSite {
  readonly schema: GraphQLSchema;
  readonly entityKeys: EntityKeys;
}

/**
 * Finds the slots that an order changes: a few for each item, however much is kept.
 *
 * What a department calls an interface may be kept as any of its types, and the other way round, so all of them count. An entity whose key can't be told
 * counts as its whole type.
 */
export function bumpsOf({ schema, entityKeys }: InvalidationSite, { subgraph, items }: InvalidationOrder): Bump {
  const keys = entityKeys.get(subgraph);
  const slots = new Set<number>();
  for (const item of items) for (const slot of slotsOf(item, { schema, keysOf: (typeName) => keys?.get(typeName) ?? [] })) slots.add(slot);
  return { subgraph, slots: [...slots] };
}

interface ItemSite {
  readonly schema: GraphQLSchema;
  readonly keysOf: (typeName: string) => readonly Parameters<typeof keyText>[0][];
}

function slotsOf(item: Invalidation, { schema, keysOf }: ItemSite): readonly number[] {
  if ("all" in item) return [SUBGRAPH_SLOT];
  if ("tag" in item) return [tagSlot(item.tag)];
  const { key } = item;
  return namesOf(schema, item.type).flatMap((typeName) => {
    const [only, ...others] = keysOf(typeName);
    const text = key === undefined || only === undefined || others.length > 0 ? undefined : keyText(only, key);
    // Of a type with several keys no entity has a slot of its own: all of them stand on the type's second slot, which changes here too.
    if (key !== undefined && others.length > 0) return [someSlot(typeName)];
    return text === undefined ? [typeSlot(typeName), someSlot(typeName)] : [entitySlot(typeName, text), someSlot(typeName)];
  });
}

function namesOf(schema: GraphQLSchema, typeName: string): readonly string[] {
  const type = schema.getType(typeName);
  const names = new Set([typeName]);
  if (isAbstractType(type)) for (const possible of schema.getPossibleTypes(type)) names.add(possible.name);
  if (isObjectType(type) || isInterfaceType(type)) for (const parent of type.getInterfaces()) names.add(parent.name);
  return [...names];
}
