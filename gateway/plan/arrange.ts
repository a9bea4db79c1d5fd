import { type DocumentNode, type GraphQLSchema, Kind, type OperationDefinitionNode, print, type VariableDefinitionNode } from "graphql";
import { inlineFragments } from "../core/inline.ts";
import type { PlanCondition } from "../core/layout.ts";
import { usedVariables } from "./calls.ts";
import { type AskedKeys, fieldNamesOf, separateKeys } from "./keys.ts";
import { normalise } from "./normal.ts";

/** An operation as the planner gets it, and how its words are read back. */
export interface ArrangedOperation {
  readonly text: string;
  /** Keys that were put in place of the caller's, with the caller's. */
  readonly publicKeys: ReadonlyMap<string, string>;
  readonly askedKeys: AskedKeys;
  /** Variables that were added. */
  readonly conditions: readonly PlanCondition[];
}

/**
 * Writes an operation in the form that the planner plans best.
 *
 * @param document One operation with the fragments it uses, valid in the schema and within the limits: fragments are written out.
 * @returns Undefined when there is nothing to ask for.
 */
export function arrange(document: DocumentNode, schema: GraphQLSchema): ArrangedOperation | undefined {
  const inlined = inlineFragments(document);
  const asked = inlined.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (asked === undefined) return undefined;
  const prefix = freePrefix(inlined, schema);
  const normal = normalise(asked, schema, `${prefix}c`) ?? { operation: asked, conditions: [] };
  if (normal.operation === undefined) return undefined;
  return { ...separateKeys(declareVariables(normal.operation, normal.conditions), schema, prefix), conditions: normal.conditions };
}

/** Declares the variables that are used, and no others. */
function declareVariables(operation: OperationDefinitionNode, conditions: readonly PlanCondition[]): OperationDefinitionNode {
  const used = usedVariables(operation);
  const own = (operation.variableDefinitions ?? []).filter(({ variable }) => used.has(variable.name.value));
  return { ...operation, variableDefinitions: [...own, ...conditions.map(({ variable }) => conditionVariable(variable))] };
}

function conditionVariable(name: string): VariableDefinitionNode {
  return {
    kind: Kind.VARIABLE_DEFINITION,
    variable: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } },
    type: { kind: Kind.NON_NULL_TYPE, type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: "Boolean" } } },
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
