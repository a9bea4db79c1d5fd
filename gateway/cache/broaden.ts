import type { FieldNode, GraphQLObjectType, OperationDefinitionNode, SelectionNode, SelectionSetNode } from "graphql";
import { getNamedType, getNullableType, isListType, isObjectType, Kind, print, stripIgnoredCharacters } from "graphql";
import { reservedKey } from "../core/reserved.ts";
import { type Part, type Plan, readParts } from "./compile.ts";
import type { Branch, Branches, Lacks } from "./lacks.ts";
import { TYPE_KEY } from "./shape.ts";
import type { TemplateContext } from "./template.ts";
import { mayShare, type Terms } from "./terms.ts";

/** A place of a plan at which more may be asked for than is. */
export interface Anchor {
  /** The subgraph, with the type whose entities or the field of the root whose objects they are. */
  readonly name: string;
  readonly type: GraphQLObjectType;
  readonly responseKey: string;
  /** Whether the selections stand under the type's own condition. */
  readonly isEntity: boolean;
  /** What the plan asks for there, as far as others may be asked for it too. */
  readonly branches: Branches;
}

/** Finds the places of a plan at which more may be asked for: where all that is asked for is open and shared. */
export function findAnchors({ fetch, operation, parts }: Plan, context: TemplateContext): readonly Anchor[] {
  return parts.flatMap((part): readonly Anchor[] => {
    if (!part.isShared || part.level !== "OPEN") return [];
    const nodes = operation.selectionSet.selections.filter((node) => node.kind === Kind.FIELD && keyOf(node) === part.responseKey);
    const [node] = nodes;
    if (node?.kind !== Kind.FIELD || nodes.length > 1 || node.selectionSet === undefined) return [];
    const { responseKey } = part;
    if (part.attachment === undefined) {
      const type = getNamedType(context.schema.getQueryType()?.getFields()[node.name.value]?.type);
      if (!isObjectType(type)) return [];
      const branches = branchesOf(flatten(node.selectionSet, type), type, context);
      return [{ name: `${fetch.subgraph} Query.${node.name.value}`, type, responseKey, isEntity: false, branches }];
    }
    return node.selectionSet.selections.flatMap((selection): readonly Anchor[] => {
      const type = selection.kind === Kind.INLINE_FRAGMENT ? typeOfFragment(selection, context) : undefined;
      if (type === undefined || selection.kind !== Kind.INLINE_FRAGMENT) return [];
      const branches = branchesOf(flatten(selection.selectionSet, type), type, context);
      return [{ name: `${fetch.subgraph} ${type.name}`, type, responseKey, isEntity: true, branches }];
    });
  });
}

function keyOf(node: FieldNode): string {
  return node.alias?.value ?? node.name.value;
}

function typeOfFragment(node: SelectionNode, { schema }: TemplateContext): GraphQLObjectType | undefined {
  if (node.kind !== Kind.INLINE_FRAGMENT || (node.directives ?? []).length > 0) return undefined;
  const type = node.typeCondition === undefined ? undefined : schema.getType(node.typeCondition.name.value);
  return isObjectType(type) ? type : undefined;
}

/** Opens fragments that say what is known anyway. */
function flatten(set: SelectionSetNode, type: GraphQLObjectType): readonly SelectionNode[] {
  return set.selections.flatMap((node) => {
    if (node.kind !== Kind.INLINE_FRAGMENT || (node.directives ?? []).length > 0) return [node];
    const isOwn = node.typeCondition === undefined || node.typeCondition.name.value === type.name;
    return isOwn ? flatten(node.selectionSet, type) : [node];
  });
}

function branchesOf(selections: readonly SelectionNode[], type: GraphQLObjectType, context: TemplateContext): Branches {
  const branches = new Map<string, Branch>();
  for (const node of selections) {
    const branch = node.kind === Kind.FIELD ? branchOf(node, type, context) : undefined;
    if (branch !== undefined && node.kind === Kind.FIELD) branches.set(node.name.value, branch);
  }
  return branches;
}

/** @returns Undefined for a field that isn't to be asked for unasked: one with arguments, inputs or conditions, of a list, or that isn't open to all. */
function branchOf(node: FieldNode, parent: GraphQLObjectType, context: TemplateContext): Branch | undefined {
  const isPlain = (node.arguments ?? []).length === 0 && (node.directives ?? []).length === 0 && node.name.value !== TYPE_KEY;
  const field = parent.getFields()[node.name.value];
  const facts = context.catalogue.fields.get(`${parent.name}.${node.name.value}`);
  if (!isPlain || field === undefined || facts === undefined || isListType(getNullableType(field.type))) return undefined;
  if (facts.requires.length > 0 || facts.classification.level !== "OPEN" || !mayShare(facts)) return undefined;
  if (node.selectionSet === undefined) return { below: undefined };
  const type = getNamedType(field.type);
  if (!isObjectType(type)) return undefined;
  const below = branchesOf(flatten(node.selectionSet, type), type, context);
  return below.size === 0 ? undefined : { below };
}

/**
 * Makes a plan ask for what records of its kind have lacked as well, so that one call brings what several would.
 *
 * Only what lives as long as what is asked for anyway is added, under keys of the hub's own, so nothing that is asked for changes.
 *
 * @returns Undefined when there is nothing to add.
 */
