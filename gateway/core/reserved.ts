import { type GraphQLNamedType, type GraphQLSchema, getNamedType } from "graphql";

/** What response keys of the hub's own begin with: under these the hub reads what conditions look at. No caller may use one. */
export const reservedPrefix = "_hub_";

/** The response key under which the hub reads a field for conditions. */
export function reservedKey(fieldName: string): string {
  return `${reservedPrefix}${fieldName}`;
}

/** Whether a response key is one of the hub's own. */
export function isReserved(key: string): boolean {
  return key.startsWith(reservedPrefix);
}

/** The root field by which callers ask for the catalogue; the hub answers it itself. */
export const catalogueField = "hubCatalogue";

/** The type of what the catalogue lists. */
export const catalogueType = "HubField";

/** Whether a field of a type is the catalogue, in a schema that has it. */
export function isCatalogue(schema: GraphQLSchema, parent: GraphQLNamedType | null | undefined, fieldName: string): boolean {
  if (fieldName !== catalogueField) return false;
  const root = schema.getQueryType();
  const field = root?.getFields()[fieldName];
  return root !== null && root !== undefined && parent === root && field !== undefined && getNamedType(field.type).name === catalogueType;
}
