import type { ConstDirectiveNode, DefinitionNode, DocumentNode, FieldDefinitionNode, SelectionNode, SelectionSetNode } from "graphql";
import { Kind, parse, print, visit } from "graphql/language/index.js";
import { stripIgnoredCharacters } from "graphql/utilities/stripIgnoredCharacters.js";
import { readDefinitions, stringArgument } from "../../schema/definitions.ts";
import { readFeatures } from "../../schema/features.ts";
import { inlineFragments } from "../core/inline.ts";
import { graphOf, graphsByName, JOIN, readFieldTypes } from "./joins.ts";
import type { PlanNode } from "./nodes.ts";

/** A supergraph for the planner in which every subgraph of a union has all its members, and the way back to the truth. */
export interface WidenedUnions {
  readonly sdl: string;
  /** Takes the pretended members out of every call of a plan. */
  narrow(node: PlanNode): PlanNode;
}

interface Names {
  readonly type: string;
  readonly unionMember: string;
  readonly field: string;
  readonly graph: string;
}

/** Subgraph's name in `join__Graph`, union and member: what is pretended. */
type Pretended = ReadonlySet<string>;

/**
 * Makes the planner keep what is asked of a union's members.
 *
 * Where a shareable field of a union's type can also be had, by a key, from another subgraph that has other members, the
 * planner asks only for the members that both have, and the rest of the answer is missing without an error. Here every
 * subgraph of such a union is given all the members; a call that names one that its subgraph doesn't have is then sent
 * without it, since that subgraph never returns it.
 *
 * @returns Undefined when no union differs between its subgraphs, as then there is nothing to do.
 */
export function widenUnions(supergraphSdl: string): WidenedUnions | undefined {
  const document = parse(supergraphSdl, { noLocation: true });
  const definitions = readDefinitions(document);
  const features = readFeatures(definitions.schema?.directives ?? []);
  const name = (directive: string): string => features.directiveName(JOIN, directive);
  const names: Names = { type: name("type"), unionMember: name("unionMember"), field: name("field"), graph: name("graph") };
  const pretended = missingMembers(document, names);
  if (pretended.size === 0) return undefined;
  const graphs = graphsByName(document, names.graph);
  const fieldTypes = readFieldTypes(document);
  const narrowText = (text: string, subgraph: string): string =>
    narrowOperation(text, { fieldTypes, isPretended: (union, member) => pretended.has(`${graphs.get(subgraph)} ${union} ${member}`) });
  return { sdl: print(widen(document, pretended, names)), narrow: (node) => narrowNode(node, narrowText) };
}

function missingMembers(document: DocumentNode, names: Names): Pretended {
  const missing = new Set<string>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.UNION_TYPE_DEFINITION) continue;
    const graphs = graphsOf(definition.directives, names.type);
    const known = new Set(
      (definition.directives ?? [])
        .filter((directive) => directive.name.value === names.unionMember)
        .map((directive) => `${graphOf(directive)} ${stringArgument(directive, "member")}`),
    );
    // The first composers name no members of a subgraph: then they are the same everywhere.
    if (known.size === 0) continue;
    for (const graph of graphs)
      for (const member of definition.types ?? [])
        if (!known.has(`${graph} ${member.name.value}`)) missing.add(`${graph} ${definition.name.value} ${member.name.value}`);
  }
  return missing;
}

function widen(document: DocumentNode, pretended: Pretended, names: Names): DocumentNode {
  const pairs = [...pretended].map((entry) => entry.split(" ") as [graph: string, union: string, member: string]);
  return {
    ...document,
    definitions: document.definitions.map((definition): DefinitionNode => {
      if (definition.kind === Kind.UNION_TYPE_DEFINITION) {
        const added = pairs.filter(([, union]) => union === definition.name.value);
        const directives = added.map(([graph, , member]) => joinDirective(names.unionMember, graph, member));
        return { ...definition, directives: [...(definition.directives ?? []), ...directives] };
      }
      if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return definition;
      const present = graphsOf(definition.directives, names.type);
      const wanted = pairs.filter(([graph, , member]) => member === definition.name.value && !present.has(graph)).map(([graph]) => graph);
      const graphs = [...new Set(wanted)];
      if (graphs.length === 0) return definition;
      const directives = graphs.map((graph) => joinDirective(names.type, graph));
      const fields = (definition.fields ?? []).map((field) => widenField(field, graphs, names));
      return { ...definition, directives: [...(definition.directives ?? []), ...directives], fields };
    }),
  };
}

