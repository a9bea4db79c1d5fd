import type { FieldNode, GraphQLField, GraphQLInputType, ValueNode } from "graphql";
import { getNamedType, getNullableType, isInputObjectType, isListType, Kind } from "graphql";
import type { Costs } from "../../schema/costs.ts";
import { type Formula, holdsVariable, type Values } from "./listsize.ts";

/** The field whose arguments are weighed. */
export interface ArgumentPlace {
  readonly coordinate: string;
  readonly field: GraphQLField<unknown, unknown>;
}

/** What one value is weighed by. */
interface Weighing {
  readonly costs: Costs;
  /** Undefined while no variables are known. */
  readonly values: Values;
}

/** What one place for a value is. */
interface InputPlace {
  readonly type: GraphQLInputType;
  readonly coordinate: string;
}

/** What a field's arguments cost: `@cost` of each argument and input field that is given, else 1 for an input object and 0 for a leaf. */
export function argumentCost({ costs }: { readonly costs: Costs }, node: FieldNode, { coordinate, field }: ArgumentPlace): Formula {
  let known = 0;
  const open: ((values: Values) => number)[] = [];
  for (const { name, value } of node.arguments ?? []) {
    const declared = field.args.find((argument) => argument.name === name.value);
    if (declared === undefined) continue;
    const place = { type: declared.type, coordinate: `${coordinate}(${name.value}:)` };
    if (!costs.weights.has(place.coordinate) && !isInputObjectType(getNamedType(place.type))) continue;
    if (holdsVariable(value)) open.push((values) => nodeCost({ costs, values }, value, place));
    else known += nodeCost({ costs, values: undefined }, value, place);
  }
  if (open.length === 0) return known;
  return (values) => open.reduce((total, part) => total + part(values), known);
}

function nodeCost(weighing: Weighing, node: ValueNode, place: InputPlace): number {
  if (node.kind === Kind.NULL) return 0;
  if (node.kind === Kind.VARIABLE) return valueCost(weighing.costs, weighing.values?.[node.name.value], place);
  const type = getNullableType(place.type);
  if (isListType(type)) {
    const items = node.kind === Kind.LIST ? node.values : [node];
    return items.reduce((total, item) => total + nodeCost(weighing, item, { ...place, type: type.ofType }), 0);
  }
  let cost = ownCost(weighing.costs, place);
  if (!isInputObjectType(type) || node.kind !== Kind.OBJECT) return cost;
  for (const { name, value } of node.fields) {
    const field = type.getFields()[name.value];
    if (field !== undefined) cost += nodeCost(weighing, value, { type: field.type, coordinate: `${type.name}.${name.value}` });
  }
  return cost;
}

/** The same for a coerced value. */
function valueCost(costs: Costs, value: unknown, place: InputPlace): number {
  if (value === undefined || value === null) return 0;
  const type = getNullableType(place.type);
  if (isListType(type)) {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    return items.reduce<number>((total, item) => total + valueCost(costs, item, { ...place, type: type.ofType }), 0);
  }
  let cost = ownCost(costs, place);
  if (!isInputObjectType(type) || typeof value !== "object") return cost;
  const fields = type.getFields();
  for (const [name, inner] of Object.entries(value)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field !== undefined) cost += valueCost(costs, inner, { type: field.type, coordinate: `${type.name}.${name}` });
  }
  return cost;
}

function ownCost({ weights }: Costs, { type, coordinate }: InputPlace): number {
  const named = getNamedType(type);
  return weights.get(coordinate) ?? (isInputObjectType(named) ? (weights.get(named.name) ?? 1) : 0);
}
