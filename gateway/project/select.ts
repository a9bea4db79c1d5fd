import type {
  DirectiveNode,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLInterfaceType,
  GraphQLObjectType,
  GraphQLSchema,
  SelectionNode,
  SelectionSetNode,
} from "graphql";
import { isAbstractType, Kind, visit } from "graphql";

/** What selections are read against. */
export interface SelectionContext {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Values of the variables that `@skip` and `@include` name. */
  readonly isSet: (variable: string) => boolean;
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
    if (!isIncluded(context, selection.directives)) return false;
    if (selection.kind === Kind.FIELD) return selection.name.value === "__typename";
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    if (fragment === undefined) return false;
    const condition = fragment.typeCondition === undefined ? type : schema.getType(fragment.typeCondition.name.value);
    const isCertain = condition === type || (isAbstractType(condition) && schema.isSubType(condition, type));
    return !isCertain || dependsOnType(context, type, fragment.selectionSet);
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
    if (isIncluded(collection.context, selection.directives)) collect(collection, selection);
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

function isIncluded({ isSet }: SelectionContext, directives: readonly DirectiveNode[] | undefined): boolean {
  return (directives ?? []).every((directive) => {
    const name = directive.name.value;
    if (name !== "skip" && name !== "include") return true;
    const value = directive.arguments?.find((argument) => argument.name.value === "if")?.value;
    const isOn = value?.kind === Kind.VARIABLE ? isSet(value.name.value) : value?.kind === Kind.BOOLEAN && value.value;
    return isOn === (name === "include");
  });
}

/** The variables that `@skip` and `@include` name anywhere in a document, sorted. */
export function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive(directive) {
      if (directive.name.value !== "skip" && directive.name.value !== "include") return;
      for (const { value } of directive.arguments ?? []) {
        if (value.kind === Kind.VARIABLE) names.add(value.name.value);
      }
    },
  });
  return [...names].toSorted();
}
