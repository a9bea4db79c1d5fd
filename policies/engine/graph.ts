import type { GraphQLField, GraphQLInputType, GraphQLInterfaceType, GraphQLObjectType, GraphQLOutputType, GraphQLSchema } from "graphql";
import { getNamedType, isEnumType, isInputObjectType, isInterfaceType, isIntrospectionType, isObjectType, isUnionType } from "graphql";
import type { Supergraph } from "../../schema/supergraph.ts";

/** What the engine reads of a supergraph. */
export type PolicySchema = Pick<Supergraph, "apiSchema" | "catalogue">;

/** An argument of a field. */
export interface GraphArgument {
  readonly coordinate: string;
  /** Coordinates of the input fields and enum values that a value of the argument may hold, at any depth. */
  readonly inputs: readonly string[];
}

/** A field of an object type. */
export interface GraphField {
  readonly coordinate: string;
  readonly isOpen: boolean;
  readonly owners: readonly string[];
  readonly type: GraphQLOutputType;
  /** Coordinates that the field is computed from. */
  readonly requires: readonly string[];
  readonly arguments: readonly GraphArgument[];
}

/** Coordinates of a graph, as policies see them. */
export interface Graph {
  readonly fields: ReadonlyMap<string, GraphField>;
  /** Arguments by coordinate. */
  readonly arguments: ReadonlyMap<string, GraphArgument>;
  /** Fields and arguments of interfaces, each with the same of every possible type; an interface without any is left out. */
  readonly shared: ReadonlyMap<string, readonly string[]>;
  /** Names of interfaces and unions with their possible types. */
  readonly abstractTypes: ReadonlyMap<string, readonly string[]>;
  /** `Type.__typename` of every type that has it. */
  readonly typenames: readonly string[];
}

/** Lists the coordinates of a graph. A field that the catalogue doesn't hold, or that nobody classified, is governed and nobody's. */
export function readGraph(schema: PolicySchema): Graph {
  const { apiSchema, catalogue } = schema;
  const types = Object.values(apiSchema.getTypeMap()).filter((type) => !isIntrospectionType(type));
  types.sort(byName);
  const inputsOf = createInputReader();
  const fields = new Map<string, GraphField>();
  const args = new Map<string, GraphArgument>();
  const shared = new Map<string, readonly string[]>();
  const abstractTypes = new Map<string, readonly string[]>();
  const typenames: string[] = [];
  for (const type of types) {
    if (isObjectType(type)) {
      for (const field of Object.values(type.getFields()).sort(byName)) {
        const read = readField(type, field, { catalogue, inputsOf });
        fields.set(read.coordinate, read);
        for (const argument of read.arguments) args.set(argument.coordinate, argument);
      }
    } else if (isInterfaceType(type) || isUnionType(type)) {
      const possible = apiSchema.getPossibleTypes(type);
      abstractTypes.set(type.name, possible.map(({ name }) => name).sort());
      if (isInterfaceType(type) && possible.length > 0) addShared(shared, type, possible);
    } else continue;
    typenames.push(`${type.name}.__typename`);
  }
  return { fields, arguments: args, shared, abstractTypes, typenames };
}

/** An argument with the field that has it. */
export interface Taker {
  readonly field: GraphField;
  readonly argument: GraphArgument;
}

/** The arguments of object types' fields whose values may hold an input field or an enum's value; none where the coordinate is neither. */
export function listTakers({ fields }: Graph, coordinate: string): readonly Taker[] {
  return [...fields.values()].flatMap((field) =>
    field.arguments.filter(({ inputs }) => inputs.includes(coordinate)).map((argument) => ({ field, argument })),
  );
}

interface Reading {
  readonly catalogue: PolicySchema["catalogue"];
  readonly inputsOf: (type: GraphQLInputType) => readonly string[];
}

function readField(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>, { catalogue, inputsOf }: Reading): GraphField {
  const coordinate = `${type.name}.${field.name}`;
  const known = catalogue.fields.get(coordinate);
  return {
    coordinate,
    isOpen: known !== undefined && known.owners.length > 0 && known.classification.level === "OPEN",
    owners: known?.owners ?? [],
    type: field.type,
    requires: known?.requires ?? [],
    arguments: field.args
      .toSorted(byName)
      .map((argument) => ({ coordinate: `${coordinate}(${argument.name}:)`, inputs: inputsOf(argument.type) })),
  };
}

function addShared(
  shared: Map<string, readonly string[]>,
  type: GraphQLInterfaceType,
  possible: ReturnType<GraphQLSchema["getPossibleTypes"]>,
): void {
  const names = possible.map(({ name }) => name).sort();
  for (const field of Object.values(type.getFields())) {
    for (const rest of [field.name, ...field.args.map(({ name }) => `${field.name}(${name}:)`)]) {
      shared.set(
        `${type.name}.${rest}`,
        names.map((name) => `${name}.${rest}`),
      );
    }
  }
}

/** So that nothing depends on the order in which departments were composed. */
function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}

/** Makes a function that lists the input fields and enum values that a value of a type may hold. Each type is read once. */
function createInputReader(): (type: GraphQLInputType) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (type) => {
    const { name } = getNamedType(type);
    const inputs = known.get(name) ?? [...reachableInputs(type)].sort();
    known.set(name, inputs);
    return inputs;
  };
}

function reachableInputs(start: GraphQLInputType): ReadonlySet<string> {
  const found = new Set<string>();
  const queue = [getNamedType(start)];
  const seen = new Set(queue);
  for (let type = queue.pop(); type !== undefined; type = queue.pop()) {
    if (isEnumType(type)) for (const value of type.getValues()) found.add(`${type.name}.${value.name}`);
    if (!isInputObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      found.add(`${type.name}.${field.name}`);
      const inner = getNamedType(field.type);
      if (seen.has(inner)) continue;
      seen.add(inner);
      queue.push(inner);
    }
  }
  return found;
}
