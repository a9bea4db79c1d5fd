import { type DocumentNode, type GraphQLSchema, Kind, type OperationDefinitionNode, print } from "graphql";
import type { SetConditions } from "../core/conditions.ts";
import { inlineFragments } from "../core/inline.ts";
import { usedVariables } from "./calls.ts";
import { type AskedKeys, fieldNamesOf, separateKeys } from "./keys.ts";
import { normalise } from "./normal.ts";
import { resolveConditions } from "./resolve.ts";

/** An operation as the planner gets it, and how its words are read back. */
export interface ArrangedOperation {
  readonly text: string;
  /** Keys that were put in place of the caller's, with the caller's. */
  readonly publicKeys: ReadonlyMap<string, string>;
  readonly askedKeys: AskedKeys;
}

/**
 * Writes an operation in the form that the planner plans best.
 *
 * @param document One operation with the fragments it uses, valid in the schema and within the limits: fragments are written out.
 * @returns Undefined when there is nothing to ask for.
 */
export function arrange(document: DocumentNode, schema: GraphQLSchema, set: SetConditions): ArrangedOperation | undefined {
  const resolved = resolveConditions(inlineFragments(document), set);
  const asked = resolved?.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (resolved === undefined || asked === undefined) return undefined;
  return separateKeys(declareVariables(normalise(asked, schema) ?? asked), schema, freePrefix(resolved, schema));
}

/** Declares the variables that are used, and no others. */
function declareVariables(operation: OperationDefinitionNode): OperationDefinitionNode {
  const used = usedVariables(operation);
  return {
    ...operation,
    variableDefinitions: (operation.variableDefinitions ?? []).filter(({ variable }) => used.has(variable.name.value)),
  };
}

/** A beginning that no name of the operation or of the schema has. */
function freePrefix(document: DocumentNode, schema: GraphQLSchema): string {
  const text = print(document);
  const names = [...fieldNamesOf(schema)];
  let prefix = "_k";
  while (text.includes(prefix) || names.some((name) => name.startsWith(prefix))) prefix += "k";
  return prefix;
}
