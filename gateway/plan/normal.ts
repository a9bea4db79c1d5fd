import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { PlanCondition } from "../core/layout.ts";
import {
  type Condition,
  type ConditionWriter,
  createConditionWriter,
  isCondition,
  isImplied,
  type Literals,
  orWhen,
  readConditions,
} from "./conditions.ts";
import { unsupported } from "./nodes.ts";

/** An operation in normal form. */
export interface NormalOperation {
  /** Undefined when nothing is ever asked for. */
  readonly operation: OperationDefinitionNode | undefined;
  /** Variables that its conditions use beyond the caller's. */
  readonly conditions: readonly PlanCondition[];
}

/** What is asked of objects at one position of the answer. */
interface Level {
  readonly type: GraphQLCompositeType;
  /** Fields by response key: those of every object under "", those of one type's objects under the type's name. */
  readonly groups: Map<string, Map<string, Asked>>;
  /** Whether the answer depends on an object's own type. */
  asksForType: boolean;
}

interface Asked {
  readonly field: FieldNode;
  readonly below: Level | undefined;
  condition: Condition;
}

interface Gathering {
  readonly schema: GraphQLSchema;
  /** The level whose fields are run in order. */
  readonly serial: Level | undefined;
  asked: number;
}

interface Site {
  readonly level: Level;
  /** Types that objects must have for the selections to count; any when undefined. */
  readonly only: readonly GraphQLObjectType[] | undefined;
  readonly when: Literals;
}

/** Beyond as many fields an operation is left as it is: where types are many, so is what is written for each. */
const askedMax = 4_000;

/**
 * Writes an operation so that the planner meets no form that it is known to plan wrongly.
 *
 * At each position a field stands once for all objects, or once for each type that it is asked of; fragments are on object types, without
 * directives and not nested; a field has at most one `@skip` or `@include`, which says all that the fragments around it say. The planner
 * drops or mixes up conditions that stand upon each other, and loses selections of fragments that overlap. An object's `__typename` is
 * asked for wherever the answer depends on it, under no other key: the planner takes an alias for it.
 *
 * @param operation Valid in the schema, with its fragments written out.
 * @returns Undefined for an operation that would become too large.
 * @throws {HubError} OPERATION_NOT_SUPPORTED for a mutation that stands twice under different conditions: when it is run depends on them.
 */
export function normalise(operation: OperationDefinitionNode, schema: GraphQLSchema, prefix: string): NormalOperation | undefined {
  const root = schema.getRootType(operation.operation);
  if (root === undefined || root === null) return undefined;
  const level: Level = { type: root, groups: new Map(), asksForType: false };
  const gathering: Gathering = { schema, serial: operation.operation === "mutation" ? level : undefined, asked: 0 };
  gather(gathering, { level, only: undefined, when: [] }, operation.selectionSet);
  if (gathering.asked > askedMax) return undefined;
  if (level.groups.size === 0) return { operation: undefined, conditions: [] };
  const writer = createConditionWriter(prefix);
  const selectionSet = writeLevel(writer, level, [[]]);
  return { operation: { ...operation, selectionSet }, conditions: writer.conditions };
}

function gather(gathering: Gathering, site: Site, set: SelectionSetNode): void {
  for (const selection of set.selections) {
    if (gathering.asked > askedMax) return;
    const when = readConditions(selection.directives, site.when);
    if (when === undefined) continue;
    if (selection.kind === Kind.FIELD) gatherField(gathering, { ...site, when }, selection);
    else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition === undefined ? undefined : gathering.schema.getType(selection.typeCondition.name.value);
      const only = isCompositeType(condition) ? narrow(gathering.schema, site, condition) : site.only;
      gather(gathering, { ...site, only, when }, selection.selectionSet);
    }
  }
}

