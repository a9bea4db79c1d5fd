import type { GraphQLInputType, GraphQLSchema } from "graphql";
import { isEnumType, isInputObjectType, isListType, isNonNullType, Kind } from "graphql";
import type { ClearedOperation } from "../core/cleared.ts";
import { decisionOn } from "./decision.ts";
import { inputVariablesOf } from "./demand.ts";
import { argumentError } from "./refusal.ts";

/**
 * Refuses values of variables that the caller may not give.
 *
 * @param values As the caller sent them. Defaults of the operation are judged with the operation; defaults of the schema are not the caller's.
 * @throws {HubError} UNAUTHORIZED_FIELD_OR_TYPE with the input fields and enum values that are denied.
 */
export type VariableJudge = (values: Readonly<Record<string, unknown>>) => void;

/**
 * Creates the judge of an operation's variables. A value in a variable is judged like one that is written in the operation; variables
 * that only withheld fields use are not judged, as they are not sent.
 */
export function createVariableJudge(schema: GraphQLSchema, { entitlement, document }: ClearedOperation): VariableJudge {
  if (entitlement === undefined || document === undefined) return () => undefined;
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const inputs = inputVariablesOf(schema, operation?.variableDefinitions);
  return (values) => {
    const refused = new Set<string>();
    for (const { name, type } of inputs) {
      if (!Object.hasOwn(values, name)) continue;
      for (const coordinate of valueCoordinates(type, values[name])) {
        if (decisionOn(entitlement, coordinate).kind !== "allow") refused.add(coordinate);
      }
    }
    if (refused.size > 0) throw argumentError(refused);
  };
}

/**
 * Names the input fields and enum values that a variable's value holds. Each part of the value is read once, without recursion.
 *
 * @param value Of the type, or not: what doesn't fit is left to coercion.
 */
export function valueCoordinates(type: GraphQLInputType, value: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting: { readonly type: GraphQLInputType; readonly value: unknown }[] = [{ type, value }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const nullable = isNonNullType(next.type) ? next.type.ofType : next.type;
    if (isListType(nullable)) {
      const items: readonly unknown[] = Array.isArray(next.value) ? next.value : [next.value];
      for (const item of items) waiting.push({ type: nullable.ofType, value: item });
    } else if (isEnumType(nullable)) {
      if (typeof next.value === "string") found.add(`${nullable.name}.${next.value}`);
    } else if (isInputObjectType(nullable) && typeof next.value === "object" && next.value !== null) {
      for (const [name, inner] of Object.entries(next.value)) {
        found.add(`${nullable.name}.${name}`);
        const field = Object.hasOwn(nullable.getFields(), name) ? nullable.getFields()[name] : undefined;
        if (field !== undefined) waiting.push({ type: field.type, value: inner });
      }
    }
  }
  return found;
}
