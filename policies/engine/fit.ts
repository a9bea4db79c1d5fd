import type { GraphQLNamedType, GraphQLOutputType, GraphQLSchema } from "graphql";
import { getNamedType, isEnumType, isLeafType, isListType, isNonNullType, isObjectType, isRequiredArgument } from "graphql";
import type { Agreement, Problem } from "./bundle.ts";
import type { Graph } from "./graph.ts";
import type { Condition, Operand } from "./words.ts";

/** Holds an agreement's `arguments` against the graph. */
export function checkInputs(agreement: Agreement, graph: Graph): readonly Problem[] {
  const taken = new Set(agreement.arguments.flatMap(({ coordinate }) => graph.arguments.get(coordinate)?.inputs ?? []));
  return agreement.arguments.flatMap(({ coordinate, place }) => {
    if (graph.arguments.has(coordinate) || taken.has(coordinate)) return [];
    const what = coordinate.includes("(")
      ? `There is no argument ${coordinate}.`
      : `${coordinate} is no input field and no enum value that an argument of this agreement takes.`;
    return [{ ...place, message: what }];
  });
}

/** Holds an agreement's conditions against the graph: each must be readable as it is written, and able to hold. */
export function checkConditions(agreement: Agreement, schema: GraphQLSchema): readonly Problem[] {
  return agreement.where.flatMap(({ condition, place }) => {
    const type = schema.getType(condition.type);
    const fault = isObjectType(type) ? conditionFault(condition, type) : `${condition.type} is no concrete type`;
    return fault === undefined ? [] : [{ ...place, message: `The condition on ${condition.type} can't be looked at: ${fault}.` }];
  });
}

function conditionFault({ path, comparison }: Condition, start: GraphQLNamedType): string | undefined {
  const end = walk(path, start);
  if (typeof end === "string") return end;
  const what = path.join(".");
  const isList = isListType(end);
  const named = getNamedType(end);
  if (comparison.kind === "some") {
    if (!isList || !isObjectType(named)) return `${what} is no list of objects, which \`some\` looks through`;
    return firstOf(comparison.conditions.map((condition) => conditionFault(condition, named)));
  }
  if (!isLeafType(named)) return `${what} gives objects: go on to a field of ${named.name}, or use \`some\``;
  if (comparison.kind === "has" && !isList) return `${what} is no list, which \`has\` looks into: use \`is\``;
  if (comparison.kind !== "has" && isList) return `${what} is a list: use \`has\``;
  if (comparison.kind === "from" || comparison.kind === "until") return orderFault(what, named, comparison.operand);
  return firstOf(comparison.operands.map((operand) => operandFault(what, named, operand)));
}

/** The type, without a non-null around it, that a path comes to; or why it can't be gone. */
function walk(path: readonly string[], start: GraphQLNamedType): GraphQLOutputType | string {
  let type: GraphQLNamedType = start;
  for (const [index, name] of path.entries()) {
    if (!isObjectType(type)) return `${type.name} has no fields of its own: it is no concrete type`;
    const field = type.getFields()[name];
    if (field === undefined) return `there is no field ${type.name}.${name}`;
    if (field.args.some(isRequiredArgument)) return `${type.name}.${name} has a required argument`;
    const output = isNonNullType(field.type) ? field.type.ofType : field.type;
    if (index === path.length - 1) return output;
    if (isListType(output)) return `${type.name}.${name} is a list, through which only \`some\` goes`;
    type = getNamedType(output);
  }
  return "it names no field";
}

function operandFault(what: string, named: GraphQLNamedType, operand: Operand): string | undefined {
  const value = operand.kind === "literal" ? operand.value : "text";
  if (isEnumType(named)) {
    const isValue = operand.kind === "literal" && named.getValues().some(({ name }) => name === operand.value);
    return isValue ? undefined : `${named.name} has no value ${operand.kind === "literal" ? String(value) : `$${operand.kind}`}`;
  }
  const wanted = valueKindOf(named.name);
  return wanted === undefined || typeof value === wanted
    ? undefined
    : `${what} is ${named.name}, which ${JSON.stringify(value)} never equals`;
}

function orderFault(what: string, named: GraphQLNamedType, operand: Operand): string | undefined {
  const isNumber = named.name === "Int" || named.name === "Float";
  const isFitting = isNumber ? operand.kind === "literal" && typeof operand.value === "number" : named.name === "Date";
  if (!isFitting) return `${what} is ${named.name}; \`from\` and \`until\` compare a Date with a day and a number with a number`;
  if (isNumber || operand.kind === "today") return undefined;
  const isDay = operand.kind === "literal" && /^\d{4}-\d{2}-\d{2}$/.test(String(operand.value));
  return isDay ? undefined : `${what} is a Date, and is compared with a day such as 2026-04-01 or with $today`;
}

function valueKindOf(name: string): "string" | "number" | "boolean" | undefined {
  if (name === "Boolean") return "boolean";
  if (name === "Int" || name === "Float") return "number";
  return name === "String" || name === "ID" || name === "Date" ? "string" : undefined;
}

function firstOf(faults: readonly (string | undefined)[]): string | undefined {
  return faults.find((fault) => fault !== undefined);
}
