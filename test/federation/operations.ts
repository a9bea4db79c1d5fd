import {
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isObjectType,
  isUnionType,
} from "graphql";
import type { Chance } from "./chance.ts";

interface Making {
  readonly schema: GraphQLSchema;
  readonly chance: Chance;
  readonly fragments: string[];
  readonly variables: Set<string>;
  budget: number;
}

/** A random operation with its variables; not each is valid. */
export interface RandomOperation {
  readonly text: string;
  readonly variables: Record<string, unknown>;
}

/** Makes an operation with aliases, fragments, directives, arguments and variables. */
export function makeOperation(schema: GraphQLSchema, chance: Chance): RandomOperation {
  const making: Making = { schema, chance, fragments: [], variables: new Set(), budget: 60 };
  const query = schema.getQueryType();
  if (query === null || query === undefined) throw new Error("No query type.");
  const body = selectionSet(making, query, 0);
  const declared = [...making.variables].map((name) =>
    name === "yes" || name === "no" ? `$${name}: Boolean!` : `$${name}: Int${name === "y" ? " = 5" : ""}`,
  );
  const head = declared.length > 0 ? `query Random(${declared.join(", ")})` : "query Random";
  const variables: Record<string, unknown> = {};
  if (making.variables.has("yes")) variables["yes"] = true;
  if (making.variables.has("no")) variables["no"] = false;
  if (making.variables.has("v")) variables["v"] = chance.int(4);
  return { text: [`${head} ${body}`, ...making.fragments].join("\n"), variables };
}

function selectionSet(making: Making, type: GraphQLCompositeType, depth: number): string {
  const { chance } = making;
  const parts: string[] = [];
  const count = 1 + chance.int(4);
  for (let index = 0; index < count; index += 1) parts.push(selection(making, type, depth));
  if (chance.is(0.15)) parts.push("__typename");
  return `{ ${parts.join(" ")} }`;
}

function selection(making: Making, type: GraphQLCompositeType, depth: number): string {
  const { chance, schema } = making;
  making.budget -= 1;
  const isAbstract = !isObjectType(type);
  if (isUnionType(type) || chance.is(isAbstract ? 0.6 : 0.15)) {
    const target = isAbstract ? chance.one(schema.getPossibleTypes(type)) : type;
    const body = selectionSet(making, target, depth);
    if (chance.is(0.3)) {
      const name = `F${making.fragments.length}`;
      making.fragments.push(`fragment ${name} on ${target.name} ${body}`);
      return `...${name}${directive(making)}`;
    }
    return `... on ${target.name}${directive(making)} ${body}`;
  }
  return fieldSelection(making, type, depth);
}

function fieldSelection(making: Making, type: GraphQLCompositeType, depth: number): string {
  if (isUnionType(type)) return "__typename";
  const { chance } = making;
  const isDeep = depth >= 4 || making.budget <= 0;
  const fields = Object.values(type.getFields()).filter((field) => !isDeep || !isCompositeType(getNamedType(field.type)));
  if (fields.length === 0) return "__typename";
  const field = chance.one(fields);
  const argument = field.args.length > 0 && chance.is(0.6) ? `(x: ${argumentValue(making)})` : "";
  // Names of other fields, and names that objects inherit, are the aliases that break gateways.
  const alias =
    argument !== "" || chance.is(0.25) ? `${chance.one(["id", "code", "k1", "k2", "k3", "f0", "f1", "constructor", "toString"])}: ` : "";
  return `${alias}${field.name}${argument}${directive(making)}${body(making, field.type, depth)}`;
}

function body(making: Making, type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  return isCompositeType(named) ? ` ${selectionSet(making, named, depth + 1)}` : "";
}

function argumentValue(making: Making): string {
  const { chance } = making;
  if (chance.is(0.5)) return String(chance.int(3));
  const name = chance.one(["v", "y"]);
  making.variables.add(name);
  return `$${name}`;
}

function directive(making: Making): string {
  const { chance } = making;
  if (!chance.is(0.12)) return "";
  const name = chance.one(["yes", "no"]);
  making.variables.add(name);
  return ` @${chance.one(["skip", "include"])}(if: $${name})`;
}
