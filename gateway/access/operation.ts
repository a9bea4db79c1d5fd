import type { DefinitionNode, DocumentNode, FieldNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode } from "graphql";
import { Kind } from "graphql";
import { HubError } from "../core/errors.ts";
import { isReserved, reservedPrefix } from "../core/reserved.ts";

/** One operation of a document with the fragments that it uses, nested ones included. */
export interface AskedOperation {
  readonly operation: OperationDefinitionNode;
  /** In the order in which the operation first comes to them. */
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/** What the hub does not run. The key is the directive's name; `@defer` and `@stream` would change how answers are sent. */
const UNSUPPORTED_DIRECTIVES: ReadonlySet<string> = new Set(["defer", "stream"]);

/**
 * Finds the operation to run and the fragments it uses.
 *
 * @param operationName May be left out (or empty) when the document holds one operation.
 * @throws {HubError} OPERATION_RESOLUTION_FAILURE when no one operation is meant.
 */
export function selectOperation(document: DocumentNode, operationName: string | undefined): AskedOperation {
  const operation = findOperation(document, operationName);
  const known = fragmentsOf(document);
  const fragments = new Map<string, FragmentDefinitionNode>();
  addFragments(operation.selectionSet, { known, found: fragments });
  return { operation, fragments };
}

/**
 * Refuses what the hub doesn't run: `@defer`, `@stream`, another field under the key `__typename`, by which objects
 * in the replies of departments say what they are, and keys of the hub's own.
 *
 * @throws {HubError} OPERATION_NOT_SUPPORTED, naming them.
 */
export function refuseUnsupported(definitions: readonly DefinitionNode[]): void {
  const found = new Set<string>();
  for (const definition of definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION || definition.kind === Kind.FRAGMENT_DEFINITION)
      refuseIn(definition.selectionSet, found);
  }
  if (found.size === 0) return;
  const features = [...found];
  throw new HubError("OPERATION_NOT_SUPPORTED", `The hub does not support ${features.join(" and ")}; leave it out.`, { features });
}

/** The fragments of a document by name. Of two with one name the first counts; validation refuses such documents. */
export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION && !fragments.has(definition.name.value))
      fragments.set(definition.name.value, definition);
  }
  return fragments;
}

/** The key under which a field stands in the answer. */
export function responseKeyOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

/**
 * Finds the operation to run.
 *
 * @throws {HubError} OPERATION_RESOLUTION_FAILURE when no one operation is meant.
 */
export function findOperation(document: DocumentNode, operationName: string | undefined): OperationDefinitionNode {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (operationName !== undefined && operationName !== "") {
    const named = operations.filter((operation) => operation.name?.value === operationName);
    if (named.length === 1 && named[0] !== undefined) return named[0];
    throw new HubError("OPERATION_RESOLUTION_FAILURE", "The document has no single operation with the given `operationName`.", {
      operations: operations.length,
    });
  }
  if (operations.length === 1 && operations[0] !== undefined) return operations[0];
  const message =
    operations.length === 0 ? "The document has no operation." : "The document has several operations; name one with `operationName`.";
  throw new HubError("OPERATION_RESOLUTION_FAILURE", message, { operations: operations.length });
}

interface FragmentSearch {
  readonly known: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly found: Map<string, FragmentDefinitionNode>;
}

function addFragments(set: SelectionSetNode, search: FragmentSearch): void {
  for (const selection of set.selections) {
    if (selection.kind !== Kind.FRAGMENT_SPREAD) {
      if (selection.selectionSet !== undefined) addFragments(selection.selectionSet, search);
      continue;
    }
    const fragment = search.known.get(selection.name.value);
    if (fragment === undefined || search.found.has(fragment.name.value)) continue;
    search.found.set(fragment.name.value, fragment);
    addFragments(fragment.selectionSet, search);
  }
}

function refuseIn(set: SelectionSetNode, found: Set<string>): void {
  for (const selection of set.selections) {
    for (const directive of selection.directives ?? []) {
      if (UNSUPPORTED_DIRECTIVES.has(directive.name.value)) found.add(`@${directive.name.value}`);
    }
    if (selection.kind === Kind.FRAGMENT_SPREAD) continue;
    if (selection.kind === Kind.FIELD && selection.alias?.value === "__typename" && selection.name.value !== "__typename") {
      found.add("the alias `__typename` for another field");
    }
    if (selection.kind === Kind.FIELD && isReserved(responseKeyOf(selection)))
      found.add(`response keys that begin with \`${reservedPrefix}\``);
    if (selection.selectionSet !== undefined) refuseIn(selection.selectionSet, found);
  }
}