/** A field without `@join__field` is in every subgraph of its type already. */
function widenField(field: FieldDefinitionNode, graphs: readonly string[], names: Names): FieldDefinitionNode {
  const isJoined = field.directives?.some((directive) => directive.name.value === names.field) ?? false;
  if (!isJoined) return field;
  return { ...field, directives: [...(field.directives ?? []), ...graphs.map((graph) => joinDirective(names.field, graph))] };
}

function joinDirective(name: string, graph: string, member?: string): ConstDirectiveNode {
  const argument = { kind: Kind.ARGUMENT, name: nameOf("graph"), value: { kind: Kind.ENUM, value: graph } } as const;
  const memberArgument = { kind: Kind.ARGUMENT, name: nameOf("member"), value: { kind: Kind.STRING, value: member ?? "" } } as const;
  return { kind: Kind.DIRECTIVE, name: nameOf(name), arguments: member === undefined ? [argument] : [argument, memberArgument] };
}

function nameOf(value: string): { readonly kind: Kind.NAME; readonly value: string } {
  return { kind: Kind.NAME, value };
}

function graphsOf(directives: readonly ConstDirectiveNode[] | undefined, name: string): Set<string> {
  return new Set((directives ?? []).filter((directive) => directive.name.value === name).flatMap((directive) => graphOf(directive) ?? []));
}

function narrowNode(node: PlanNode, narrowText: (text: string, subgraph: string) => string): PlanNode {
  const narrow = (child: PlanNode): PlanNode => narrowNode(child, narrowText);
  switch (node.kind) {
    case "Fetch":
    case "BatchFetch":
      return { ...node, operation: narrowText(node.operation, node.serviceName) };
    case "Flatten":
      return { ...node, node: narrow(node.node) };
    case "Sequence":
    case "Parallel":
      return { ...node, nodes: node.nodes.map(narrow) };
    case "Subscription":
      return { ...node, primary: { ...node.primary, operation: narrowText(node.primary.operation, node.primary.serviceName) } };
    default:
      return node;
  }
}

interface Narrowing {
  readonly fieldTypes: ReadonlyMap<string, string>;
  readonly isPretended: (union: string, member: string) => boolean;
}

function narrowOperation(text: string, { fieldTypes, isPretended }: Narrowing): string {
  const document = inlineFragments(parse(text, { noLocation: true }));
  let isChanged = false;

  /** @param declared Type of the field that the selections are made on, whatever type conditions stand between. */
  function narrowSet(set: SelectionSetNode, declared: string | undefined, parent: string | undefined): SelectionSetNode {
    const selections = set.selections.flatMap((selection): readonly SelectionNode[] => {
      if (selection.kind === Kind.FRAGMENT_SPREAD || selection.selectionSet === undefined) return [selection];
      if (selection.kind === Kind.FIELD) {
        const type = fieldTypes.get(`${parent}.${selection.name.value}`);
        return [{ ...selection, selectionSet: narrowSet(selection.selectionSet, type, type) }];
      }
      const condition = selection.typeCondition?.name.value ?? parent;
      if (declared !== undefined && condition !== undefined && isPretended(declared, condition)) {
        isChanged = true;
        return [];
      }
      return [{ ...selection, selectionSet: narrowSet(selection.selectionSet, declared, condition) }];
    });
    const typename: SelectionNode = { kind: Kind.FIELD, name: nameOf("__typename") };
    return { ...set, selections: selections.length === 0 ? [typename] : selections };
  }

  const narrowed = visit(document, {
    OperationDefinition: (operation) => {
      const root = fieldTypes.get(operation.operation);
      return { ...operation, selectionSet: narrowSet(operation.selectionSet, root, root) };
    },
  });
  return isChanged ? stripIgnoredCharacters(print(narrowed)) : text;
}