export function broadenPlan(plan: Plan, anchors: readonly Anchor[], { lacks, context }: BroadenSite): Plan | undefined {
  const { fetch } = plan;
  let { operation } = plan;
  for (const anchor of anchors) {
    const branches = lacks.of(anchor.name);
    const part = plan.parts.find(({ responseKey }) => responseKey === anchor.responseKey);
    if (branches === undefined || part === undefined) continue;
    operation = broadenAt(operation, anchor, { branches, context, lifetimeMs: longestOf(part), isTop: anchor.isEntity });
  }
  if (operation === plan.operation) return undefined;
  const parts = readParts(operation, fetch.attachments, context);
  if (parts === undefined || parts.length !== plan.parts.length) return undefined;
  if (!parts.every((part, index) => isSameBut(part, plan.parts[index]))) return undefined;
  return { ...plan, operation, text: stripIgnoredCharacters(print(operation)), parts };
}

/** What plans are broadened with. */
export interface BroadenSite {
  readonly lacks: Lacks;
  readonly context: TemplateContext;
}

interface Adding {
  readonly branches: Branches;
  readonly context: TemplateContext;
  /** What is added may be kept as long as this. */
  readonly lifetimeMs: number;
  /** Whether the fields stand at the top of what is kept, where each must declare a lifetime. */
  readonly isTop: boolean;
}

function longestOf({ terms }: Part): number {
  return Math.max(...[...terms.values()].map(({ lifetimeMs }) => lifetimeMs));
}

function broadenAt(operation: OperationDefinitionNode, anchor: Anchor, adding: Adding): OperationDefinitionNode {
  const change = (set: SelectionSetNode): SelectionSetNode => broadenSet(set, anchor.type, adding);
  let isSame = true;
  const replace = <Node extends { readonly selectionSet?: SelectionSetNode | undefined }>(node: Node): Node => {
    const selectionSet = node.selectionSet === undefined ? undefined : change(node.selectionSet);
    if (selectionSet === node.selectionSet) return node;
    isSame = false;
    return { ...node, selectionSet };
  };
  const selections = operation.selectionSet.selections.map((node) => {
    if (node.kind !== Kind.FIELD || keyOf(node) !== anchor.responseKey) return node;
    if (!anchor.isEntity) return replace(node);
    const below = (node.selectionSet?.selections ?? []).map((inner) =>
      typeOfFragment(inner, adding.context) === anchor.type && inner.kind === Kind.INLINE_FRAGMENT ? replace(inner) : inner,
    );
    return { ...node, selectionSet: { kind: Kind.SELECTION_SET as const, selections: below } };
  });
  return isSame ? operation : { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}

/** @returns The set itself where there is nothing to add. */
function broadenSet(set: SelectionSetNode, type: GraphQLObjectType, adding: Adding): SelectionSetNode {
  const selections = [...flatten(set, type)];
  let isSame = true;
  for (const [name, { below }] of adding.branches) {
    if (!isLasting(`${type.name}.${name}`, adding)) continue;
    const index = selections.findIndex(
      (node) => node.kind === Kind.FIELD && node.name.value === name && (node.arguments ?? []).length === 0,
    );
    const known = selections[index];
    if (known === undefined) {
      const key = reservedKey(`also_${name}`);
      if (selections.some((node) => node.kind === Kind.FIELD && keyOf(node) === key)) continue;
      const added = nodeOf(name, { below }, { type, adding });
      if (added === undefined) continue;
      selections.push({ ...added, alias: { kind: Kind.NAME, value: key } });
      isSame = false;
      continue;
    }
    const inner = getNamedType(type.getFields()[name]?.type);
    if (below === undefined || known.kind !== Kind.FIELD || known.selectionSet === undefined || !isObjectType(inner)) continue;
    if ((known.directives ?? []).length > 0) continue;
    const selectionSet = broadenSet(known.selectionSet, inner, { ...adding, branches: below, isTop: false });
    if (selectionSet === known.selectionSet) continue;
    selections[index] = { ...known, selectionSet };
    isSame = false;
  }
  return isSame ? set : { kind: Kind.SELECTION_SET, selections };
}

function nodeOf(
  name: string,
  { below }: Branch,
  { type, adding }: { readonly type: GraphQLObjectType; readonly adding: Adding },
): FieldNode | undefined {
  const node: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } };
  if (below === undefined) return node;
  const inner = getNamedType(type.getFields()[name]?.type);
  if (!isObjectType(inner)) return undefined;
  const selections = [...below].flatMap(([child, branch]) =>
    isLasting(`${inner.name}.${child}`, { ...adding, isTop: false }) ? (nodeOf(child, branch, { type: inner, adding }) ?? []) : [],
  );
  return selections.length === 0 ? undefined : { ...node, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}

function isLasting(coordinate: string, { context, lifetimeMs, isTop }: Adding): boolean {
  const maxAgeSeconds = context.catalogue.fields.get(coordinate)?.maxAgeSeconds;
  return maxAgeSeconds === undefined ? !isTop : maxAgeSeconds * 1_000 >= lifetimeMs;
}

/** Whether a part keeps what it kept before on the same terms. */
function isSameBut(part: Part, before: Part | undefined): boolean {
  if (before === undefined || part.responseKey !== before.responseKey || part.level !== before.level || part.isShared !== before.isShared)
    return false;
  return [...before.terms].every(([key, terms]) => isSameTerms(terms, part.terms.get(key)));
}

function isSameTerms(one: Terms, other: Terms | undefined): boolean {
  return other !== undefined && one.lifetimeMs === other.lifetimeMs && one.staleMs === other.staleMs && one.isShared === other.isShared;
}
