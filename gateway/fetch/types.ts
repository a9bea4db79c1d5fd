import type { GraphQLSchema } from "graphql";
import { isAbstractType, isInterfaceType, isObjectType } from "graphql";
import type { JsonObject, Layers } from "../core/joined.ts";

/** What the walk must know of types. */
export interface TypeKnowledge {
  /** Whether objects of one type are objects of the other, in either direction. */
  readonly isRelated: (typeName: string, condition: string) => boolean;
  /** Whether objects can have a type of this name: it is no interface, for one. */
  isObjectType(typeName: string): boolean;
  /** The type an object says it has: a type that objects can have where one layer names it, else an interface's name. */
  readonly typeNameOf: (layers: Layers) => string | undefined;
}

/**
 * Creates the walk's knowledge of types.
 *
 * A subgraph with `@interfaceObject` names the interface as the type of its objects, so conditions are tried in both
 * directions: the object's type may be below the condition, or above it.
 */
export function createTypeKnowledge(schema: GraphQLSchema): TypeKnowledge {
  const related = new Map<string, boolean>();
  const objectNames = new Set(Object.values(schema.getTypeMap()).flatMap((type) => (isObjectType(type) ? [type.name] : [])));

  function computeRelated(typeName: string, condition: string): boolean {
    const type = schema.getType(typeName);
    const other = schema.getType(condition);
    if (type === undefined || other === undefined) return false;
    if (isAbstractType(other) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(other, type)) return true;
    return isAbstractType(type) && (isObjectType(other) || isInterfaceType(other)) && schema.isSubType(type, other);
  }

  return {
    isObjectType: (typeName) => objectNames.has(typeName),
    isRelated(typeName, condition): boolean {
      if (typeName === condition) return true;
      const key = `${typeName} ${condition}`;
      let answer = related.get(key);
      if (answer === undefined) {
        answer = computeRelated(typeName, condition);
        // Subgraphs send type names, so only pairs of known types are kept: the map is bounded by the schema.
        if (schema.getType(typeName) !== undefined) related.set(key, answer);
      }
      return answer;
    },
    typeNameOf(layers): string | undefined {
      let abstractName: string | undefined;
      for (const layer of layers) {
        const name = typeNameIn(layer);
        if (name === undefined) continue;
        if (objectNames.has(name)) return name;
        abstractName ??= name;
      }
      return abstractName;
    },
  };
}

function typeNameIn(layer: JsonObject | undefined): string | undefined {
  const name = layer?.["__typename"];
  return typeof name === "string" ? name : undefined;
}
