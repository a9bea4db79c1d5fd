import type { FieldNode, InlineFragmentNode, OperationDefinitionNode, SelectionNode, VariableDefinitionNode } from "graphql";
import { Kind, print } from "graphql/language/index.js";
import { stripIgnoredCharacters } from "graphql/utilities/stripIgnoredCharacters.js";
import { readCall } from "./calls.ts";
import { type Found, keyOf, neededOf, type Plan } from "./needed.ts";
import type { BatchFetchNode, FetchNode } from "./nodes.ts";
import { soleCondition } from "./widen.ts";

type Alias = BatchFetchNode["entityBatch"]["aliases"][number];
type Requires = Alias["requires"];

/** Fields of a request for entities that the same types need. */
interface Share {
  /** Undefined for fields that all types need that the request is for. */
  readonly types: readonly string[] | undefined;
  readonly fields: readonly SelectionNode[];
}

/**
 * Asks a subgraph that knows an interface as an object for each field for objects of those types only of which something needs it. It can't tell
 * the types apart, so what is for some of them becomes a request for entities of its own in the same call.
 *
 * @param own The call's requests as the planner wrote them.
 */
export function splitCall(plan: Plan, node: FetchNode | BatchFetchNode, own: readonly Found[]): FetchNode | BatchFetchNode {
  const shares = new Map(own.map((found) => [found.request.responseKey, sharesOf(plan, found)]));
  if ([...shares.values()].every((each) => each.length < 2)) return node;
  const { operation } = readCall(node.operation);
  const taken = new Set(operation.variableDefinitions?.map(({ variable }) => variable.name.value));
  const aliases = aliasesOf(node, own).map((alias) => ({ alias, parts: partsOf(alias, shares.get(alias.alias) ?? [], taken) }));
  const { selections } = operation.selectionSet;
  const split: OperationDefinitionNode = {
    ...operation,
    variableDefinitions: aliases.flatMap(({ alias, parts }) => variablesFor(operation, alias, parts)).concat(othersOf(operation, aliases)),
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: selections.flatMap((selection): readonly SelectionNode[] => {
        const found = aliases.find(({ alias }) => selection.kind === Kind.FIELD && keyOf(selection) === alias.alias);
        return selection.kind === Kind.FIELD && found !== undefined ? found.parts.map((part) => fieldFor(selection, part)) : [selection];
      }),
    },
  };
  const { serviceName, variableUsages, operationKind, operationName } = node;
  return {
    kind: "BatchFetch",
    serviceName,
    ...(variableUsages === undefined ? {} : { variableUsages }),
    ...(operationKind === undefined ? {} : { operationKind }),
    ...(operationName === undefined ? {} : { operationName }),
    operation: stripIgnoredCharacters(print(split)),
    entityBatch: { aliases: aliases.flatMap(({ parts }) => parts.map(({ alias }) => alias)) },
  };
}

/** A request's part as one of its own. */
interface Part {
  readonly alias: Alias;
  /** What it selects on the interface; undefined where that stays as it was. */
  readonly fields: readonly SelectionNode[] | undefined;
}

/** @param taken Names of the call's variables, some of which are the caller's. */
function partsOf(alias: Alias, shares: readonly Share[], taken: ReadonlySet<string>): readonly Part[] {
  if (shares.length < 2) return [{ alias, fields: undefined }];
  return shares.map(({ types, fields }, index) => {
    const requires = types === undefined ? alias.requires : requiresFor(alias.requires, types);
    if (index === 0) return { alias: { ...alias, requires }, fields };
    const representationsVariableName = freeName(`${alias.representationsVariableName}_${index}`, taken);
    return { alias: { ...alias, alias: `${alias.alias}_${index}`, representationsVariableName, requires }, fields };
  });
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  return taken.has(name) ? freeName(`${name}_`, taken) : name;
}

/** @param requires One fragment on the interface, or one on each of its types. */
function requiresFor(requires: Requires, types: readonly string[]): Requires {
  const own = requires.filter((each) => each.kind === "InlineFragment" && types.includes(each.typeCondition));
  if (own.length > 0) return own;
  return requires.flatMap((each) =>
    each.kind === "InlineFragment" ? types.map((typeCondition): Requires[number] => ({ ...each, typeCondition })) : [each],
  );
}

