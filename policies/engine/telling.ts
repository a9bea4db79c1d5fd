import type { GraphQLOutputType, GraphQLSchema } from "graphql";
import { getNamedType, isAbstractType, isObjectType } from "graphql";
import type { Graph, GraphField } from "./graph.ts";

/** An argument, an input field or an enum's value by which a field's answer may tell of other fields. */
export interface Telling {
  /** The argument, input field or value. */
  readonly coordinate: string;
  /** The field that takes it. */
  readonly field: GraphField;
  /** Governed fields whose name it carries, sorted. */
  readonly reads: readonly string[];
}

/**
 * Lists what sorts or filters by governed fields, as far as names say it: an argument, or an input field or enum's value in it, whose name
 * holds the name of a governed field of the type that is returned, or of a type that this one's fields lead to (`SALARY_DESC`, `minSalary`
 * and `salary` all carry `salary`). No SDL says what an argument reads, so one of another name goes unnoticed, and one of the same name may
 * be innocent: it takes a reviewer to tell.
 */
export function listTelling({ fields }: Graph, schema: GraphQLSchema): readonly Telling[] {
  const governedOf = createGovernedReader(fields, schema);
  return [...fields.values()].flatMap((field) => {
    if (field.arguments.length === 0) return [];
    const governed = governedOf(field.type);
    const inputs = new Set(field.arguments.flatMap(({ coordinate, inputs: held }) => [coordinate, ...held]));
    return [...inputs].flatMap((coordinate) => {
      const reads = governed.filter(({ words }) => holds(wordsOf(memberOf(coordinate)), words)).map((each) => each.coordinate);
      return reads.length === 0 ? [] : [{ coordinate, field, reads }];
    });
  });
}

interface Governed {
  readonly coordinate: string;
  readonly words: readonly string[];
}

/** Makes a function that lists the governed fields of a returned type and of those that its fields lead to. Each type is read once. */
function createGovernedReader(fields: Graph["fields"], schema: GraphQLSchema): (type: GraphQLOutputType) => readonly Governed[] {
  const known = new Map<string, readonly Governed[]>();
  const read = (name: string): readonly Governed[] => {
    const near = objectsOf(schema, name);
    const next = near.flatMap((type) => fieldsOf(schema, type).flatMap((field) => objectsOf(schema, getNamedType(field.type).name)));
    return [...new Set([...near, ...next])]
      .flatMap((type) => fieldsOf(schema, type).map((field) => ({ coordinate: `${type}.${field.name}`, words: wordsOf(field.name) })))
      .filter(({ coordinate }) => fields.get(coordinate)?.isOpen === false)
      .sort((one, other) => (one.coordinate < other.coordinate ? -1 : 1));
  };
  return (type) => {
    const { name } = getNamedType(type);
    const governed = known.get(name) ?? read(name);
    known.set(name, governed);
    return governed;
  };
}

function objectsOf(schema: GraphQLSchema, name: string): readonly string[] {
  const type = schema.getType(name);
  if (isAbstractType(type)) return schema.getPossibleTypes(type).map((each) => each.name);
  return isObjectType(type) ? [name] : [];
}

function fieldsOf(schema: GraphQLSchema, name: string): readonly { readonly name: string; readonly type: GraphQLOutputType }[] {
  const type = schema.getType(name);
  return isObjectType(type) ? Object.values(type.getFields()) : [];
}

/** The last name of a coordinate: the argument's, the input field's or the value's. */
function memberOf(coordinate: string): string {
  return /(\w+)(?::\))?$/.exec(coordinate)?.[1] ?? coordinate;
}

/** `minSalary`, `MIN_SALARY` and `min_salary` are the same words. */
function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split("_")
    .filter((word) => word !== "");
}

function holds(words: readonly string[], wanted: readonly string[]): boolean {
  return words.some((_, start) => wanted.every((word, index) => words[start + index] === word));
}
