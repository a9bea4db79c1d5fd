import type { ConstDirectiveNode, TypeDefinitionNode } from "graphql";
import { Kind } from "graphql";
import type { Definitions } from "./definitions.ts";
import { readArgument, stringArgument } from "./definitions.ts";
import type { Features } from "./features.ts";

/** What a subgraph says of the length of a list with `@listSize`. */
export interface ListSize {
  /** Length where no slicing argument says another. */
  readonly assumedSize: number | undefined;
  /** Arguments that say how many items there are; "input.first" for a field of an input object. */
  readonly slicingArguments: readonly string[];
  /** Fields of the returned object that are the lists meant; empty where the field itself is the list. */
  readonly sizedFields: readonly string[];
  readonly requireOneSlicingArgument: boolean;
}

/** What subgraphs say of the cost of their fields. What isn't here has the default cost. */
export interface Costs {
  /** Weights by coordinate: `Type`, `Type.field`, `Type.field(argument:)`, `Input.field`. */
  readonly weights: ReadonlyMap<string, number>;
  /** By the coordinate of the field. */
  readonly listSizes: ReadonlyMap<string, ListSize>;
}

const COST = "https://specs.apollo.dev/cost";
const JOIN = "https://specs.apollo.dev/join";

/** Names of the directives in one supergraph. */
interface Names {
  readonly cost: string;
  readonly listSize: string;
  readonly joinDirective: string;
}

interface Reading {
  readonly names: Names;
  readonly weights: Map<string, number>;
  readonly listSizes: Map<string, ListSize>;
}

/**
 * Reads `@cost` and `@listSize` of a supergraph, by whatever names it imports them, also where they stand inside `@join__directive`.
 * Where subgraphs differ, the costlier counts, as composition merges them too.
 *
 * @see https://specs.apollo.dev/cost/v0.1/ and https://ibm.github.io/graphql-specs/cost-spec.html
 */
export function readCosts(definitions: Definitions, features: Features): Costs {
  const reading: Reading = {
    names: {
      cost: features.directiveName(COST, "cost"),
      listSize: features.directiveName(COST, "listSize"),
      joinDirective: features.directiveName(JOIN, "directive"),
    },
    weights: new Map(),
    listSizes: new Map(),
  };
  for (const type of definitions.types.values()) readType(reading, type);
  return { weights: reading.weights, listSizes: reading.listSizes };
}

function readType(reading: Reading, type: TypeDefinitionNode): void {
  const name = type.name.value;
  readNode(reading, name, type.directives);
  if (type.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) {
    for (const field of type.fields ?? []) readNode(reading, `${name}.${field.name.value}`, field.directives);
  } else if (type.kind === Kind.OBJECT_TYPE_DEFINITION || type.kind === Kind.INTERFACE_TYPE_DEFINITION) {
    for (const field of type.fields ?? []) {
      const coordinate = `${name}.${field.name.value}`;
      readNode(reading, coordinate, field.directives);
      for (const argument of field.arguments ?? []) readNode(reading, `${coordinate}(${argument.name.value}:)`, argument.directives);
    }
  }
}

function readNode(reading: Reading, coordinate: string, directives: readonly ConstDirectiveNode[] | undefined): void {
  for (const directive of directives ?? []) {
    const { directive: inner, word } = unwrap(directive, reading.names);
    if (word === "cost") addWeight(reading, coordinate, inner);
    if (word === "listSize") addListSize(reading, coordinate, inner);
  }
}

interface Unwrapped {
  readonly directive: ConstDirectiveNode;
  readonly word: "cost" | "listSize" | undefined;
}

/** Takes a directive out of `@join__directive(name:, args:)`, which composers use for features that they don't merge themselves. */
function unwrap(directive: ConstDirectiveNode, names: Names): Unwrapped {
  const name = directive.name.value;
  if (name !== names.joinDirective)
    return { directive, word: name === names.cost ? "cost" : name === names.listSize ? "listSize" : undefined };
  const inner = stringArgument(directive, "name")?.replace(/^@/, "");
  const word = inner === names.cost || inner === "federation__cost" ? "cost" : undefined;
  const isListSize = inner === names.listSize || inner === "federation__listSize";
  const args = directive.arguments?.find((argument) => argument.name.value === "args")?.value;
  const fields = args?.kind === Kind.OBJECT ? args.fields : [];
  const written = fields.map((field) => ({ kind: Kind.ARGUMENT as const, name: field.name, value: field.value }));
  return { directive: { ...directive, arguments: written }, word: isListSize ? "listSize" : word };
}

function addWeight({ weights }: Reading, coordinate: string, directive: ConstDirectiveNode): void {
  // The first form of the specification writes weights as text.
  const weight = Number(readArgument(directive, "weight"));
  if (Number.isFinite(weight)) weights.set(coordinate, Math.max(weights.get(coordinate) ?? 0, weight));
}

function addListSize({ listSizes }: Reading, coordinate: string, directive: ConstDirectiveNode): void {
  const known = listSizes.get(coordinate);
  const assumed = readArgument(directive, "assumedSize");
  const sizes = [known?.assumedSize, assumed].filter((size) => typeof size === "number");
  listSizes.set(coordinate, {
    assumedSize: sizes.length === 0 ? undefined : Math.max(...sizes),
    slicingArguments: [...new Set([...(known?.slicingArguments ?? []), ...textsOf(directive, "slicingArguments")])],
    sizedFields: [...new Set([...(known?.sizedFields ?? []), ...textsOf(directive, "sizedFields")])],
    requireOneSlicingArgument: (known?.requireOneSlicingArgument ?? true) && readArgument(directive, "requireOneSlicingArgument") !== false,
  });
}

function textsOf(directive: ConstDirectiveNode, argument: string): readonly string[] {
  const value = readArgument(directive, argument);
  const items = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  return items.filter((item) => typeof item === "string");
}
