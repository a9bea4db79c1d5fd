import type { GraphQLSchema, SelectionSetNode } from "graphql";
import { isAbstractType, isObjectType, Kind } from "graphql";
import type { RequiredSelection } from "../core/layout.ts";
import type { AskedKeys } from "./keys.ts";
import type { EntityRequest } from "./nodes.ts";

/** An entity request with what the operation asks for where its entities belong. */
export interface WidenOptions {
  readonly request: EntityRequest;
  /** What the call selects of an entity. */
  readonly selections: SelectionSetNode;
  readonly schema: GraphQLSchema;
  /** What is asked for at the operation's root. */
  readonly askedKeys: AskedKeys;
}

/**
 * Makes representations of every type that a call's fields are asked of.
 *
 * Where a subgraph knows an interface as an object, the planner makes one call of those for several of its types, and keeps the type
 * of one of them as the condition of its representations: objects of the others would be left out without an error.
 */
export function widenRequires({ request, selections, schema, askedKeys }: WidenOptions): readonly RequiredSelection[] {
  const { requires } = request;
  const [only, ...others] = requires;
  const wide = soleCondition(selections);
  if (only?.kind !== "fragment" || others.length > 0 || wide === undefined) return requires;
  const isNarrowed = isAbstractType(schema.getType(wide)) && isObjectType(schema.getType(only.typeCondition));
  if (!isNarrowed) return requires;
  const wanted = new Set([only.typeCondition]);
  for (const path of request.paths) {
    let keys: AskedKeys | undefined = askedKeys;
    for (const segment of path) if (segment !== "@" && "Field" in segment) keys = keys?.get(segment.Field)?.below;
    for (const key of keysOf(selections, request)) for (const parent of keys?.get(key)?.parents ?? []) wanted.add(parent);
  }
  const isWhole = [...wanted].some((name) => isAbstractType(schema.getType(name)));
  return (isWhole ? [wide] : [...wanted]).map((typeCondition) => ({ ...only, typeCondition }));
}

/** The one type condition under which everything is selected; undefined where there are others, or none. */
export function soleCondition({ selections }: SelectionSetNode): string | undefined {
  const [only, ...others] = selections.filter((selection) => selection.kind !== Kind.FIELD || selection.name.value !== "__typename");
  return only?.kind === Kind.INLINE_FRAGMENT && others.length === 0 ? only.typeCondition?.name.value : undefined;
}

/** The planned operation's keys of what a call selects directly of an entity. */
export function keysOf({ selections }: SelectionSetNode, request: EntityRequest): string[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return keysOf(selection.selectionSet, request);
    if (selection.kind !== Kind.FIELD || selection.name.value === "__typename") return [];
    const key = selection.alias?.value ?? selection.name.value;
    return [request.renames.find(({ sourcePath }) => sourcePath === key)?.responseKey ?? key];
  });
}
