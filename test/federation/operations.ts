import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from "graphql";
import type { Chance } from "./chance.ts";

interface Making {
  readonly schema: GraphQLSchema;
  readonly chance: Chance;
  readonly fragments: string[];
  /** Declarations of variables by name. */
  readonly variables: Map<string, string>;
  readonly values: Record<string, unknown>;
  readonly isMutation: boolean;
  budget: number;
}

/** A random operation with its variables; not each is valid. */
export interface RandomOperation {
  readonly text: string;
  readonly variables: Record<string, unknown>;
}

/** Makes an operation with aliases, fragments, directives, arguments and variables. */
export function makeOperation(schema: GraphQLSchema, chance: Chance): RandomOperation {
  const mutation = schema.getMutationType();
  const isMutation = mutation !== undefined && mutation !== null && chance.is(0.3);
  const making: Making = { schema, chance, fragments: [], variables: new Map(), values: {}, isMutation, budget: 50 };
  const root = isMutation ? mutation : schema.getQueryType();
  if (root === null || root === undefined) throw new Error("No query type.");
  const selections = selectionSet(making, root, 0);
  const declared = making.variables.size > 0 ? `(${[...making.variables.values()].join(", ")})` : "";
  const head = `${isMutation ? "mutation" : "query"} Random${declared}`;
  return { text: [`${head} ${selections}`, ...making.fragments].join("\n"), variables: making.values };
}

function selectionSet(making: Making, type: GraphQLCompositeType, depth: number): string {
  const { chance } = making;
  const parts: string[] = [];
  const count = 1 + chance.int(4);
  for (let index = 0; index < count; index += 1) parts.push(selection(making, type, depth));
  if (chance.is(0.15)) parts.push(chance.is(0.3) ? "kind: __typename" : "__typename");
  return `{ ${parts.join(" ")} }`;
}

function selection(making: Making, type: GraphQLCompositeType, depth: number): string {
  const { chance } = making;
  making.budget -= 1;
  const isAbstract = !isObjectType(type);
  if (!isUnionType(type) && !chance.is(isAbstract ? 0.6 : 0.15)) return fieldSelection(making, type, depth);
  const isBare = !isUnionType(type) && chance.is(0.1);
  const target = isBare ? type : chance.one(conditionsFor(making, type));
  const selections = selectionSet(making, target, depth);
  if (isBare) return `...${directives(making)} ${selections}`;
  if (chance.is(0.3)) {
    const name = `F${making.fragments.length}`;
    making.fragments.push(`fragment ${name} on ${target.name} ${selections}`);
    // A fragment is spread twice now and then.
    return chance.is(0.2) ? `...${name} ...${name}${directives(making)}` : `...${name}${directives(making)}`;
  }
  return `... on ${target.name}${directives(making)} ${selections}`;
}

/** Types that a fragment may be on: those that objects of the type can have, and now and then an interface of theirs. */
function conditionsFor({ schema, chance }: Making, type: GraphQLCompositeType): readonly GraphQLCompositeType[] {
  const objects: readonly GraphQLObjectType[] = isObjectType(type) ? [type] : schema.getPossibleTypes(type);
  const interfaces = chance.is(0.25) ? objects.flatMap((object) => object.getInterfaces()) : [];
  return interfaces.length > 0 ? interfaces : objects;
}

const aliases = [
  "id",
  "code",
  "pos",
  "tag",
  "f0",
  "f1",
  "f2",
  "m",
  "g0",
  "n",
  "d",
  "k1",
  "k2",
  "k3",
  "root0",
  "_k1",
  "_e0",
  "_entities",
  "constructor",
  "toString",
  "hasOwnProperty",
  "__proto__",
  "representations",
  "Query",
] as const;

function fieldSelection(making: Making, type: GraphQLCompositeType, depth: number): string {
  if (isUnionType(type)) return "__typename";
  const { chance } = making;
  const isDeep = depth >= 4 || making.budget <= 0;
  const fields = Object.values(type.getFields()).filter((field) => !isDeep || !isCompositeType(getNamedType(field.type)));
  if (fields.length === 0) return "__typename";
  const field = chance.one(fields);
  const given = field.args.filter(() => chance.is(0.6)).map((argument) => `${argument.name}: ${argumentValue(making, argument)}`);
  const list = given.length > 0 ? `(${given.join(", ")})` : "";
  // Names of other fields, and names that objects inherit, are the aliases that break gateways.
  const alias = list !== "" || chance.is(0.25) ? `${chance.one(aliases)}: ` : "";
  return `${alias}${field.name}${list}${directives(making)}${below(making, field.type, depth)}`;
}

