import type { GraphQLOutputType, GraphQLSchema, SelectionSetNode } from "graphql";
import {
  GraphQLBoolean,
  GraphQLError,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  valueFromASTUntyped,
} from "graphql";
import type { Lookup } from "./demand.ts";
import type { EntityJoin } from "./joins.ts";

/** Why references to entities are refused. */
export const referenceFaultTable = {
  TOO_MANY: "The request refers to more entities than the department takes at once.",
  NO_LIST: "The representations are no list of objects.",
  TYPE: "A representation is of a type that is no entity of this department.",
  KEY: "A representation has no whole key of its type.",
  FIELD: "A representation holds a field that is neither of a key nor needed by a selected field.",
  VALUE: "A representation holds a value that does not fit its field.",
} as const satisfies Record<string, string>;

/** Code of a refused reference. */
export type ReferenceFault = keyof typeof referenceFaultTable;

/**
 * Says what is wrong with the representations of one `_entities` field; undefined when nothing is.
 *
 * @param room How many the operation may still refer to; those of the field are taken from it.
 */
export type ReferenceCheck = (variables: Readonly<Record<string, unknown>>, room: { left: number }) => ReferenceFault | undefined;

/** Fields that an object may have, each with the types of which its value may be. */
type Members = Map<string, Member>;

interface Member {
  readonly types: GraphQLOutputType[];
  /** Undefined of a leaf. */
  inner: Members | undefined;
}

interface EntityShape {
  readonly members: Members;
  /** Names of the first fields of each key. */
  readonly keys: readonly (readonly string[])[];
}

/** What references are held against. */
export interface ReferenceOptions {
  readonly schema: GraphQLSchema;
  readonly entities: ReadonlyMap<string, EntityJoin>;
}

/** Compiles the check of one `_entities` field: only keys, and inputs of the fields that are selected, may come in. */
export function compileReferences({ schema, entities }: ReferenceOptions, lookup: Lookup): ReferenceCheck {
  const shapes = new Map<string, EntityShape>();
  for (const [name, join] of entities) shapes.set(name, shapeOf(schema, { name, join, selected: lookup.selected.get(name) }));
  return (variables, room) => {
    const list = representationsOf(lookup, variables);
    if (!Array.isArray(list)) return "NO_LIST";
    room.left -= list.length;
    if (room.left < 0) return "TOO_MANY";
    for (const representation of list as readonly unknown[]) {
      const fault = checkReference(shapes, representation);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

/** The refusal of references. It names no value. */
export function refuseReference(fault: ReferenceFault): GraphQLError {
  return new GraphQLError(referenceFaultTable[fault], {
    extensions: { code: "FORBIDDEN", coordinate: "Query._entities(representations:)", reason: fault, http: { status: 403 } },
  });
}

/** As the execution will read them: one value stands for a list of one, and a variable that isn't given for its default. */
function representationsOf({ argument, fallback }: Lookup, variables: Readonly<Record<string, unknown>>): unknown {
  if (argument === undefined) return undefined;
  let value: unknown;
  if (argument.kind !== Kind.VARIABLE) value = valueFromASTUntyped(argument, variables);
  else if (Object.hasOwn(variables, argument.name.value)) value = variables[argument.name.value];
  else value = fallback === undefined ? undefined : valueFromASTUntyped(fallback);
  return Array.isArray(value) || value === undefined || value === null ? value : [value];
}

interface Entity {
  readonly name: string;
  readonly join: EntityJoin;
  readonly selected: ReadonlySet<string> | undefined;
}

function shapeOf(schema: GraphQLSchema, { name, join, selected = new Set() }: Entity): EntityShape {
  const members: Members = new Map();
  for (const key of join.keys) addMembers(schema, members, { set: key, typeName: name });
  for (const [field, set] of join.requires) if (selected.has(field)) addMembers(schema, members, { set, typeName: name });
  return { members, keys: join.keys.map(namesOf) };
}

function namesOf(set: SelectionSetNode): readonly string[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.name.value];
    return selection.kind === Kind.INLINE_FRAGMENT ? namesOf(selection.selectionSet) : [];
  });
}

/** A field of several types of a union may have several types of values; a value that fits one of them is taken. */
function addMembers(
  schema: GraphQLSchema,
  members: Members,
  { set, typeName }: { readonly set: SelectionSetNode; readonly typeName: string },
): void {
  const type = schema.getType(typeName);
  for (const selection of set.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      addMembers(schema, members, { set: selection.selectionSet, typeName: selection.typeCondition?.name.value ?? typeName });
    }
    if (selection.kind !== Kind.FIELD || selection.name.value === "__typename") continue;
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[selection.name.value] : undefined;
    if (field === undefined) continue;
    const member = members.get(field.name) ?? { types: [], inner: undefined };
    members.set(field.name, member);
    member.types.push(field.type);
    if (selection.selectionSet === undefined) continue;
    member.inner ??= new Map();
    addMembers(schema, member.inner, { set: selection.selectionSet, typeName: getNamedType(field.type).name });
  }
}

function checkReference(shapes: ReadonlyMap<string, EntityShape>, value: unknown): ReferenceFault | undefined {
  if (!isRecord(value)) return "NO_LIST";
  const name = Object.hasOwn(value, "__typename") ? value["__typename"] : undefined;
  const shape = typeof name === "string" ? shapes.get(name) : undefined;
  if (shape === undefined) return "TYPE";
  const fault = checkMembers(shape.members, value);
  if (fault !== undefined) return fault;
  const isWhole = shape.keys.some((key) => key.every((field) => Object.hasOwn(value, field)));
  return isWhole ? undefined : "KEY";
}

function checkMembers(members: Members, value: Readonly<Record<string, unknown>>): ReferenceFault | undefined {
  for (const name of Object.keys(value)) {
    const inner = value[name];
    if (name === "__typename") {
      if (typeof inner !== "string") return "VALUE";
      continue;
    }
    const member = members.get(name);
    if (member === undefined) return "FIELD";
    let fault: ReferenceFault | undefined = "VALUE";
    for (const type of member.types) {
      fault = checkValue(type, member.inner, inner);
      if (fault === undefined) break;
    }
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function checkValue(type: GraphQLOutputType, inner: Members | undefined, value: unknown): ReferenceFault | undefined {
  if (isNonNullType(type)) return value === null ? "VALUE" : checkValue(type.ofType, inner, value);
  if (value === null) return undefined;
  if (isListType(type)) {
    if (!Array.isArray(value)) return "VALUE";
    for (const item of value as readonly unknown[]) {
      const fault = checkValue(type.ofType, inner, item);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  if (isCompositeType(type)) return isRecord(value) && inner !== undefined ? checkMembers(inner, value) : "VALUE";
  return isLeafValue(type, value) ? undefined : "VALUE";
}

/** A scalar of a department's own may be any JSON. */
function isLeafValue(type: GraphQLOutputType, value: unknown): boolean {
  switch (type) {
    case GraphQLID:
      return typeof value === "string" || Number.isInteger(value);
    case GraphQLString:
      return typeof value === "string";
    case GraphQLInt:
      return Number.isInteger(value);
    case GraphQLFloat:
      return typeof value === "number";
    case GraphQLBoolean:
      return typeof value === "boolean";
    default:
      return isEnumType(type) ? typeof value === "string" : true;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
