import type { DocumentNode, FieldNode, InlineFragmentNode, SelectionNode } from "graphql";
import { Kind, parse, print, visit } from "graphql/language/index.js";
import { stripIgnoredCharacters } from "graphql/utilities/stripIgnoredCharacters.js";
import { readDefinitions } from "../../schema/definitions.ts";
import { readFeatures } from "../../schema/features.ts";
import { inlineFragments } from "../core/inline.ts";
import { addAnnexes } from "./annexed.ts";
import { type Annex, type AnnexScope, findAnnexes, joinNamesOf } from "./annexes.ts";
import { graphsByName } from "./joins.ts";
import { type BatchFetchNode, type FetchNode, mapCalls, type PlanNode, unsupported } from "./nodes.ts";
import { preferTypes } from "./prefer.ts";

/** A supergraph for the planner in which some fields are those of pretended subgraphs, and the way back to the truth. */
export interface DetachedFields {
  readonly sdl: string;
  /**
   * Sends the calls of a plan to the true subgraphs.
   * @throws {HubError} OPERATION_NOT_SUPPORTED for a call that would mix up types.
   */
  attach(node: PlanNode): PlanNode;
}

/**
 * Takes `@requires`, or all of `@interfaceObject`, away from the planner, which plans keys well, inputs badly, and both together worse. A computed
 * field is given to a pretended subgraph whose keys are its own subgraph's with the inputs added: a representation holds the same either
 * way, and so does the call. A field that comes with an interface is given to each of its types.
 *
 * @returns Undefined when there is nothing to detach.
 */
export function detachFields(supergraphSdl: string, scope: AnnexScope): DetachedFields | undefined {
  const document = parse(supergraphSdl, { noLocation: true });
  const definitions = readDefinitions(document);
  const names = joinNamesOf(readFeatures(definitions.schema?.directives ?? []));
  const annexes = findAnnexes({ types: definitions.types, names }, scope);
  if (annexes.length === 0) return undefined;
  const root = definitions.schema?.operationTypes.find(({ operation }) => operation === "query")?.type.name.value ?? "Query";
  const subgraphs = new Map([...graphsByName(document, names.graph)].map(([subgraph, graph]) => [graph, subgraph]));
  const known = new Map(annexes.map((annex) => [annex.name, { annex, subgraph: subgraphs.get(annex.graph) ?? annex.graph }]));
  const shared = scope === "interfaces" ? preferTypes(document, definitions.types, names) : document;
  return { sdl: print(addAnnexes(shared, annexes, { names, root })), attach: (node) => mapCalls(node, (call) => attachCall(call, known)) };
}

type Known = ReadonlyMap<string, { readonly annex: Annex; readonly subgraph: string }>;

function attachCall(node: FetchNode | BatchFetchNode, known: Known): PlanNode {
  const found = known.get(node.serviceName);
  if (found === undefined) return node;
  const sent = { ...node, serviceName: found.subgraph };
  return found.annex.isInterfaceObject ? asInterface(sent, found.annex) : sent;
}

/** The subgraph knows objects of all the interface's types as objects of the interface. */
function asInterface(node: FetchNode | BatchFetchNode, annex: Annex): PlanNode {
  const setter = { ValueSetter: { path: [{ TypenameEquals: [...annex.members] }, { Key: "__typename" }], setValueTo: annex.type } };
  const rewrite = <Asked extends Pick<FetchNode, "inputRewrites">>(asked: Asked): Asked => ({
    ...asked,
    inputRewrites: [...(asked.inputRewrites ?? []), setter],
  });
  const document = flattenEntities(inlineFragments(parse(node.operation, { noLocation: true })));
  if (node.kind === "BatchFetch") {
    const operation = textFor(document, annex, undefined);
    return { ...node, operation, entityBatch: { ...node.entityBatch, aliases: node.entityBatch.aliases.map(rewrite) } };
  }
  // One object would be asked for what was asked of another type's alone.
  const calls = [...Map.groupBy(annex.members, (member) => selectionsFor(document, member)).values()].flatMap((members) => {
    const requires = (node.requires ?? []).filter((each) => each.kind === "InlineFragment" && members.includes(each.typeCondition));
    return requires.length === 0 ? [] : [rewrite({ ...node, requires, operation: textFor(document, annex, members) })];
  });
  const [only] = calls;
  if (only === undefined) throw unsupported("a call for objects of no type");
  return calls.length === 1 ? only : { kind: "Parallel", nodes: calls };
}

/** Writes out fragments on a type within fragments on the same type: the subgraph would know neither. */
function flattenEntities(document: DocumentNode): DocumentNode {
  return visit(document, {
    InlineFragment(fragment): InlineFragmentNode {
      const selections = flatten(fragment.selectionSet.selections, fragment.typeCondition?.name.value);
      return { ...fragment, selectionSet: { ...fragment.selectionSet, selections } };
    },
  });
}

function flatten(selections: readonly SelectionNode[], type: string | undefined): SelectionNode[] {
  return selections.flatMap((selection) => {
    const isSame = selection.kind === Kind.INLINE_FRAGMENT && [undefined, type].includes(selection.typeCondition?.name.value);
    return isSame ? flatten(selection.selectionSet.selections, type) : [selection];
  });
}

/** What a call for entities asks of one type. */
function selectionsFor(document: DocumentNode, member: string): string {
  const texts: string[] = [];
  visit(document, {
    InlineFragment(fragment) {
      if (fragment.typeCondition?.name.value === member) texts.push(print(fragment.selectionSet));
      return false;
    },
  });
  return texts.join();
}

/** A call that asks of the interface what it asked of its types. @param members Those that are meant; all of them when undefined. */
function textFor(document: DocumentNode, annex: Annex, members: readonly string[] | undefined): string {
  const renamed = visit(document, {
    Field: {
      enter(field): FieldNode | false | undefined {
        return field.name.value === "_entities" ? renameEntities(field, annex, members) : undefined;
      },
    },
    InlineFragment: () => false,
  });
  return stripIgnoredCharacters(print(renamed));
}

function renameEntities(field: FieldNode, { type }: Annex, members: readonly string[] | undefined): FieldNode {
  const all = field.selectionSet?.selections ?? [];
  const fragments = all.filter((each) => each.kind === Kind.INLINE_FRAGMENT);
  const meant = fragments.filter(({ typeCondition }) => members?.includes(typeCondition?.name.value ?? "") ?? true);
  if (new Set(meant.map(({ selectionSet }) => print(selectionSet))).size > 1)
    throw unsupported("different fields of objects that a subgraph can't tell apart");
  const [first] = meant;
  if (first === undefined) throw unsupported("entities that its call does not select");
  const named: InlineFragmentNode = { ...first, typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } } };
  return {
    ...field,
    selectionSet: { kind: Kind.SELECTION_SET, selections: [...all.filter((each) => each.kind !== Kind.INLINE_FRAGMENT), named] },
  };
}