/** The types that are left under a condition, which may say nothing new. */
function narrow(schema: GraphQLSchema, { level, only }: Site, condition: GraphQLCompositeType): Site["only"] {
  const { type } = level;
  if (condition === type || (isAbstractType(condition) && !isUnionType(type) && schema.isSubType(condition, type))) return only;
  level.asksForType = true;
  const wanted = new Set(objectsOf(schema, condition));
  return (only ?? objectsOf(schema, type)).filter((object) => wanted.has(object));
}

function objectsOf(schema: GraphQLSchema, type: GraphQLCompositeType): readonly GraphQLObjectType[] {
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
}

function gatherField(gathering: Gathering, { level, only, when }: Site, field: FieldNode): void {
  if (field.name.value === "__typename") {
    level.asksForType = true;
    return;
  }
  for (const parent of only ?? [level.type]) {
    gathering.asked += 1;
    const definition = isUnionType(parent) ? undefined : parent.getFields()[field.name.value];
    const named = definition === undefined ? undefined : getNamedType(definition.type);
    const asked = askedField(level, {
      group: parent === level.type ? "" : parent.name,
      field,
      type: isCompositeType(named) ? named : undefined,
    });
    if (level === gathering.serial && asked.condition.length > 0 && !isImplied(asked.condition, [when]))
      throw unsupported("an order of its mutations that depends on conditions");
    asked.condition = orWhen(asked.condition, when);
    if (asked.below !== undefined && field.selectionSet !== undefined)
      gather(gathering, { level: asked.below, only: undefined, when }, field.selectionSet);
  }
}

interface FieldSite {
  readonly group: string;
  readonly field: FieldNode;
  /** The type of the objects that the field holds. */
  readonly type: GraphQLCompositeType | undefined;
}

function askedField({ groups }: Level, { group, field, type }: FieldSite): Asked {
  const key = field.alias?.value ?? field.name.value;
  const fields = groups.get(group) ?? new Map<string, Asked>();
  groups.set(group, fields);
  const known = fields.get(key);
  if (known !== undefined) return known;
  const asked: Asked = {
    field,
    below: type === undefined ? undefined : { type, groups: new Map(), asksForType: false },
    condition: [],
  };
  fields.set(key, asked);
  return asked;
}

/** @param outer When the objects of the level are asked for. */
function writeLevel(writer: ConditionWriter, level: Level, outer: Condition): SelectionSetNode {
  const common = level.groups.get("") ?? new Map<string, Asked>();
  const selections: SelectionNode[] = [...common.values()].map((asked) => writeField(writer, asked, outer));
  for (const [name, fields] of level.groups) {
    if (name === "") continue;
    const own = [...fields]
      .filter(([key, asked]) => !isCovered(asked, common.get(key)))
      .map(([, asked]) => writeField(writer, asked, outer));
    if (own.length > 0) selections.push(fragmentNode(name, own));
  }
  const isTypeNeeded = selections.length === 0 || (level.asksForType && (isInterfaceType(level.type) || isUnionType(level.type)));
  return { kind: Kind.SELECTION_SET, selections: isTypeNeeded ? [typeNameNode, ...selections] : selections };
}

/** Whether a type's leaf is asked for of every object anyway. */
function isCovered(asked: Asked, common: Asked | undefined): boolean {
  return common !== undefined && asked.below === undefined && isImplied(common.condition, asked.condition);
}

function writeField(writer: ConditionWriter, { field, below, condition }: Asked, outer: Condition): FieldNode {
  // Of two objects that are one field under two keys, the planner keeps the condition of the first alone, if it is the same.
  const kept = (field.directives ?? []).filter((directive) => !isCondition(directive));
  const directives = isImplied(condition, outer)
    ? kept
    : [...kept, writer.write(condition, below === undefined ? "" : (field.alias?.value ?? ""))];
  return { ...field, directives, ...(below === undefined ? {} : { selectionSet: writeLevel(writer, below, condition) }) };
}

const typeNameNode: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } };

function fragmentNode(type: string, selections: readonly SelectionNode[]): SelectionNode {
  return {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } },
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  };
}
