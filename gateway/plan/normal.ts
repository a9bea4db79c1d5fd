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
}

interface Gathering {
  readonly schema: GraphQLSchema;
  asked: number;
}

interface Site {
  readonly level: Level;
  /** Types that objects must have for the selections to count; any when undefined. */
  readonly only: readonly GraphQLObjectType[] | undefined;
}

/** Beyond as many fields an operation is left as it is: where types are many, so is what is written for each. */
const askedMax = 4_000;

/**
 * Writes an operation so that the planner meets no form that it is known to plan wrongly.
 *
 * At each position a field stands once for all objects, or once for each type that it is asked of; fragments are on object types, without
 * directives and not nested. The planner loses selections of fragments that overlap. A field that is asked for under several keys stands under one after
 * the other: the planner never ends where a field of another subgraph is between them. An object's `__typename` is asked for wherever the
 * answer depends on it, under no other key: the planner takes an alias for it.
 *
 * @param operation Valid in the schema, with its fragments written out and without conditions.
 * @returns Undefined for an operation that would become too large.
 */
export function normalise(operation: OperationDefinitionNode, schema: GraphQLSchema): OperationDefinitionNode | undefined {
  const root = schema.getRootType(operation.operation);
  if (root === undefined || root === null) return undefined;
  const level: Level = { type: root, groups: new Map(), asksForType: false };
  const gathering: Gathering = { schema, asked: 0 };
  gather(gathering, { level, only: undefined }, operation.selectionSet);
  return gathering.asked > askedMax ? undefined : { ...operation, selectionSet: writeLevel(level, operation.operation === "mutation") };
}

function gather(gathering: Gathering, site: Site, set: SelectionSetNode): void {
  for (const selection of set.selections) {
    if (gathering.asked > askedMax) return;
    if (selection.kind === Kind.FIELD) gatherField(gathering, site, selection);
    else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition === undefined ? undefined : gathering.schema.getType(selection.typeCondition.name.value);
      const only = isCompositeType(condition) ? narrow(gathering.schema, site, condition) : site.only;
      gather(gathering, { ...site, only }, selection.selectionSet);
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

function gatherField(gathering: Gathering, { level, only }: Site, field: FieldNode): void {
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
    if (asked.below !== undefined && field.selectionSet !== undefined)
      gather(gathering, { level: asked.below, only: undefined }, field.selectionSet);
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
  const asked: Asked = { field, below: type === undefined ? undefined : { type, groups: new Map(), asksForType: false } };
  fields.set(key, asked);
  return asked;
}

/** @param isSerial Whether the fields are run in their order. */
function writeLevel(level: Level, isSerial = false): SelectionSetNode {
  const common = level.groups.get("") ?? new Map<string, Asked>();
  const order = isSerial ? (all: readonly Asked[]): readonly Asked[] => all : besideEachOther;
  const selections: SelectionNode[] = order([...common.values()]).map(writeField);
  for (const [name, fields] of level.groups) {
    if (name === "") continue;
    // A type's leaf that is asked for of every object is asked for anyway.
    const own = order([...fields].flatMap(([key, asked]) => (asked.below !== undefined || !common.has(key) ? [asked] : []))).map(
      writeField,
    );
    if (own.length > 0) selections.push(fragmentNode(name, own));
  }
  const isTypeNeeded = selections.length === 0 || (level.asksForType && (isInterfaceType(level.type) || isUnionType(level.type)));
  return { kind: Kind.SELECTION_SET, selections: isTypeNeeded ? [typeNameNode, ...selections] : selections };
}

/** Puts what is asked of one field where it is asked for first. */
function besideEachOther(all: readonly Asked[]): readonly Asked[] {
  return [...Map.groupBy(all, ({ field }) => field.name.value).values()].flat();
}

function writeField({ field, below }: Asked): FieldNode {
  return below === undefined ? field : { ...field, selectionSet: writeLevel(below) };
}

const typeNameNode: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } };

function fragmentNode(type: string, selections: readonly SelectionNode[]): SelectionNode {
  return {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } },
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  };
}
