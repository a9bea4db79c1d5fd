import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLInterfaceType,
  GraphQLObjectType,
  GraphQLSchema,
  SelectionNode,
  SelectionSetNode,
} from "graphql";
import { isAbstractType, Kind } from "graphql";
import type { ClearedOperation } from "../core/cleared.ts";
import { isIncluded, type SetConditions } from "../core/conditions.ts";
import { HubError } from "../core/errors.ts";
import type { FetchPlan } from "../core/layout.ts";

/** What selections are read against. */
export interface SelectionContext {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly set: SetConditions;
}

/** What an answer is written from. */
export interface Asked {
  readonly schema: GraphQLSchema;
  readonly cleared: ClearedOperation;
  readonly plan: FetchPlan;
}

/**
 * Finds where an answer begins.
 * @throws {HubError} INTERNAL_ERROR for an operation without a root.
 */
export function rootOf({ schema, cleared, plan }: Asked): {
  readonly context: SelectionContext;
  readonly type: GraphQLObjectType;
  readonly sets: readonly SelectionSetNode[];
} {
  const { definitions } = cleared.asked;
  const fragments = new Map(
    definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
  const operation = definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const type = schema.getRootType(cleared.operationKind);
  if (operation === undefined || type === undefined || type === null) throw new HubError("INTERNAL_ERROR", "The operation has no root.");
  return { context: { schema, fragments, set: plan.set }, type, sets: [operation.selectionSet] };
}

/**
 * Collects the fields of one object type by response key, in the order of the answer.
 * @see https://spec.graphql.org/October2021/#CollectFields()
 */
export function collectFields(
  context: SelectionContext,
  type: GraphQLObjectType | GraphQLInterfaceType,
  sets: readonly SelectionSetNode[],
): Map<string, FieldNode[]> {
  const collection: Collection = { context, type, fields: new Map(), seen: new Set() };
  for (const set of sets) collectAll(collection, set);
  return collection.fields;
}

/** Whether anything directly in a selection set on objects of an interface, as far as it is included, depends on their own type. */
export function dependsOnType(context: SelectionContext, type: GraphQLInterfaceType, set: SelectionSetNode): boolean {
  const { schema, fragments } = context;
  return set.selections.some((selection) => {
    if (!isIncluded(selection.directives, context.set)) return false;
    if (selection.kind === Kind.FIELD) return selection.name.value === "__typename";
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    if (fragment === undefined) return false;
    const condition = fragment.typeCondition === undefined ? type : schema.getType(fragment.typeCondition.name.value);
    const isCertain = condition === type || (isAbstractType(condition) && schema.isSubType(condition, type));
    return isCertain ? dependsOnType(context, type, fragment.selectionSet) : isAnyIncluded(context, fragment.selectionSet);
  });
}

function isAnyIncluded(context: SelectionContext, set: SelectionSetNode): boolean {
  return set.selections.some((selection) => {
    if (!isIncluded(selection.directives, context.set)) return false;
    if (selection.kind === Kind.FIELD) return true;
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? context.fragments.get(selection.name.value) : selection;
    return fragment !== undefined && isAnyIncluded(context, fragment.selectionSet);
  });
}

interface Collection {
  readonly context: SelectionContext;
  readonly type: GraphQLObjectType | GraphQLInterfaceType;
  readonly fields: Map<string, FieldNode[]>;
  /** Fragments that count already. */
  readonly seen: Set<string>;
}

function collectAll(collection: Collection, set: SelectionSetNode): void {
  for (const selection of set.selections) {
    if (isIncluded(selection.directives, collection.context.set)) collect(collection, selection);
  }
}

function collect(collection: Collection, selection: SelectionNode): void {
  switch (selection.kind) {
    case Kind.FIELD: {
      const key = selection.alias?.value ?? selection.name.value;
      const known = collection.fields.get(key);
      if (known === undefined) collection.fields.set(key, [selection]);
      else known.push(selection);
      return;
    }
    case Kind.INLINE_FRAGMENT:
      if (isApplicable(collection, selection.typeCondition?.name.value)) collectAll(collection, selection.selectionSet);
      return;
    case Kind.FRAGMENT_SPREAD: {
      const name = selection.name.value;
      const fragment = collection.context.fragments.get(name);
      if (fragment === undefined || collection.seen.has(name)) return;
      collection.seen.add(name);
      if (isApplicable(collection, fragment.typeCondition.name.value)) collectAll(collection, fragment.selectionSet);
    }
  }
}

function isApplicable({ context, type }: Collection, condition: string | undefined): boolean {
  if (condition === undefined || condition === type.name) return true;
  const conditional = context.schema.getType(condition);
  return isAbstractType(conditional) && context.schema.isSubType(conditional, type);
}
