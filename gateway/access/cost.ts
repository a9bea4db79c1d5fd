import type {
  DirectiveNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLCompositeType,
  GraphQLField,
  GraphQLNamedType,
  GraphQLSchema,
  SelectionNode,
  SelectionSetNode,
} from "graphql";
import { getNamedType, getNullableType, isAbstractType, isCompositeType, isListType, isUnionType, Kind } from "graphql";
import type { Costs, ListSize } from "../../schema/costs.ts";
import type { ClearedOperation } from "../core/cleared.ts";
import { type Limits, limitError } from "../core/limits.ts";
import { argumentCost } from "./argument.ts";
import { type Formula, sizeOf, type Values } from "./listsize.ts";
import { findOperation, fragmentsOf } from "./operation.ts";

/** What costs are computed from. */
export interface CostOptions {
  /** The API schema. */
  readonly schema: GraphQLSchema;
  readonly costs: Costs;
  /** Items of a list of which nothing is known. */
  readonly listSizeDefault: number;
  readonly limits: Limits;
}

/** Computes what operations cost: about the number of objects that an answer can hold. */
export interface Coster {
  /**
   * Compiles an operation's cost, in time linear in its text, and refuses it where it is over the limit whatever its variables are.
   * To be called before it is planned.
   *
   * @throws {HubError} OPERATION_LIMIT with the cost and the limit; BAD_USER_INPUT where a slicing argument is missing.
   */
  admit(cleared: ClearedOperation): void;
  /**
   * Refuses a request whose variables make the operation cost too much. Where no variable matters, this is one comparison.
   *
   * @param variables Coerced.
   * @returns The cost.
   * @throws {HubError} as `admit`.
   */
  charge(cleared: ClearedOperation, variables: Readonly<Record<string, unknown>>): number;
}

/** Where counting stops: far above any limit, and far from where sums lose their precision. */
const SATURATED = 1_000_000_000;

/** Creates the computation of costs for one graph. */
export function createCoster(options: CostOptions): Coster {
  const { costMax } = options.limits;
  // The formula lives as long as the prepared operation does, and no longer.
  const formulas = new WeakMap<ClearedOperation, Formula>();

  function formulaOf(cleared: ClearedOperation): Formula {
    let formula = formulas.get(cleared);
    if (formula === undefined) {
      formula = compileCost(options, cleared);
      formulas.set(cleared, formula);
    }
    return formula;
  }

  function check(formula: Formula, values: Values): number {
    const cost = Math.ceil(evaluate(formula, values));
    if (cost > costMax) throw limitError({ limit: "costMax", value: cost, max: costMax });
    return cost;
  }

  return {
    admit(cleared): void {
      check(formulaOf(cleared), undefined);
    },
    charge: (cleared, variables) => check(formulaOf(cleared), variables),
  };
}

interface Compiling extends CostOptions {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** What is known of fragments, for each sizing of the fields around them. */
  readonly known: Map<string, Map<Sizing | undefined, Formula>>;
}

/** Lengths that a field gives to lists of the object it returns (`sizedFields`). */
interface Sizing {
  readonly fields: ReadonlySet<string>;
  readonly size: Formula;
}

interface Place {
  readonly type: GraphQLCompositeType;
  readonly sizing: Sizing | undefined;
}

/**
 * The cost of what is run, by these rules of https://specs.apollo.dev/cost/v0.1/: an object costs 1 and a leaf 0, or what `@cost` says; a
 * list costs its length times its item with all that is selected in it; input objects cost 1. Fields of every type
 * condition count, and a field that is asked for twice counts twice. Introspection has limits of its own and costs nothing.
 */
function compileCost(options: CostOptions, { document }: ClearedOperation): Formula {
  if (document === undefined) return 0;
  const operation = findOperation(document, undefined);
  const type = options.schema.getRootType(operation.operation);
  if (type === undefined || type === null) return 0;
  const compiling: Compiling = { ...options, fragments: fragmentsOf(document), known: new Map() };
  return compileSet(compiling, operation.selectionSet, { type, sizing: undefined });
}

function compileSet(compiling: Compiling, set: SelectionSetNode, place: Place): Formula {
  return sum(set.selections.map((selection) => gate(selection.directives, compileSelection(compiling, selection, place))));
}

function compileSelection(compiling: Compiling, selection: SelectionNode, place: Place): Formula {
  switch (selection.kind) {
    case Kind.FIELD:
      return compileField(compiling, selection, place);
    case Kind.INLINE_FRAGMENT:
      return compileSet(compiling, selection.selectionSet, narrow(compiling, place, selection.typeCondition?.name.value));
    case Kind.FRAGMENT_SPREAD: {
      const fragment = compiling.fragments.get(selection.name.value);
      return fragment === undefined ? 0 : compileFragment(compiling, fragment, place);
    }
  }
}

function narrow({ schema }: Compiling, place: Place, typeName: string | undefined): Place {
  const type = typeName === undefined ? undefined : schema.getType(typeName);
  return type !== undefined && isCompositeType(type) ? { ...place, type } : place;
}

