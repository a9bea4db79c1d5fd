import type {
  DirectiveNode,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
  ValueNode,
} from "graphql";
import { Kind } from "graphql";
import type { LimitName, Limits } from "../core/limits.ts";
import { limitError } from "../core/limits.ts";
import { fragmentsOf } from "./operation.ts";

/** How large an operation is. Every number stops at a thousand million. */
export interface Measure {
  /** Undefined for a document that was not parsed from text. */
  readonly tokens: number | undefined;
  readonly depth: number;
  readonly valueDepth: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly selections: number;
  readonly repeats: number;
  readonly directives: number;
  readonly listSize: number;
}

/** Where counting stops: far above any limit, and far from where sums lose their precision. */
const SATURATED = 1_000_000_000;

/** How deep selection sets and values are read. What is deeper counts as too deep, so that no text can exhaust the stack. */
const NESTING_MAX = 500;

/** What one selection set stands for once its fragments are written out. */
interface Weight {
  readonly depth: number;
  readonly aliases: number;
  /** Fields at the set's own level. */
  readonly fields: number;
  /** Fields at every level. */
  readonly selections: number;
  /** The most times that one response key can stand at the set's own level; never too few. */
  readonly repeats: number;
}

/** What is counted over the text as it stands, each node once. */
interface Measuring {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** "open" while a fragment is being read. */
  readonly weights: Map<string, Weight | "open">;
  directives: number;
  valueDepth: number;
  listSize: number;
  repeats: number;
  isTooDeep: boolean;
}

const NOTHING: Weight = { depth: 0, aliases: 0, fields: 0, selections: 0, repeats: 0 };

/**
 * Measures an operation before it is validated. Each fragment is read once, so the time is linear in the text, whatever
 * number of fields the text stands for.
 *
 * What validation has to read counts over the whole document: values, directives, repeats and depth. What only the operation costs that runs
 * counts over that operation; when none is named, the largest counts.
 */
export function measureOperation(document: DocumentNode, operationName: string | undefined): Measure {
  const fragments = fragmentsOf(document);
  const measuring: Measuring = { fragments, weights: new Map(), directives: 0, valueDepth: 0, listSize: 0, repeats: 0, isTooDeep: false };
  let depth = 0;
  let largest = NOTHING;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      measureDirectives(measuring, definition.directives);
      depth = Math.max(depth, weighFragment(measuring, definition, 0).depth);
    } else if (definition.kind === Kind.OPERATION_DEFINITION) {
      const weight = weighOperation(measuring, definition);
      depth = Math.max(depth, weight.depth);
      const isNamed = operationName !== undefined && operationName !== "";
      if (!isNamed || definition.name?.value === operationName) largest = larger(largest, weight);
    }
  }
  return {
    tokens: document.tokenCount,
    depth: measuring.isTooDeep ? SATURATED : depth,
    valueDepth: measuring.valueDepth,
    aliases: largest.aliases,
    rootFields: largest.fields,
    selections: largest.selections,
    repeats: measuring.repeats,
    directives: measuring.directives,
    listSize: measuring.listSize,
  };
}

/**
 * Refuses a document that is over a limit.
 *
 * @throws {HubError} OPERATION_LIMIT with the limit's name, the value and the most allowed.
 */
export function checkLimits(measure: Measure, limits: Limits): void {
  const checks: readonly (readonly [LimitName, number])[] = [
    ["tokensMax", measure.tokens ?? 0],
    ["depthMax", measure.depth],
    ["valueDepthMax", measure.valueDepth],
    ["aliasesMax", measure.aliases],
    ["rootFieldsMax", measure.rootFields],
    ["selectionsMax", measure.selections],
    ["repeatsMax", measure.repeats],
    ["directivesMax", measure.directives],
    ["listSizeMax", measure.listSize],
  ];
  for (const [limit, value] of checks) {
    const max = limits[limit];
    if (value > max) throw limitError({ limit, value, max });
  }
}

/**
 * Refuses variables that are too many, nested too deeply or hold too long a list. To be called before they are coerced, which is recursive.
 *
 * @throws {HubError} OPERATION_LIMIT.
 */
export function checkVariables(variables: Readonly<Record<string, unknown>>, limits: Limits): void {
  let level: unknown[] = Object.values(variables);
  const { variablesMax } = limits;
  if (level.length > variablesMax) throw limitError({ limit: "variablesMax", value: level.length, max: variablesMax });
  for (let depth = 1; level.length > 0; depth += 1) {
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== "object" || value === null) continue;
      const isList = Array.isArray(value);
      if (depth > limits.valueDepthMax) throw limitError({ limit: "valueDepthMax", value: depth, max: limits.valueDepthMax });
      if (isList && value.length > limits.listSizeMax)
        throw limitError({ limit: "listSizeMax", value: value.length, max: limits.listSizeMax });
      for (const inner of isList ? (value as unknown[]) : Object.values(value)) next.push(inner);
    }
    level = next;
  }
}

