import type {
  BatchFetchNode,
  EntityBatchAlias,
  FetchNode,
  FetchRewrite,
  FlattenNodePathSegment,
  PlanNode,
  RequiresSelection,
} from "@graphql-hive/router-query-planner";
import { HubError } from "../core/errors.ts";
import type { FixedValue, RequiredSelection } from "../core/layout.ts";
import type { Rename } from "./places.ts";

export type { BatchFetchNode, FetchNode, FlattenNodePathSegment, PlanNode };

/** Entities to ask for, whether the planner wrote them as a fetch of one kind or as part of a batch. */
export interface EntityRequest {
  readonly responseKey: string;
  readonly variableName: string;
  readonly paths: readonly (readonly FlattenNodePathSegment[])[];
  readonly requires: readonly RequiredSelection[];
  readonly fixedValues: readonly FixedValue[];
  readonly renames: readonly Rename[];
}

/** A plan with its calls changed. */
export function mapCalls(node: PlanNode, change: (call: FetchNode | BatchFetchNode) => PlanNode): PlanNode {
  switch (node.kind) {
    case "Fetch":
    case "BatchFetch":
      return change(node);
    case "Flatten":
      return { ...node, node: mapCalls(node.node, change) };
    case "Sequence":
    case "Parallel":
      return { ...node, nodes: node.nodes.map((child) => mapCalls(child, change)) };
    case "Condition":
      return {
        ...node,
        ...(node.ifClause ? { ifClause: mapCalls(node.ifClause, change) } : {}),
        ...(node.elseClause ? { elseClause: mapCalls(node.elseClause, change) } : {}),
      };
    default:
      return node;
  }
}

/** The entity request of a plain fetch below a `Flatten`. */
export function entityRequestOf(node: FetchNode, path: readonly FlattenNodePathSegment[]): EntityRequest {
  return {
    responseKey: "_entities",
    variableName: "representations",
    paths: [path],
    requires: (node.requires ?? []).map(requiredOf),
    fixedValues: (node.inputRewrites ?? []).map(fixedValueOf),
    renames: (node.outputRewrites ?? []).map((rewrite) => renameOf(rewrite, "_entities")),
  };
}

/** The entity requests of a batch, one for each alias. */
export function batchRequestsOf(node: BatchFetchNode): EntityRequest[] {
  return node.entityBatch.aliases.map((alias: EntityBatchAlias) => ({
    responseKey: alias.alias,
    variableName: alias.representationsVariableName,
    paths: alias.paths,
    requires: alias.requires.map(requiredOf),
    fixedValues: (alias.inputRewrites ?? []).map(fixedValueOf),
    renames: (alias.outputRewrites ?? []).map((rewrite) => renameOf(rewrite, alias.alias)),
  }));
}

/** The renames of a fetch from the root. */
export function rootRenamesOf(node: FetchNode): Rename[] {
  return (node.outputRewrites ?? []).map((rewrite) => renameOf(rewrite, undefined));
}

function requiredOf(selection: RequiresSelection): RequiredSelection {
  switch (selection.kind) {
    case "Field":
      return {
        kind: "field",
        sourceKey: selection.name,
        name: selection.alias ?? selection.name,
        selections:
          selection.selections === undefined || selection.selections.length === 0 ? undefined : selection.selections.map(requiredOf),
      };
    case "InlineFragment":
      return { kind: "fragment", typeCondition: selection.typeCondition, selections: selection.selections.map(requiredOf) };
    case "FragmentSpread":
      throw unsupported("a fragment spread in a representation");
  }
}

function fixedValueOf(rewrite: FetchRewrite): FixedValue {
  if (!("ValueSetter" in rewrite)) throw unsupported("an input rewrite other than a set value");
  const { path, setValueTo } = rewrite.ValueSetter;
  let typeNames: readonly string[] | undefined;
  let name: string | undefined;
  for (const segment of path) {
    if ("TypenameEquals" in segment) typeNames = segment.TypenameEquals;
    else if (name === undefined) name = segment.Key;
    else throw unsupported("a set value below the first level of a representation");
  }
  if (name === undefined) throw unsupported("a set value without a key");
  return { typeNames, name, value: setValueTo };
}

function renameOf(rewrite: FetchRewrite, entityKey: string | undefined): Rename {
  if (!("KeyRenamer" in rewrite)) throw unsupported("an output rewrite other than a renamed key");
  const keys = rewrite.KeyRenamer.path.flatMap((segment) => ("Key" in segment ? [segment.Key] : []));
  // The planner writes an entity's path with or without the list's own key.
  const isBelowList = entityKey !== undefined && (keys[0] === entityKey || keys[0] === "_entities");
  const sourcePath = (isBelowList ? keys.slice(1) : keys).filter((key) => key !== "@").join("/");
  return { sourcePath, responseKey: rewrite.KeyRenamer.renameKeyTo };
}

/** An error for a form of plan that the hub doesn't run: better refused than run wrongly. */
export function unsupported(what: string): HubError {
  return new HubError("OPERATION_NOT_SUPPORTED", `The plan of this operation needs ${what}, which the hub does not run.`, { what });
}
