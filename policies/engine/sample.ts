import type { GraphQLArgument, GraphQLField, GraphQLInputField, GraphQLInputType, GraphQLSchema } from "graphql";
import {
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from "graphql";

/** A field on the way from the root to a type. */
interface Step {
  readonly from: string;
  readonly field: GraphQLField<unknown, unknown>;
}

/** Writes the shortest operation that reads a coordinate, or gives it; undefined where nothing leads to it. */
export type Sampler = (coordinate: string) => string | undefined;

/**
 * Makes a sampler for who may go through some fields only.
 *
 * @param isReadable Whether the way may go through a field and give an argument. The coordinate itself is not asked about. Where no such way
 * leads to it, any way shows what it is about.
 */
export type Sampling = (isReadable: (coordinate: string) => boolean) => Sampler;

/** Reads the ways through a schema once, for many samplers. */
export function createSampling(schema: GraphQLSchema): Sampling {
  const exits = readExits(schema);
  const giversOf = createGiverReader(schema);
  const create: Sampling = (isReadable) => {
    let wayTo: Sample["wayTo"] | undefined;
    return (coordinate) => {
      wayTo ??= createWayWriter(findWays(schema, exits, isReadable));
      return writeSample({ schema, giversOf, wayTo, isReadable }, coordinate);
    };
  };
  const anyWay = create(() => true);
  return (isReadable) => {
    const sampler = create(isReadable);
    return (coordinate) => sampler(coordinate) ?? anyWay(coordinate);
  };
}

/** A step with the types that an object behind it may have: object types, then interfaces of these. */
interface Exit {
  readonly step: Step;
  readonly types: readonly string[];
}

type Exits = ReadonlyMap<string, readonly Exit[]>;

function readExits(schema: GraphQLSchema): Exits {
  const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type));
  return new Map(
    types.map((type) => [
      type.name,
      Object.values(type.getFields()).flatMap((field) => {
        const behind = typesBehind(schema, field);
        return behind.length === 0 ? [] : [{ step: { from: type.name, field }, types: behind }];
      }),
    ]),
  );
}

function typesBehind(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>): readonly string[] {
  const named = getNamedType(field.type);
  const objects = isObjectType(named) ? [named] : isAbstractType(named) ? schema.getPossibleTypes(named) : [];
  return [...objects, ...objects.flatMap((type) => type.getInterfaces())].map(({ name }) => name);
}

/** The step that leads to a type, by type; the root is there without one. */
type Ways = ReadonlyMap<string, Step | undefined>;

function findWays(schema: GraphQLSchema, exits: Exits, isReadable: (coordinate: string) => boolean): Ways {
  const root = schema.getQueryType();
  const ways = new Map<string, Step | undefined>(root === null || root === undefined ? [] : [[root.name, undefined]]);
  // A map's iterator comes to what is added meanwhile: the nearest types first.
  for (const [name] of ways) {
    for (const { step, types } of exits.get(name) ?? []) {
      if (!isReadable(`${name}.${step.field.name}`)) continue;
      for (const next of types) if (!ways.has(next)) ways.set(next, step);
    }
  }
  return ways;
}

/** The text of an operation around the fields of a type. Ways share what they have in common, as a graph may be deep. */
interface Way {
  readonly depth: number;
  readonly opening: string;
  readonly closing: string;
  /** Declarations of variables, with a comma between. */
  readonly variables: string;
}

const START: Way = { depth: 0, opening: "", closing: "", variables: "" };

/** Makes a function that writes the way to a type; undefined where none leads there. */
function createWayWriter(ways: Ways): (type: string) => Way | undefined {
  const known = new Map<string, Way>();
  return (type) => {
    if (!ways.has(type)) return undefined;
    const missing: { readonly to: string; readonly step: Step }[] = [];
    for (let [to, step] = [type, ways.get(type)]; step !== undefined && !known.has(to); [to, step] = [step.from, ways.get(step.from)])
      missing.push({ to, step });
    for (const { to, step } of missing.reverse()) known.set(to, extendWay(known.get(step.from) ?? START, step, to));
    return known.get(type) ?? START;
  };
}

function extendWay(way: Way, { field }: Step, to: string): Way {
  const { text, variables } = writeField(field, way, { argument: undefined });
  const isNarrowed = getNamedType(field.type).name !== to;
  return {
    depth: way.depth + 1,
    opening: `${way.opening}${text} { ${isNarrowed ? `... on ${to} { ` : ""}`,
    closing: `${isNarrowed ? " }" : ""} }${way.closing}`,
    variables,
  };
}

/** An argument whose value may hold an input type's object or an enum's value, behind some input fields. */
interface Giver extends Step {
  readonly argument: GraphQLArgument;
  readonly through: readonly GraphQLInputField[];
}

function createGiverReader(schema: GraphQLSchema): (typeName: string) => readonly Giver[] {
  const read = (typeName: string): readonly Giver[] =>
    Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type) && !type.name.startsWith("__"))
      .flatMap((type) => (isObjectType(type) ? Object.values(type.getFields()).map((field) => ({ from: type.name, field })) : []))
      .flatMap((step) =>
        step.field.args.flatMap((argument) => {
          const through = findInputs(argument.type, typeName);
          return through === undefined ? [] : [{ ...step, argument, through }];
        }),
      );
  const known = new Map<string, readonly Giver[]>();
  return (typeName) => {
    const givers = known.get(typeName) ?? read(typeName);
    known.set(typeName, givers);
    return givers;
  };
}

