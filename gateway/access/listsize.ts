import type { ConstValueNode, FieldNode, GraphQLArgument, GraphQLField, ValueNode } from "graphql";
import { getNullableType, isListType, Kind } from "graphql";
import type { ListSize } from "../../schema/costs.ts";
import { HubError } from "../core/errors.ts";

/** Coerced variables; undefined while none are known, which asks for the least that a number can be. */
export type Values = Readonly<Record<string, unknown>> | undefined;

/** A number that is known, or that depends on variables. */
export type Formula = number | ((values: Values) => number);

/** A field whose length is asked for. */
export interface SizeQuestion {
  readonly coordinate: string;
  readonly node: FieldNode;
  readonly field: GraphQLField<unknown, unknown>;
  /** What the subgraph says of it. */
  readonly listSize: ListSize | undefined;
  /** Length of a list of which nothing is known. */
  readonly sizeDefault: number;
}

/**
 * How many items a field's list may have. A slicing argument says it (the largest of several, its default where it isn't given), else
 * `assumedSize`, else the default, or the longest list among the arguments where that is longer: lists of keys are answered by lists.
 *
 * @throws {HubError} BAD_USER_INPUT, also from the formula, where not exactly one slicing argument is given and the subgraph wants one.
 */
export function sizeOf(question: SizeQuestion): Formula {
  const { listSize, sizeDefault } = question;
  if (listSize === undefined) return lengthOf(question);
  const fallback = listSize.assumedSize ?? sizeDefault;
  if (listSize.slicingArguments.length === 0) return fallback;
  const slices = listSize.slicingArguments.map((path) => sliceOf(question, path));
  const measure = (values: Values): number => {
    if (listSize.requireOneSlicingArgument && values !== undefined) requireOne(question, slices, values);
    const sizes = slices.flatMap((slice) => slice.read(values) ?? slice.fallback ?? []);
    return sizes.length === 0 ? fallback : Math.max(0, ...sizes);
  };
  // Without a variable among them, the arguments are the same for every request.
  return slices.some((slice) => slice.isVariable) ? measure : measure({});
}

interface Slice {
  readonly isVariable: boolean;
  /** What the operation gives; undefined where it gives nothing. */
  readonly read: (values: Values) => number | undefined;
  /** What the schema gives then. */
  readonly fallback: number | undefined;
}

function sliceOf({ node, field }: SizeQuestion, path: string): Slice {
  const [name = "", ...inner] = path.split(".");
  const given = node.arguments?.find((argument) => argument.name.value === name)?.value;
  const declared = field.args.find((argument) => argument.name === name);
  return {
    isVariable: given !== undefined && holdsVariable(given),
    read: (values) => numberOf(given === undefined ? undefined : valueAt(given, inner, values)),
    fallback: numberOf(declared === undefined ? undefined : defaultAt(declared, inner)),
  };
}

function requireOne({ coordinate, listSize }: SizeQuestion, slices: readonly Slice[], values: Values): void {
  const given = slices.filter((slice) => slice.read(values) !== undefined).length;
  const hasDefault = slices.some((slice) => slice.fallback !== undefined);
  if (given === 1 || (given === 0 && hasDefault)) return;
  const slicingArguments = listSize?.slicingArguments ?? [];
  const message = `\`${coordinate}\` needs exactly one of the arguments that say how many items are wanted: ${slicingArguments.join(", ")}.`;
  throw new HubError("BAD_USER_INPUT", message, { coordinate, slicingArguments, given });
}

/** The default length, or that of the longest list among the arguments. */
function lengthOf({ node, field, sizeDefault }: SizeQuestion): Formula {
  let least = sizeDefault;
  const variables: string[] = [];
  for (const { name, value } of node.arguments ?? []) {
    const declared = field.args.find((argument) => argument.name === name.value);
    if (declared === undefined || !isListType(getNullableType(declared.type))) continue;
    if (value.kind === Kind.VARIABLE) variables.push(value.name.value);
    else if (value.kind === Kind.LIST) least = Math.max(least, value.values.length);
  }
  if (variables.length === 0) return least;
  return (values) => {
    let size = least;
    for (const name of variables) {
      const value = values?.[name];
      if (Array.isArray(value) && value.length > size) size = value.length;
    }
    return size;
  };
}

/** Whether a written value holds a variable anywhere. */
export function holdsVariable(value: ValueNode): boolean {
  if (value.kind === Kind.VARIABLE) return true;
  if (value.kind === Kind.LIST) return value.values.some(holdsVariable);
  return value.kind === Kind.OBJECT && value.fields.some((field) => holdsVariable(field.value));
}

function valueAt(node: ValueNode | ConstValueNode, path: readonly string[], values: Values): unknown {
  // While no variables are known, a number that depends on one counts as nothing, which is the least.
  if (node.kind === Kind.VARIABLE) return values === undefined ? 0 : ownAt(values[node.name.value], path);
  const [step, ...rest] = path;
  if (step === undefined) return node.kind === Kind.INT ? Number(node.value) : undefined;
  if (node.kind !== Kind.OBJECT) return undefined;
  const field = node.fields.find((candidate) => candidate.name.value === step);
  return field === undefined ? undefined : valueAt(field.value, rest, values);
}

function defaultAt({ defaultValue }: GraphQLArgument, path: readonly string[]): unknown {
  return ownAt(defaultValue, path);
}

function ownAt(value: unknown, path: readonly string[]): unknown {
  let inner = value;
  for (const step of path) {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, step)) return undefined;
    inner = (inner as Readonly<Record<string, unknown>>)[step];
  }
  return inner;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
