import type {
  GraphQLArgument,
  GraphQLEnumType,
  GraphQLField,
  GraphQLInputObjectType,
  GraphQLInterfaceType,
  GraphQLNamedType,
  GraphQLObjectType,
  GraphQLSchema,
} from "graphql";
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isScalarType,
  isUnionType,
} from "graphql";
import type { Entitlement } from "../../policies/engine/words.ts";
import { decisionOn } from "./decision.ts";

/** What is left of a schema for one caller. */
export interface Readable {
  readonly hasType: (name: string) => boolean;
  /** `Type.field` or `Input.field`. */
  readonly hasField: (type: string, field: string) => boolean;
  readonly hasArgument: (type: string, field: string, argument: string) => boolean;
  readonly hasValue: (type: string, value: string) => boolean;
}

type Composite = GraphQLObjectType | GraphQLInterfaceType;

interface Cut {
  readonly schema: GraphQLSchema;
  readonly entitlement: Entitlement;
  /** Types, fields, arguments and values that are gone. Grows until nothing depends on what is gone. */
  readonly gone: Set<string>;
  /** Enums that a field which is left returns: all of their values may be met. */
  readonly returned: Set<string>;
}

/**
 * Finds what a caller may read or give, and takes away all that can't stand without the rest: fields of types of which nothing is left, fields
 * whose required argument is denied, fields of an interface that a type which implements it has lost.
 */
export function findReadable(schema: GraphQLSchema, entitlement: Entitlement): Readable {
  const cut: Cut = { schema, entitlement, gone: new Set(), returned: new Set() };
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));
  for (let before = -1; before !== cut.gone.size; ) {
    before = cut.gone.size;
    findReturned(cut, types);
    // Each round takes something more away, so there are at most as many rounds as coordinates.
    for (const type of types) if (!cut.gone.has(type.name) && cutType(cut, type)) cut.gone.add(type.name);
  }
  const has = (coordinate: string): boolean => !cut.gone.has(coordinate);
  return {
    hasType: has,
    hasField: (type, field) => has(`${type}.${field}`),
    hasArgument: (type, field, argument) => has(`${type}.${field}(${argument}:)`),
    hasValue: (type, value) => has(`${type}.${value}`),
  };
}

function findReturned({ schema, gone, returned }: Cut, types: readonly GraphQLNamedType[]): void {
  returned.clear();
  for (const type of types) {
    if ((!isObjectType(type) && !isInterfaceType(type)) || gone.has(type.name)) continue;
    for (const field of Object.values(type.getFields())) {
      const inner = getNamedType(field.type);
      if (isEnumType(schema.getType(inner.name)) && !gone.has(`${type.name}.${field.name}`)) returned.add(inner.name);
    }
  }
}

/** Takes away what a type can't keep. @returns Whether nothing of it is left. */
function cutType(cut: Cut, type: GraphQLNamedType): boolean {
  if (isScalarType(type)) return false;
  if (isUnionType(type)) return type.getTypes().every((member) => cut.gone.has(member.name));
  if (isEnumType(type)) return cutEnum(cut, type);
  if (isInputObjectType(type)) return cutInput(cut, type);
  return cutFields(cut, type);
}

function cutEnum(cut: Cut, type: GraphQLEnumType): boolean {
  return (
    !cut.returned.has(type.name) &&
    cutAll(
      cut,
      type.getValues().map((value) => ({ coordinate: `${type.name}.${value.name}`, isLost: false })),
    )
  );
}

function cutInput(cut: Cut, type: GraphQLInputObjectType): boolean {
  const fields = Object.values(type.getFields());
  const isEmpty = cutAll(
    cut,
    fields.map((field) => ({ coordinate: `${type.name}.${field.name}`, isLost: cut.gone.has(getNamedType(field.type).name) })),
  );
  return isEmpty || fields.some((field) => isRequiredInputField(field) && cut.gone.has(`${type.name}.${field.name}`));
}

function cutFields(cut: Cut, type: Composite): boolean {
  const fields = Object.values(type.getFields());
  for (const field of fields) cutArguments(cut, type, field);
  return cutAll(
    cut,
    fields.map((field) => ({ coordinate: `${type.name}.${field.name}`, isLost: isFieldLost(cut, type, field) })),
  );
}

function cutArguments(cut: Cut, type: Composite, field: GraphQLField<unknown, unknown>): void {
  const inherited = isInterfaceType(type) ? implementations(cut, type) : [];
  const parts = field.args.map((argument) => {
    const isLostBelow = inherited.some((implementation) => cut.gone.has(`${implementation.name}.${field.name}(${argument.name}:)`));
    return { coordinate: argumentOf(type, field, argument), isLost: cut.gone.has(getNamedType(argument.type).name) || isLostBelow };
  });
  cutAll(cut, parts);
}

function isFieldLost(cut: Cut, type: Composite, field: GraphQLField<unknown, unknown>): boolean {
  if (cut.gone.has(getNamedType(field.type).name)) return true;
  if (field.args.some((argument) => isRequiredArgument(argument) && cut.gone.has(argumentOf(type, field, argument)))) return true;
  return isInterfaceType(type) && implementations(cut, type).some((implementation) => cut.gone.has(`${implementation.name}.${field.name}`));
}

interface Part {
  readonly coordinate: string;
  readonly isLost: boolean;
}

/** Takes away the parts that are denied or lost. @returns Whether none is left. */
function cutAll(cut: Cut, parts: readonly Part[]): boolean {
  let left = 0;
  for (const { coordinate, isLost } of parts) {
    if (isLost || decisionOn(cut.entitlement, coordinate).kind === "deny") cut.gone.add(coordinate);
    else if (!cut.gone.has(coordinate)) left += 1;
  }
  return left === 0;
}

function argumentOf(type: Composite, field: GraphQLField<unknown, unknown>, argument: GraphQLArgument): string {
  return `${type.name}.${field.name}(${argument.name}:)`;
}

function implementations({ schema, gone }: Cut, type: GraphQLInterfaceType): readonly Composite[] {
  const { objects, interfaces } = schema.getImplementations(type);
  return [...objects, ...interfaces].filter((implementation) => !gone.has(implementation.name));
}