/** The fewest input fields from one input type to another; undefined where none lead there. */
function findInputs(start: GraphQLInputType, wanted: string): readonly GraphQLInputField[] | undefined {
  const found = new Map<string, readonly GraphQLInputField[]>([[getNamedType(start).name, []]]);
  const queue = [getNamedType(start)];
  for (const type of queue) {
    const through = found.get(type.name) ?? [];
    if (type.name === wanted) return through;
    if (!isInputObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const next = getNamedType(field.type);
      if (found.has(next.name)) continue;
      found.set(next.name, [...through, field]);
      queue.push(next);
    }
  }
  return undefined;
}

interface Sample {
  readonly schema: GraphQLSchema;
  readonly giversOf: (typeName: string) => readonly Giver[];
  readonly wayTo: (typeName: string) => Way | undefined;
  readonly isReadable: (coordinate: string) => boolean;
}

function writeSample({ schema, giversOf, wayTo, isReadable }: Sample, coordinate: string): string | undefined {
  const [, typeName = "", name = "", argument] = /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(coordinate) ?? [];
  const type = schema.getType(typeName);
  if (isObjectType(type) || isInterfaceType(type)) {
    const [field, way] = [type.getFields()[name], wayTo(typeName)];
    return field === undefined || way === undefined ? undefined : writeOperation(way, field, { argument });
  }
  const member = isInputObjectType(type) ? type.getFields()[name] : undefined;
  if (member === undefined && !(isEnumType(type) && type.getValue(name) !== undefined)) return undefined;
  const [nearest] = giversOf(typeName)
    .flatMap((giver) => {
      const at = `${giver.from}.${giver.field.name}`;
      const way = isReadable(at) && isReadable(`${at}(${giver.argument.name}:)`) ? wayTo(giver.from) : undefined;
      return way === undefined ? [] : [{ ...giver, way }];
    })
    .sort((one, other) => one.way.depth + one.through.length - other.way.depth - other.through.length);
  if (nearest === undefined) return undefined;
  const { way, field, argument: given, through } = nearest;
  const written = member === undefined ? { holders: through, value: name } : { holders: [...through, member], value: undefined };
  return writeOperation(way, field, { argument: given.name, written });
}

/** What a field is given beyond the arguments that it requires. */
interface Given {
  readonly argument: string | undefined;
  /** The argument's value where no variable does. */
  readonly written?: Written;
}

/** Input fields, each in the one before, and the enum's value in the innermost; a variable where undefined. */
interface Written {
  readonly holders: readonly GraphQLInputField[];
  readonly value: string | undefined;
}

function writeOperation(way: Way, field: GraphQLField<unknown, unknown>, given: Given): string {
  const { text, variables } = writeField(field, way, given);
  const inner = isLeafType(getNamedType(field.type)) ? text : `${text} { __typename }`;
  return `query${variables === "" ? "" : `(${variables})`} { ${way.opening}${inner}${way.closing} }`;
}

type Declare = (name: string, type: GraphQLInputType) => string;

/** Writes a field with its arguments, and the variables of the way and the field. */
function writeField(
  field: GraphQLField<unknown, unknown>,
  { depth, variables: outer }: Way,
  { argument: wanted, written }: Given,
): { readonly text: string; readonly variables: string } {
  const variables = new Map<string, string>();
  const declare: Declare = (name, type) => {
    let free = `${name}${/\d$/.test(name) ? "_" : ""}${depth}`;
    while (variables.has(free)) free = `_${free}`;
    variables.set(free, String(type));
    return `$${free}`;
  };
  const args = field.args
    .filter((argument) => isRequiredArgument(argument) || argument.name === wanted)
    .map(({ name, type }) => {
      const isWritten = name === wanted && written !== undefined;
      return `${name}: ${isWritten ? writeInput(type, written, declare) : declare(name, type)}`;
    });
  const own = [...variables].map(([name, type]) => `$${name}: ${type}`);
  return {
    text: args.length === 0 ? field.name : `${field.name}(${args.join(", ")})`,
    variables: own.length === 0 ? outer : [...(outer === "" ? [] : [outer]), ...own].join(", "),
  };
}

/** One value stands for a list of it, wherever a list is wanted. */
function writeInput(type: GraphQLInputType, { holders, value }: Written, declare: Declare): string {
  const [holder, ...others] = holders;
  const named = getNamedType(type);
  if (holder === undefined || !isInputObjectType(named)) return value ?? "null";
  const isLast = others.length === 0 && value === undefined;
  const inner = isLast ? declare(holder.name, holder.type) : writeInput(holder.type, { holders: others, value }, declare);
  const required = Object.values(named.getFields()).filter((field) => field !== holder && isRequiredInputField(field));
  return `{ ${[`${holder.name}: ${inner}`, ...required.map((field) => `${field.name}: ${declare(field.name, field.type)}`)].join(", ")} }`;
}
