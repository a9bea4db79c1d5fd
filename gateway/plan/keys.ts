import {
  type DocumentNode,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { signatureOf } from "../core/signature.ts";
import { inlineFragments } from "./inline.ts";

/** An operation in which a response key means one thing wherever it stands, and never looks like a field that it isn't. */
export interface SeparatedOperation {
  readonly text: string;
  /** Keys that were put in place of the caller's, with the caller's. */
  readonly publicKeys: ReadonlyMap<string, string>;
}

/**
 * Renames response keys that trouble the planner, which adds keys and `@requires` inputs under the fields' own names: an alias that is the
 * name of some field, and a key that stands for different fields, arguments or types where possible types differ. An alias that says
 * nothing (`name: name`) is dropped.
 *
 * Names of types are asked for as `__typename` alone, and wherever an answer depends on the type of an object: the planner leaves that to
 * an alias or to a fragment that is skipped, and the object's type is then unknown.
 *
 * @param document One operation with the fragments it uses, valid in the schema and within the limits: fragments are written out.
 */
export function separateKeys(document: DocumentNode, schema: GraphQLSchema): SeparatedOperation {
  const inlined = inlineFragments(document);
  const operation = inlined.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const root = operation === undefined ? undefined : schema.getRootType(operation.operation);
  if (operation === undefined || root === undefined || root === null) return { text: print(document), publicKeys: new Map() };
  const naming: Naming = { schema, fieldNames: fieldNamesOf(schema), prefix: freePrefix(inlined, schema), publicKeys: new Map(), count: 0 };
  const names = nameFields(naming, [{ set: operation.selectionSet, type: root }]);
  const renamed: OperationDefinitionNode = {
    ...operation,
    selectionSet: rewrite(naming, { set: operation.selectionSet, type: root }, names),
  };
  return { text: print({ ...inlined, definitions: [renamed] }), publicKeys: naming.publicKeys };
}

const typeNameField = "__typename";

interface Naming {
  readonly schema: GraphQLSchema;
  readonly fieldNames: ReadonlySet<string>;
  readonly prefix: string;
  readonly publicKeys: Map<string, string>;
  count: number;
}

/** A selection set and the type it is on. */
interface Site {
  readonly set: SelectionSetNode;
  readonly type: GraphQLNamedType;
}

/** Names for the fields at one position of the answer, by what they stand for. */
type Names = ReadonlyMap<string, { readonly key: string; readonly below: Names }>;

interface Found {
  readonly field: FieldNode;
  readonly type: GraphQLNamedType;
  readonly meaning: string;
}

function nameFields(naming: Naming, sites: readonly Site[]): Names {
  const byKey = Map.groupBy(
    sites.flatMap((site) => listFields(naming, site)),
    ({ field }) => keyOf(field),
  );
  const names = new Map<string, { key: string; below: Names }>();
  for (const [key, found] of byKey) {
    const byMeaning = Map.groupBy(found, ({ meaning }) => meaning);
    for (const [meaning, same] of byMeaning) {
      if (same.some(({ field }) => field.name.value === typeNameField)) continue;
      const sets = same.flatMap(({ field, type }) => (field.selectionSet === undefined ? [] : [{ set: field.selectionSet, type }]));
      const [first] = same;
      const isMisleading = first !== undefined && first.field.name.value !== key && naming.fieldNames.has(key);
      const planned = isMisleading || byMeaning.size > 1 ? newKey(naming, key) : key;
      names.set(meaning, { key: planned, below: sets.length === 0 ? new Map() : nameFields(naming, sets) });
    }
  }
  return names;
}

function newKey(naming: Naming, key: string): string {
  naming.count += 1;
  const planned = `${naming.prefix}${naming.count}`;
  naming.publicKeys.set(planned, key);
  return planned;
}

function keyOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

function listFields(naming: Naming, { set, type }: Site): Found[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [readField(type, selection)];
    return selection.kind === Kind.INLINE_FRAGMENT ? listFields(naming, fragmentSite(naming, selection, type)) : [];
  });
}

function readField(parent: GraphQLNamedType, field: FieldNode): Found {
  const type = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[field.name.value]?.type : undefined;
  const meaning = `${keyOf(field)} ${signatureOf(field)} ${String(type)}`;
  return { field, meaning, type: type === undefined ? parent : getNamedType(type) };
}

function fragmentSite({ schema }: Naming, fragment: SelectionNode & { kind: Kind.INLINE_FRAGMENT }, outer: GraphQLNamedType): Site {
  const condition = fragment.typeCondition === undefined ? undefined : schema.getType(fragment.typeCondition.name.value);
  return { set: fragment.selectionSet, type: isCompositeType(condition) ? condition : outer };
}

function rewrite(naming: Naming, { set, type }: Site, names: Names): SelectionSetNode {
  return {
    ...set,
    selections: set.selections.map((selection): SelectionNode => {
      if (selection.kind === Kind.INLINE_FRAGMENT)
        return { ...selection, selectionSet: rewrite(naming, fragmentSite(naming, selection, type), names) };
      return selection.kind === Kind.FIELD ? rewriteField(naming, readField(type, selection), names) : selection;
    }),
  };
}

function rewriteField(naming: Naming, { field, meaning, type }: Found, names: Names): FieldNode {
  const { alias: _, selectionSet, ...bare } = field;
  const name = names.get(meaning);
  const key = field.name.value === typeNameField ? typeNameField : (name?.key ?? keyOf(field));
  const aliased = key === field.name.value ? bare : { ...bare, alias: { kind: Kind.NAME as const, value: key } };
  if (selectionSet === undefined) return aliased;
  const below = rewrite(naming, { set: selectionSet, type }, name?.below ?? new Map());
  return { ...aliased, selectionSet: isAbstractType(type) && asksForType(naming, { set: selectionSet, type }) ? withTypeName(below) : below };
}

/** Whether what is written for an object depends on its own type, beyond what its field's type says of it. */
function asksForType(naming: Naming, { set, type }: Site): boolean {
  return set.selections.some((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value === typeNameField;
    if (selection.kind !== Kind.INLINE_FRAGMENT) return false;
    const site = fragmentSite(naming, selection, type);
    const isCertain = site.type === type || (isAbstractType(site.type) && isInterfaceType(type) && naming.schema.isSubType(site.type, type));
    return !isCertain || asksForType(naming, { set: site.set, type });
  });
}

function withTypeName(set: SelectionSetNode): SelectionSetNode {
  return { ...set, selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: typeNameField } }, ...set.selections] };
}

function fieldNamesOf(schema: GraphQLSchema): ReadonlySet<string> {
  const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) || isInterfaceType(type));
  return new Set([typeNameField, ...types.flatMap((type) => Object.keys(type.getFields()))]);
}

/** A beginning that no name of the operation or of the schema has. */
function freePrefix(document: DocumentNode, schema: GraphQLSchema): string {
  const text = print(document);
  const names = [...fieldNamesOf(schema)];
  let prefix = "_k";
  while (text.includes(prefix) || names.some((name) => name.startsWith(prefix))) prefix += "k";
  return prefix;
}