function weighOperation(measuring: Measuring, operation: OperationDefinitionNode): Weight {
  measureDirectives(measuring, operation.directives);
  for (const variable of operation.variableDefinitions ?? []) {
    measureDirectives(measuring, variable.directives);
    if (variable.defaultValue !== undefined) measureValue(measuring, variable.defaultValue, 0);
  }
  return weighSet(measuring, operation.selectionSet, 0);
}

function weighSet(measuring: Measuring, set: SelectionSetNode, nesting: number): Weight {
  if (nesting > NESTING_MAX) {
    measuring.isTooDeep = true;
    return NOTHING;
  }
  let total = NOTHING;
  const keys = new Map<string, number>();
  const spread = new Set<string>();
  let inherited = 0;
  for (const selection of set.selections) {
    measureDirectives(measuring, selection.directives);
    const weight = weighSelection(measuring, selection, nesting);
    total = sum(total, weight);
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value;
      keys.set(key, (keys.get(key) ?? 0) + 1);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) inherited = add(inherited, weight.repeats);
    else if (!spread.has(selection.name.value)) {
      // Validation reads a fragment once for each set, however often the set spreads it.
      spread.add(selection.name.value);
      inherited = add(inherited, weight.repeats);
    }
  }
  const repeats = add(Math.max(0, ...keys.values()), inherited);
  measuring.repeats = Math.max(measuring.repeats, repeats);
  return { ...total, repeats };
}

function weighSelection(measuring: Measuring, selection: SelectionNode, nesting: number): Weight {
  switch (selection.kind) {
    case Kind.FIELD:
      return weighField(measuring, selection, nesting);
    case Kind.INLINE_FRAGMENT:
      return weighSet(measuring, selection.selectionSet, nesting + 1);
    case Kind.FRAGMENT_SPREAD: {
      const fragment = measuring.fragments.get(selection.name.value);
      return fragment === undefined ? NOTHING : weighFragment(measuring, fragment, nesting + 1);
    }
  }
}

function weighField(measuring: Measuring, node: FieldNode, nesting: number): Weight {
  for (const argument of node.arguments ?? []) measureValue(measuring, argument.value, 0);
  const inner = node.selectionSet === undefined ? NOTHING : weighSet(measuring, node.selectionSet, nesting + 1);
  return {
    depth: add(inner.depth, 1),
    aliases: add(inner.aliases, node.alias === undefined || node.alias.value === node.name.value ? 0 : 1),
    fields: 1,
    selections: add(inner.selections, 1),
    repeats: 0,
  };
}

function weighFragment(measuring: Measuring, fragment: FragmentDefinitionNode, nesting: number): Weight {
  const name = fragment.name.value;
  const known = measuring.weights.get(name);
  // A fragment inside itself has no size; validation refuses it.
  if (known !== undefined) return known === "open" ? NOTHING : known;
  measuring.weights.set(name, "open");
  const weight = weighSet(measuring, fragment.selectionSet, nesting);
  measuring.weights.set(name, weight);
  return weight;
}

function measureDirectives(measuring: Measuring, directives: readonly DirectiveNode[] | undefined): void {
  for (const directive of directives ?? []) {
    measuring.directives += 1;
    for (const argument of directive.arguments ?? []) measureValue(measuring, argument.value, 0);
  }
}

function measureValue(measuring: Measuring, value: ValueNode, depth: number): void {
  if (value.kind !== Kind.LIST && value.kind !== Kind.OBJECT) return;
  measuring.valueDepth = Math.max(measuring.valueDepth, depth + 1);
  if (depth > NESTING_MAX) return;
  if (value.kind === Kind.LIST) measuring.listSize = Math.max(measuring.listSize, value.values.length);
  const inner = value.kind === Kind.LIST ? value.values : value.fields.map((field) => field.value);
  for (const item of inner) measureValue(measuring, item, depth + 1);
}

function sum(left: Weight, right: Weight): Weight {
  return {
    depth: Math.max(left.depth, right.depth),
    aliases: add(left.aliases, right.aliases),
    fields: add(left.fields, right.fields),
    selections: add(left.selections, right.selections),
    repeats: 0,
  };
}

function larger(left: Weight, right: Weight): Weight {
  return {
    ...NOTHING,
    aliases: Math.max(left.aliases, right.aliases),
    fields: Math.max(left.fields, right.fields),
    selections: Math.max(left.selections, right.selections),
  };
}

function add(left: number, right: number): number {
  return Math.min(SATURATED, left + right);
}
