import type {
  FieldNode,
  FragmentDefinitionNode,
  FragmentSpreadNode,
  GraphQLField,
  GraphQLNamedType,
  GraphQLOutputType,
  GraphQLSchema,
  InlineFragmentNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from "graphql";
import { getNamedType, isAbstractType, isListType, isNonNullType, isObjectType, Kind } from "graphql";
import type { Decision, Entitlement } from "../../policies/engine/words.ts";
import { HubError } from "../core/errors.ts";
import { decisionOn } from "./decision.ts";
import type { InputScope } from "./demand.ts";
import { argumentCoordinates, createInputScope, directiveCoordinates, fieldOf, invalid, isRootIntrospection, narrowed } from "./demand.ts";
import type { AskedOperation } from "./operation.ts";
import type { Denied } from "./refusal.ts";
import { selectConditions } from "./where.ts";

/** An operation with every node judged and what is denied taken out. */
export interface Judgement {
  readonly asked: AskedOperation;
  /** The operation without what is denied and without introspection. Its selection set may be empty. */
  readonly operation: OperationDefinitionNode;
  /** The fragments that the operation comes to, without what is denied. Some may be empty; nothing spreads those. */
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Whether the operation still asks for more than `__typename` at its root. */
  readonly isFetching: boolean;
  /** Every coordinate come to, outside of withheld fields, in the order in which the operation comes to it. */
  readonly verdict: ReadonlyMap<string, Decision>;
  /** Field nodes that are withheld. */
  readonly denied: ReadonlyMap<FieldNode, Denied>;
  /** Selection sets as asked that hold a withheld node at any depth, fragments followed. */
  readonly holding: ReadonlySet<SelectionSetNode>;
  /** Coordinates of denied arguments, values and directives on what is not withheld. */
  readonly refused: ReadonlySet<string>;
  /** How many lists stand around the objects of a field; fields without are left out. */
  readonly listDepths: ReadonlyMap<FieldNode, number>;
  /** Root fields that ask for the schema. */
  readonly introspectionNodes: ReadonlySet<FieldNode>;
  /** Selection sets as asked that hold such a node at their own level, fragments followed. */
  readonly introspecting: ReadonlySet<SelectionSetNode>;
}

interface Judging {
  readonly asked: AskedOperation;
  readonly schema: GraphQLSchema;
  readonly entitlement: Entitlement | undefined;
  readonly inputs: InputScope;
  readonly verdict: Map<string, Decision>;
  readonly denied: Map<FieldNode, Denied>;
  readonly holding: Set<SelectionSetNode>;
  readonly refused: Set<string>;
  readonly listDepths: Map<FieldNode, number>;
  readonly introspectionNodes: Set<FieldNode>;
  readonly introspecting: Set<SelectionSetNode>;
  /** Sets that hold more than `__typename` and introspection at their own level once cleared. */
  readonly fetching: Set<SelectionSetNode>;
  /** Cleared fragments; "open" while one is being read. */
  readonly fragments: Map<string, FragmentDefinitionNode | "open">;
}

const TYPENAME: FieldNode = Object.freeze({ kind: Kind.FIELD, name: Object.freeze({ kind: Kind.NAME, value: "__typename" }) });

/**
 * Judges every node of an operation, each once: the decision on a field depends on the type it is written against, so
 * a fragment is judged alike wherever it is spread.
 *
 * @throws {HubError} GRAPHQL_VALIDATION_FAILED for a document that was not validated; OPERATION_NOT_SUPPORTED for introspection
 * below the root.
 */
export function judgeOperation(asked: AskedOperation, schema: GraphQLSchema, entitlement: Entitlement | undefined): Judgement {
  const { operation } = asked;
  const judging: Judging = {
    asked,
    schema,
    entitlement,
    inputs: createInputScope(schema, operation),
    verdict: new Map(),
    denied: new Map(),
    holding: new Set(),
    refused: new Set(),
    listDepths: new Map(),
    introspectionNodes: new Set(),
    introspecting: new Set(),
    fetching: new Set(),
    fragments: new Map(),
  };
  for (const node of [operation, ...(operation.variableDefinitions ?? [])])
    judgeInputs(judging, directiveCoordinates(judging.inputs, node));
  const selections = clearSet(judging, operation.selectionSet, schema.getRootType(operation.operation) ?? undefined);
  const fragments = new Map([...judging.fragments].flatMap(([name, fragment]) => (fragment === "open" ? [] : [[name, fragment] as const])));
  return {
    ...judging,
    operation: { ...operation, selectionSet: { ...operation.selectionSet, selections } },
    fragments,
    isFetching: judging.fetching.has(operation.selectionSet),
  };
}

function clearSet(judging: Judging, set: SelectionSetNode, parent: GraphQLNamedType | undefined): readonly SelectionNode[] {
  const left: SelectionNode[] = [];
  let isWhole = true;
  for (const selection of set.selections) {
    const cleared = clearSelection(judging, selection, { set, parent });
    if (cleared !== undefined) left.push(cleared);
    if (cleared !== selection) isWhole = false;
  }
  const conditions = selectConditions(conditionedOf(judging, set, parent));
  if (conditions.length > 0) {
    left.push(...conditions);
    isWhole = false;
  }
  // A withheld field below a type condition is null in the answer only where the condition holds, so the type must stay known.
  if (!isWhole && isAbstractType(parent) && !left.some(isPlainTypename)) left.push(TYPENAME);
  return isWhole ? set.selections : left;
}

/** What was decided on the fields that a selection set has at its own level. */
function conditionedOf(judging: Judging, set: SelectionSetNode, parent: GraphQLNamedType | undefined): readonly Decision[] {
  // A field of an interface is under no condition: it is denied where one of the types has one.
  if (!isObjectType(parent)) return [];
  return set.selections.flatMap((selection) => {
    if (selection.kind !== Kind.FIELD || judging.denied.has(selection)) return [];
    return judging.verdict.get(`${parent.name}.${selection.name.value}`) ?? [];
  });
}

interface Around {
  readonly set: SelectionSetNode;
  readonly parent: GraphQLNamedType | undefined;
}

function clearSelection(judging: Judging, selection: SelectionNode, around: Around): SelectionNode | undefined {
  switch (selection.kind) {
    case Kind.FIELD:
      return clearField(judging, selection, around);
    case Kind.INLINE_FRAGMENT:
      return clearInline(judging, selection, around);
    case Kind.FRAGMENT_SPREAD:
      return clearSpread(judging, selection, around);
  }
}

function clearField(judging: Judging, node: FieldNode, { set, parent }: Around): FieldNode | undefined {
  const field = fieldOf(judging.schema, parent, node);
  if (field === undefined) {
    judgeInputs(judging, directiveCoordinates(judging.inputs, node));
    return node;
  }
  if (isRootIntrospection(judging.schema, parent, node)) {
    judging.introspectionNodes.add(node);
    judging.introspecting.add(set);
    return undefined;
  }
  const coordinate = `${parent?.name ?? ""}.${field.name}`;
  const decision = decide(judging, coordinate);
  if (decision.kind === "deny") {
    judging.denied.set(node, { coordinate, reason: decision.reason });
    judging.holding.add(set);
    return undefined;
  }
  judging.fetching.add(set);
  judgeInputs(judging, argumentCoordinates(judging.inputs, coordinate, { node, field }));
  judgeInputs(judging, directiveCoordinates(judging.inputs, node));
  return clearChildren(judging, { node, field }, set);
}

function clearChildren(
  judging: Judging,
  { node, field }: { readonly node: FieldNode; readonly field: GraphQLField<unknown, unknown> },
  set: SelectionSetNode,
): FieldNode {
  const inner = node.selectionSet;
  if (inner === undefined) return node;
  const depth = listDepthOf(field.type);
  if (depth > 0) judging.listDepths.set(node, depth);
  const left = clearSet(judging, inner, getNamedType(field.type));
  if (judging.introspecting.has(inner)) {
    const features = ["introspection below the root"];
    throw new HubError("OPERATION_NOT_SUPPORTED", "The hub answers `__schema` and `__type` at the root of an operation only.", {
      features,
    });
  }
  if (judging.holding.has(inner)) judging.holding.add(set);
  if (left === inner.selections) return node;
  return { ...node, selectionSet: { ...inner, selections: left.length === 0 ? [TYPENAME] : left } };
}

function clearInline(judging: Judging, node: InlineFragmentNode, around: Around): InlineFragmentNode | undefined {
  const inner = node.selectionSet;
  const left = clearSet(judging, inner, narrowed(judging.schema, around.parent, node.typeCondition?.name.value));
  inherit(judging, around.set, inner);
  if (left.length === 0) return undefined;
  judgeInputs(judging, directiveCoordinates(judging.inputs, node));
  return left === inner.selections ? node : { ...node, selectionSet: { ...inner, selections: left } };
}

function clearSpread(judging: Judging, node: FragmentSpreadNode, around: Around): FragmentSpreadNode | undefined {
  const fragment = judging.asked.fragments.get(node.name.value);
  if (fragment === undefined) throw invalid(`There is no fragment ${node.name.value}.`);
  const cleared = clearFragment(judging, fragment);
  inherit(judging, around.set, fragment.selectionSet);
  if (cleared.selectionSet.selections.length === 0) return undefined;
  judgeInputs(judging, directiveCoordinates(judging.inputs, node));
  return node;
}

function clearFragment(judging: Judging, fragment: FragmentDefinitionNode): FragmentDefinitionNode {
  const name = fragment.name.value;
  const known = judging.fragments.get(name);
  if (known === "open") throw invalid(`Fragment ${name} spreads itself.`);
  if (known !== undefined) return known;
  judging.fragments.set(name, "open");
  const inner = fragment.selectionSet;
  const selections = clearSet(judging, inner, narrowed(judging.schema, undefined, fragment.typeCondition.name.value));
  const cleared = selections === inner.selections ? fragment : { ...fragment, selectionSet: { ...inner, selections } };
  if (selections.length > 0) judgeInputs(judging, directiveCoordinates(judging.inputs, fragment));
  judging.fragments.set(name, cleared);
  return cleared;
}

/** What holds of a fragment's own set holds of the set that it stands in. */
function inherit(judging: Judging, outer: SelectionSetNode, inner: SelectionSetNode): void {
  for (const property of [judging.holding, judging.introspecting, judging.fetching]) if (property.has(inner)) property.add(outer);
}

function judgeInputs(judging: Judging, coordinates: readonly string[]): void {
  // A mask fits no input, so an input is allowed or it is not.
  for (const coordinate of coordinates) if (decide(judging, coordinate).kind !== "allow") judging.refused.add(coordinate);
}

function decide(judging: Judging, coordinate: string): Decision {
  const known = judging.verdict.get(coordinate);
  if (known !== undefined) return known;
  const decision = decisionOn(judging.entitlement, coordinate);
  judging.verdict.set(coordinate, decision);
  return decision;
}

function isPlainTypename(selection: SelectionNode): boolean {
  return (
    selection.kind === Kind.FIELD &&
    selection.name.value === "__typename" &&
    selection.alias === undefined &&
    (selection.directives ?? []).length === 0
  );
}

function listDepthOf(type: GraphQLOutputType): number {
  if (isNonNullType(type)) return listDepthOf(type.ofType);
  return isListType(type) ? 1 + listDepthOf(type.ofType) : 0;
}
