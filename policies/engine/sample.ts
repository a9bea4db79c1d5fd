import type { GraphQLField, GraphQLObjectType, GraphQLSchema } from "graphql";
import { getNamedType, isAbstractType, isLeafType, isObjectType, isRequiredArgument } from "graphql";

/** A field on the way from the root to a type. */
interface Step {
  readonly from: string;
  readonly field: GraphQLField<unknown, unknown>;
}

/**
 * Makes a function that writes the shortest operation which reads a coordinate; undefined where nothing leads to it.
 *
 * @param isReadable Whether the way may go through a field. The coordinate itself is not asked about.
 */
export function createSampler(
  schema: GraphQLSchema,
  isReadable: (coordinate: string) => boolean,
): (coordinate: string) => string | undefined {
  const ways = findWays(schema, isReadable);
  return (coordinate) => {
    const [, typeName = "", name = "", argument] = /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(coordinate) ?? [];
    const type = schema.getType(typeName);
    const field = isObjectType(type) ? type.getFields()[name] : undefined;
    if (field === undefined || !ways.has(typeName)) return undefined;
    return write([...wayTo(ways, typeName), { from: typeName, field }], argument);
  };
}

function findWays(schema: GraphQLSchema, isReadable: (coordinate: string) => boolean): ReadonlyMap<string, Step | undefined> {
  const ways = new Map<string, Step | undefined>();
  const root = schema.getQueryType();
  const queue: GraphQLObjectType[] = root === null || root === undefined ? [] : [root];
  if (root !== null && root !== undefined) ways.set(root.name, undefined);
  for (const type of queue) {
    for (const field of Object.values(type.getFields())) {
      if (!isReadable(`${type.name}.${field.name}`)) continue;
      for (const next of objectsOf(schema, field)) {
        if (ways.has(next.name)) continue;
        ways.set(next.name, { from: type.name, field });
        queue.push(next);
      }
    }
  }
  return ways;
}

function objectsOf(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>): readonly GraphQLObjectType[] {
  const named = getNamedType(field.type);
  if (isObjectType(named)) return [named];
  return isAbstractType(named) ? schema.getPossibleTypes(named) : [];
}

function wayTo(ways: ReadonlyMap<string, Step | undefined>, type: string): readonly Step[] {
  const steps: Step[] = [];
  for (let step = ways.get(type); step !== undefined; step = ways.get(step.from)) steps.unshift(step);
  return steps;
}

function write(steps: readonly Step[], wanted: string | undefined): string {
  const variables: string[] = [];
  const last = steps.at(-1);
  let text = last !== undefined && isLeafType(getNamedType(last.field.type)) ? "" : " { __typename }";
  for (const [index, { field }] of [...steps.entries()].reverse()) {
    const given = field.args.filter((argument) => isRequiredArgument(argument) || (index === steps.length - 1 && argument.name === wanted));
    const args = given.map((argument) => {
      const variable = `${argument.name}${index}`;
      variables.unshift(`$${variable}: ${String(argument.type)}`);
      return `${argument.name}: $${variable}`;
    });
    text = `${field.name}${args.length === 0 ? "" : `(${args.join(", ")})`}${text}`;
    const parent = steps[index - 1];
    const isNarrowed = parent !== undefined && isAbstractType(getNamedType(parent.field.type));
    text = isNarrowed ? ` { ... on ${steps[index]?.from ?? ""} { ${text} } }` : index === 0 ? text : ` { ${text} }`;
  }
  return `query${variables.length === 0 ? "" : `(${variables.join(", ")})`} { ${text} }`;
}