function sharesOf(plan: Plan, found: Found): readonly Share[] {
  const { known } = plan;
  const wide = soleCondition(found.selections);
  const members = wide === undefined ? undefined : known.members.get(wide);
  if (members === undefined || known.homes.has(`${known.graphs.get(found.node.serviceName)} ${wide}`)) return [];
  const all = found.types ?? members;
  const needed = neededOf(plan, found);
  const { renames, requires } = found.request;
  const given = new Set(requires.flatMap((each) => (each.kind === "fragment" ? each.selections : [each])).flatMap(nameOf));
  const fields = found.selections.selections.flatMap((each) => (each.kind === Kind.INLINE_FRAGMENT ? each.selectionSet.selections : []));
  const shares = Map.groupBy(fields, (field) => {
    // What a representation holds is no more than known already.
    if (field.kind !== Kind.FIELD || given.has(field.name.value)) return "";
    // The operation asks for it by the one name, a later call by the other.
    const names = [keyOf(field), renames.find(({ sourcePath }) => sourcePath === keyOf(field))?.responseKey ?? ""];
    const types = [...new Set(names.flatMap((name) => [...(needed.get(name) ?? [])]))].sort();
    return types.length > 0 && types.length < all.size && types.every((type) => all.has(type)) ? types.join(" ") : "";
  });
  return [...shares].map(([types, shared]) => ({ types: types === "" ? undefined : types.split(" "), fields: shared }));
}

function nameOf(selection: Found["request"]["requires"][number]): readonly string[] {
  return selection.kind === "field" ? [selection.name] : [];
}

/** The call's requests as those of a batch. */
function aliasesOf(node: FetchNode | BatchFetchNode, own: readonly Found[]): readonly Alias[] {
  if (node.kind === "BatchFetch") return node.entityBatch.aliases;
  const { requires = [], inputRewrites, outputRewrites } = node;
  return own.map(({ request }) => ({
    alias: request.responseKey,
    representationsVariableName: request.variableName,
    paths: request.paths.map((path) => [...path]),
    requires,
    ...(inputRewrites === undefined ? {} : { inputRewrites }),
    ...(outputRewrites === undefined ? {} : { outputRewrites }),
  }));
}

function fieldFor(field: FieldNode, { alias, fields }: Part): FieldNode {
  const named: FieldNode = {
    ...field,
    ...(keyOf(field) === alias.alias ? {} : { alias: { kind: Kind.NAME, value: alias.alias } }),
    arguments: (field.arguments ?? []).map((argument) =>
      argument.name.value === "representations" ? { ...argument, value: variableNamed(alias.representationsVariableName) } : argument,
    ),
  };
  if (fields === undefined) return named;
  const selections = (field.selectionSet?.selections ?? []).map((each): SelectionNode => {
    if (each.kind !== Kind.INLINE_FRAGMENT) return each;
    const fragment: InlineFragmentNode = { ...each, selectionSet: { kind: Kind.SELECTION_SET, selections: fields } };
    return fragment;
  });
  return { ...named, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}

function variableNamed(value: string): VariableDefinitionNode["variable"] {
  return { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value } };
}

function variablesFor(
  { variableDefinitions = [] }: OperationDefinitionNode,
  alias: Alias,
  parts: readonly Part[],
): VariableDefinitionNode[] {
  const given = variableDefinitions.find(({ variable }) => variable.name.value === alias.representationsVariableName);
  return given === undefined ? [] : parts.map((part) => ({ ...given, variable: variableNamed(part.alias.representationsVariableName) }));
}

function othersOf(
  { variableDefinitions = [] }: OperationDefinitionNode,
  aliases: readonly { readonly alias: Alias }[],
): VariableDefinitionNode[] {
  const own = new Set(aliases.map(({ alias }) => alias.representationsVariableName));
  return variableDefinitions.filter(({ variable }) => !own.has(variable.name.value));
}