function compileFragment(compiling: Compiling, fragment: FragmentDefinitionNode, place: Place): Formula {
  const name = fragment.name.value;
  const known = compiling.known.get(name) ?? new Map<Sizing | undefined, Formula>();
  compiling.known.set(name, known);
  let formula = known.get(place.sizing);
  if (formula === undefined) {
    formula = once(compileSet(compiling, fragment.selectionSet, narrow(compiling, place, fragment.typeCondition.name.value)));
    known.set(place.sizing, formula);
  }
  return formula;
}

function compileField(compiling: Compiling, node: FieldNode, { type, sizing }: Place): Formula {
  const name = node.name.value;
  const field = isUnionType(type) ? undefined : type.getFields()[name];
  if (field === undefined) return 0;
  const { costs, listSizeDefault } = compiling;
  const coordinate = `${type.name}.${name}`;
  const listSize = costs.listSizes.get(coordinate);
  const question = { coordinate, node, field, listSize, sizeDefault: listSizeDefault };
  const named = getNamedType(field.type);
  const inner =
    node.selectionSet === undefined || !isCompositeType(named)
      ? 0
      : compileSet(compiling, node.selectionSet, { type: named, sizing: sizingOf(listSize, () => sizeOf(question)) });
  const item = sum([costs.weights.get(coordinate) ?? typeCost(compiling, named), inner]);
  const dimensions = dimensionsOf(field);
  if (dimensions === 0) return sum([item, argumentCost(compiling, node, { coordinate, field })]);
  const ownSize = listSize !== undefined && listSize.sizedFields.length > 0 ? { ...question, listSize: undefined } : question;
  const size = sizing?.fields.has(name) === true ? sizing.size : sizeOf(ownSize);
  const items = product(size, product(listSizeDefault ** (dimensions - 1), item));
  return sum([items, argumentCost(compiling, node, { coordinate, field })]);
}

function sizingOf(listSize: ListSize | undefined, size: () => Formula): Sizing | undefined {
  if (listSize === undefined || listSize.sizedFields.length === 0) return undefined;
  return { fields: new Set(listSize.sizedFields), size: size() };
}

/** How many lists stand around a field's values. */
function dimensionsOf({ type }: GraphQLField<unknown, unknown>): number {
  let dimensions = 0;
  for (let inner = getNullableType(type); isListType(inner); inner = getNullableType(inner.ofType)) dimensions += 1;
  return dimensions;
}

function typeCost({ schema, costs }: Compiling, type: GraphQLNamedType): number {
  const own = costs.weights.get(type.name);
  if (own !== undefined) return own;
  if (isAbstractType(type)) return Math.max(1, ...schema.getPossibleTypes(type).map((possible) => costs.weights.get(possible.name) ?? 1));
  return isCompositeType(type) ? 1 : 0;
}

/** Nothing where `@skip` or `@include` leaves a selection out, whether in the text or by a variable. */
function gate(directives: readonly DirectiveNode[] | undefined, formula: Formula): Formula {
  let gated = formula;
  for (const directive of directives ?? []) {
    const name = directive.name.value;
    if (name !== "skip" && name !== "include") continue;
    const condition = directive.arguments?.find((argument) => argument.name.value === "if")?.value;
    if (condition?.kind === Kind.BOOLEAN && condition.value !== (name === "include")) return 0;
    if (condition?.kind !== Kind.VARIABLE) continue;
    const variable = condition.name.value;
    const inner = gated;
    gated = (values) => (values?.[variable] === (name === "include") ? evaluate(inner, values) : 0);
  }
  return gated;
}

function sum(parts: readonly Formula[]): Formula {
  let known = 0;
  const open: ((values: Values) => number)[] = [];
  for (const part of parts) {
    if (typeof part === "number") known = Math.min(SATURATED, known + part);
    else open.push(part);
  }
  if (open.length === 0) return known;
  return (values) => {
    let total = known;
    for (const part of open) total = Math.min(SATURATED, total + part(values));
    return total;
  };
}

function product(left: Formula, right: Formula): Formula {
  if (typeof left === "number" && typeof right === "number") return Math.min(SATURATED, left * right);
  // Both sides are read, so that a missing slicing argument is told even where the item costs nothing.
  return (values) => Math.min(SATURATED, evaluate(left, values) * evaluate(right, values));
}

/** Reads a formula that stands in many places once for each set of variables, so that fragments inside each other stay linear. */
function once(formula: Formula): Formula {
  if (typeof formula === "number") return formula;
  let last: { readonly values: WeakRef<object> | undefined; readonly result: number } | undefined;
  return (values) => {
    if (last !== undefined && last.values?.deref() === values) return last.result;
    const result = formula(values);
    last = { values: values === undefined ? undefined : new WeakRef(values), result };
    return result;
  };
}

function evaluate(formula: Formula, values: Values): number {
  return typeof formula === "number" ? formula : formula(values);
}