function below(making: Making, type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  return isCompositeType(named) ? ` ${selectionSet(making, named, depth + 1)}` : "";
}

function argumentValue(making: Making, { type, defaultValue }: GraphQLArgument): string {
  return making.chance.is(0.5) ? variableFor(making, type, defaultValue !== undefined) : literal(making, type);
}

/** Declares a variable of a type, or uses it again. */
function variableFor(making: Making, type: GraphQLInputType, hasDefault: boolean): string {
  const { chance, variables, values } = making;
  const stem = String(type).replaceAll(/\W/g, "_").toLowerCase();
  const name = `${stem}${chance.int(2)}`;
  if (!variables.has(name)) {
    const fallback = !isNonNullType(type) && chance.is(0.4) ? ` = ${constant(making, type)}` : "";
    variables.set(name, `$${name}: ${String(type)}${fallback}`);
    // A null for an argument whose default says otherwise is an error of its own kind, and not what is looked at here.
    if (chance.is(0.7) || (isNonNullType(type) && fallback === "")) values[name] = valueFor(making, type, hasDefault);
  }
  return `$${name}`;
}

function literal(making: Making, type: GraphQLInputType): string {
  const { chance } = making;
  if (isNonNullType(type)) return literal(making, type.ofType);
  if (chance.is(0.1)) return "null";
  if (isInputObjectType(type)) {
    const parts = chance.some(Object.values(type.getFields()), 0.4).map((field) => {
      const value = chance.is(0.3) ? variableFor(making, field.type, field.defaultValue !== undefined) : literal(making, field.type);
      return `${field.name}: ${value}`;
    });
    return `{ ${parts.join(", ")} }`;
  }
  return constant(making, type);
}

/** A literal without variables. */
function constant(making: Making, type: GraphQLInputType): string {
  return printValue(valueFor(making, type, true), type);
}

function valueFor(making: Making, type: GraphQLInputType, isGiven: boolean): unknown {
  const { chance } = making;
  if (isNonNullType(type)) return valueFor(making, type.ofType, true);
  if (!isGiven && chance.is(0.15)) return null;
  if (isListType(type)) return Array.from({ length: chance.int(3) }, () => valueFor(making, type.ofType, true));
  if (isEnumType(type)) return chance.one(type.getValues()).name;
  if (isInputObjectType(type)) {
    const fields = chance.some(
      Object.values(type.getFields()).filter((field) => !isInputObjectType(field.type) || chance.is(0.4)),
      0.5,
    );
    return Object.fromEntries(fields.map((field) => [field.name, valueFor(making, field.type, true)]));
  }
  return type.name === "Boolean" ? chance.is(0.5) : chance.int(5);
}

function printValue(value: unknown, type: GraphQLInputType): string {
  if (value === null) return "null";
  if (isNonNullType(type)) return printValue(value, type.ofType);
  if (isListType(type)) return `[${(value as readonly unknown[]).map((item) => printValue(item, type.ofType)).join(", ")}]`;
  if (isInputObjectType(type)) {
    const parts = Object.entries(value as Record<string, unknown>).map(
      ([name, inner]) => `${name}: ${printValue(inner, type.getFields()[name]?.type ?? type)}`,
    );
    return `{ ${parts.join(", ")} }`;
  }
  return isEnumType(type) && typeof value === "string" ? value : JSON.stringify(value);
}

function directives(making: Making): string {
  const { chance } = making;
  // The hub refuses a mutation that stands twice under different conditions, so conditions are rarer there.
  if (!chance.is(making.isMutation ? 0.03 : 0.12)) return "";
  const names = chance.is(0.15) ? (["skip", "include"] as const) : [chance.one(["skip", "include"] as const)];
  return names.map((name) => ` @${name}(if: ${condition(making)})`).join("");
}

function condition({ chance, variables, values }: Making): string {
  if (chance.is(0.15)) return String(chance.is(0.5));
  const name = chance.one(["yes", "no", "unsaid"]);
  variables.set(name, `$${name}: Boolean!${name === "unsaid" ? " = true" : ""}`);
  if (name !== "unsaid") values[name] = name === "yes";
  return `$${name}`;
}
