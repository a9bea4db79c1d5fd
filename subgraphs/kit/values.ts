import type { GraphQLInputType, ValueNode } from "graphql";
import { isEnumType, isInputObjectType, isListType, isNonNullType, Kind } from "graphql";

/** Adds the coordinates of the input fields and enum values that a value written in an operation holds. Variables are left out. */
export function addLiteral(found: Set<string>, type: GraphQLInputType, value: ValueNode): void {
  const nullable = isNonNullType(type) ? type.ofType : type;
  if (isListType(nullable)) {
    // One value where a list is expected stands for a list of one.
    for (const item of value.kind === Kind.LIST ? value.values : [value]) addLiteral(found, nullable.ofType, item);
  } else if (isEnumType(nullable)) {
    if (value.kind === Kind.ENUM) found.add(`${nullable.name}.${value.value}`);
  } else if (isInputObjectType(nullable) && value.kind === Kind.OBJECT) {
    const fields = nullable.getFields();
    for (const { name, value: inner } of value.fields) {
      found.add(`${nullable.name}.${name.value}`);
      const field = fields[name.value];
      if (field !== undefined) addLiteral(found, field.type, inner);
    }
  }
}

/** Adds the same of a variable's value as it was sent. What doesn't fit the type is left to the execution, which refuses it. */
export function addValue(found: Set<string>, type: GraphQLInputType, value: unknown): void {
  const nullable = isNonNullType(type) ? type.ofType : type;
  if (isListType(nullable)) {
    for (const item of Array.isArray(value) ? (value as readonly unknown[]) : [value]) addValue(found, nullable.ofType, item);
  } else if (isEnumType(nullable)) {
    if (typeof value === "string") found.add(`${nullable.name}.${value}`);
  } else if (isInputObjectType(nullable) && typeof value === "object" && value !== null) {
    const fields = nullable.getFields();
    for (const [name, inner] of Object.entries(value)) {
      found.add(`${nullable.name}.${name}`);
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (field !== undefined) addValue(found, field.type, inner);
    }
  }
}
