import type {
  DirectiveNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLInterfaceType,
  GraphQLObjectType,
  GraphQLSchema,
  SelectionNode,
  SelectionSetNode,
} from "graphql";
import { isAbstractType, Kind } from "graphql";

/** A variable that must have a value for a selection to count. */
export interface Clause {
  readonly variable: string;
  readonly expected: boolean;
}

/** A selection set, and the clauses under which it counts. */
export interface ConditionalSet {
  readonly selections: SelectionSetNode;
  readonly clauses: readonly Clause[];
}

/** A field node, and the clauses under which it counts. */
export interface ConditionalField {
  readonly node: FieldNode;
  readonly clauses: readonly Clause[];
}

/** What selections are read against. */
export interface SelectionContext {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/**
 * Collects the fields of one object type by response key, in the order of the answer.
 * @see https://spec.graphql.org/October2021/#CollectFields()
 */
export function collectFields(context: SelectionContext, type: GraphQLObjectType | GraphQLInterfaceType, sets: readonly ConditionalSet[]): Map<string, ConditionalField[]> {
  const fields = new Map<string, ConditionalField[]>();
  for (const { selections, clauses } of sets) {
    const seen = new Set<string>();
    for (const selection of selections.selections) collect({ context, type, fields, seen }, selection, clauses);
  }
  return fields;
}

/** Whether anything directly in a selection set asks for an object's own type. */
export function dependsOnType({ schema, fragments }: SelectionContext, set: SelectionSetNode): boolean {
  return set.selections.some((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value === "__typename";
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    if (fragment === undefined) return false;
    const condition = fragment.typeCondition?.name.value;
    if (condition !== undefined && !isAbstractType(schema.getType(condition))) return true;
    return dependsOnType({ schema, fragments }, fragment.selectionSet);
  });
}

interface Collection {
  readonly context: SelectionContext;
  readonly type: GraphQLObjectType | GraphQLInterfaceType;
  readonly fields: Map<string, ConditionalField[]>;
  /** Fragments that already count unconditionally in this set. */
  readonly seen: Set<string>;
}

function collect(collection: Collection, selection: SelectionNode, outer: readonly Clause[]): void {
  const clauses = clausesOf(selection.directives, outer);
  if (clauses === undefined) return;
  switch (selection.kind) {
    case Kind.FIELD: {
      const key = selection.alias?.value ?? selection.name.value;
      const known = collection.fields.get(key);
      if (known === undefined) collection.fields.set(key, [{ node: selection, clauses }]);
      else known.push({ node: selection, clauses });
      return;
    }
    case Kind.INLINE_FRAGMENT:
      if (isApplicable(collection, selection.typeCondition?.name.value)) collectAll(collection, selection.selectionSet, clauses);
      return;
    case Kind.FRAGMENT_SPREAD: {
      const name = selection.name.value;
      const fragment = collection.context.fragments.get(name);
      if (fragment === undefined || collection.seen.has(name)) return;
      if (clauses.length === 0) collection.seen.add(name);
      if (isApplicable(collection, fragment.typeCondition.name.value)) collectAll(collection, fragment.selectionSet, clauses);
    }
  }
}

function collectAll(collection: Collection, set: SelectionSetNode, clauses: readonly Clause[]): void {
  for (const selection of set.selections) collect(collection, selection, clauses);
}

function isApplicable({ context, type }: Collection, condition: string | undefined): boolean {
  if (condition === undefined || condition === type.name) return true;
  const conditional = context.schema.getType(condition);
  return isAbstractType(conditional) && context.schema.isSubType(conditional, type);
}

/** The clauses of a selection with those around it; undefined when it never counts. */
function clausesOf(directives: readonly DirectiveNode[] | undefined, outer: readonly Clause[]): readonly Clause[] | undefined {
  let clauses = outer;
  for (const directive of directives ?? []) {
    const name = directive.name.value;
    if (name !== "skip" && name !== "include") continue;
    const expected = name === "include";
    const value = directive.arguments?.find((argument) => argument.name.value === "if")?.value;
    if (value?.kind === Kind.VARIABLE) clauses = [...clauses, { variable: value.name.value, expected }];
    else if (value?.kind === Kind.BOOLEAN && value.value !== expected) return undefined;
  }
  return clauses;
}
