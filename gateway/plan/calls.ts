import type { DocumentNode, OperationDefinitionNode } from "graphql";
import { Kind, parse, print, visit } from "graphql/language/index.js";
import { stripIgnoredCharacters } from "graphql/utilities/stripIgnoredCharacters.js";
import { inlineFragments } from "../core/inline.ts";
import { unsupported } from "./nodes.ts";

/** A call as the planner wrote it, made valid. */
export interface Call {
  readonly operation: OperationDefinitionNode;
  readonly text: string;
}

/**
 * Reads a call's operation. Variables that nothing in it uses are taken out, as a subgraph must refuse it for them: the planner
 * declares those of fields that it has left out.
 *
 * @throws {HubError} OPERATION_NOT_SUPPORTED for a call without an operation, or one that isn't GraphQL.
 */
export function readCall(text: string): Call {
  const operation = operationOf(inlineFragments(parseCall(text)));
  const declared = operation.variableDefinitions ?? [];
  if (declared.length === 0) return { operation, text };
  const used = usedVariables(operation);
  if (declared.every(({ variable }) => used.has(variable.name.value))) return { operation, text };
  const kept = { ...operation, variableDefinitions: declared.filter(({ variable }) => used.has(variable.name.value)) };
  return { operation: kept, text: stripIgnoredCharacters(print(kept)) };
}

/** Names of the variables that an operation's selections use. */
export function usedVariables(operation: OperationDefinitionNode): ReadonlySet<string> {
  const used = new Set<string>();
  visit(operation.selectionSet, { Variable: ({ name }) => void used.add(name.value) });
  return used;
}

function parseCall(text: string): DocumentNode {
  try {
    return parse(text, { noLocation: true });
  } catch {
    // The error would be read as one of the caller's own text.
    throw unsupported("a call that is no GraphQL");
  }
}

function operationOf(document: DocumentNode): OperationDefinitionNode {
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw unsupported("a call without an operation");
  return operation;
}
