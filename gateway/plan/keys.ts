import {
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

/** What is asked for at one position of the answer, by planned keys. */
export type AskedKeys = ReadonlyMap<string, AskedKey>;

/** What a planned key stands for. */
export interface AskedKey {
  /** How deep in lists its objects are. */
  readonly depth: number;
  /** Types whose objects it is asked of. */
  readonly parents: ReadonlySet<string>;
  readonly below: AskedKeys;
}

/** An operation in which a response key means one thing wherever it stands, and never looks like a field that it isn't. */
export interface SeparatedOperation {
  readonly text: string;
  /** Keys that were put in place of the caller's, with the caller's. */
  readonly publicKeys: ReadonlyMap<string, string>;
  readonly askedKeys: AskedKeys;
}

/**
 * Renames response keys that trouble the planner, which adds keys and `@requires` inputs under the fields' own names: an alias that is the
 * name of some field, and a key that stands for different fields, arguments or types where possible types differ. An alias that says
 * nothing (`name: name`) is dropped.
 *
 * @param operation Valid in the schema, with its fragments written out.
 * @param prefix A beginning that no name of the operation or of the schema has.
 */
export function separateKeys(operation: OperationDefinitionNode, schema: GraphQLSchema, prefix: string): SeparatedOperation {
  const root = schema.getRootType(operation.operation);
  if (root === undefined || root === null) return { text: print(operation), publicKeys: new Map(), askedKeys: new Map() };
  const naming: Naming = { schema, fieldNames: fieldNamesOf(schema), prefix, publicKeys: new Map(), count: 0 };
  const site: Site = { set: operation.selectionSet, type: root };
  const names = nameFields(naming, [site]);
  const text = print({ ...operation, selectionSet: rewrite(naming, site, names) });
  return { text, publicKeys: naming.publicKeys, askedKeys: askedKeysOf(names) };
}

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
type Names = ReadonlyMap<string, { readonly key: string; readonly below: Names } & Omit<AskedKey, "below">>;

interface Found {
  readonly field: FieldNode;
  readonly type: GraphQLNamedType;
  readonly parent: string;
  readonly depth: number;
  readonly meaning: string;
}

function nameFields(naming: Naming, sites: readonly Site[]): Names {
  const byKey = Map.groupBy(
    sites.flatMap((site) => listFields(naming, site)),
    ({ field }) => keyOf(field),
  );
  const names = new Map<string, { key: string; below: Names } & Omit<AskedKey, "below">>();
  for (const [key, found] of byKey) {
    const groups = groupAlike(naming, found);
    for (const same of groups) {
      const sets = same.flatMap(({ field, type }) => (field.selectionSet === undefined ? [] : [{ set: field.selectionSet, type }]));
      const [first] = same;
      const isMisleading = first !== undefined && first.field.name.value !== key && naming.fieldNames.has(key);
      const planned = isMisleading || groups.length > 1 ? newKey(naming, key) : key;
      const name = {
        key: planned,
        depth: first?.depth ?? 0,
        parents: new Set(same.map(({ parent }) => parent)),
        below: sets.length === 0 ? new Map() : nameFields(naming, sets),
      };
      for (const { meaning } of same) names.set(meaning, name);
    }
  }
  return names;
}

/**
 * Groups the fields under one response key by what they stand for. An interface's field and that of a type that implements it are one, though
 * the type may name a narrower one for it: both are asked of the same objects.
 */
function groupAlike({ schema }: Naming, found: readonly Found[]): readonly (readonly Found[])[] {
  const byMeaning = [...Map.groupBy(found, ({ meaning }) => meaning).values()];
  if (byMeaning.length === 1) return byMeaning;
  return [...Map.groupBy(byMeaning, ([first]) => (first === undefined ? "" : signatureOf(first.field))).values()].flatMap((alike) =>
    alike.length === 1 ? alike : joinMeeting(alike.map((same) => ({ same, objects: objectNames(schema, same) }))),
  );
}

interface Meeting {
  readonly same: readonly Found[];
  /** Object types that have the field. */
  readonly objects: ReadonlySet<string>;
}

/** Joins those that have an object type in common, directly or by way of others. */
function joinMeeting(all: readonly Meeting[]): readonly (readonly Found[])[] {
  let joined: Meeting[] = [];
  for (const one of all) {
    const meeting = joined.filter(({ objects }) => [...one.objects].some((name) => objects.has(name)));
    const rest = joined.filter((other) => !meeting.includes(other));
    const whole = [...meeting, one];
    joined = [...rest, { same: whole.flatMap(({ same }) => same), objects: new Set(whole.flatMap(({ objects }) => [...objects])) }];
  }
  return joined.map(({ same }) => same);
}

function objectNames(schema: GraphQLSchema, found: readonly Found[]): ReadonlySet<string> {
  const parents = new Set(found.map(({ parent }) => parent));
  return new Set(
    [...parents].flatMap((name) => {
      const type = schema.getType(name);
      return isAbstractType(type) ? schema.getPossibleTypes(type).map((object) => object.name) : [name];
    }),
  );
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
  return {
    field,
    meaning,
    type: type === undefined ? parent : getNamedType(type),
    parent: parent.name,
    depth: String(type).split("[").length - 1,
  };
}

function askedKeysOf(names: Names): AskedKeys {
  return new Map(
    [...new Set(names.values())].map(({ key, depth, parents, below }) => [key, { depth, parents, below: askedKeysOf(below) }]),
  );
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
  const key = name?.key ?? keyOf(field);
  const aliased = key === field.name.value ? bare : { ...bare, alias: { kind: Kind.NAME as const, value: key } };
  if (selectionSet === undefined) return aliased;
  return { ...aliased, selectionSet: rewrite(naming, { set: selectionSet, type }, name?.below ?? new Map()) };
}

/** Names of all fields. */
export function fieldNamesOf(schema: GraphQLSchema): ReadonlySet<string> {
  const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) || isInterfaceType(type));
  return new Set(["__typename", ...types.flatMap((type) => Object.keys(type.getFields()))]);
}
