import {
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isObjectType,
} from "graphql";
import type { Chance } from "../federation/chance.ts";
import type { RandomOperation } from "../federation/operations.ts";

/** An operation to ask, and what is to be known of it. */
export interface Probe extends RandomOperation {
  /** Whether it must be valid to be asked. */
  readonly isValid: boolean;
  /** Whether its answer tells something of the graph itself. */
  readonly isSchema: boolean;
}

const introspections: readonly string[] = [
  `{ __schema { types { name kind fields { name args { name } type { name } } enumValues { name } inputFields { name } possibleTypes { name } } } }`,
  `{ __schema { queryType { fields { name description type { kind ofType { name } } } } directives { name args { name } } } }`,
  `{ __type(name: "Secret1") { name kind fields { name } } a: __type(name: "Secret1Order") { name enumValues { name } } }`,
  `{ __type(name: "P") { name description fields { name description args { name defaultValue } type { name } } interfaces { name } } }`,
];

/** Makes of a valid operation one that looks at the graph itself, or that is wrong in some way; or leaves it as it is. */
export function makeProbe(chance: Chance, schema: GraphQLSchema, operation: RandomOperation): Probe {
  const valid: Probe = { ...operation, isValid: true, isSchema: false };
  const kind = chance.one([
    ...Array.from({ length: 13 }, () => "valid" as const),
    ...Array.from({ length: 7 }, () => "list" as const),
    "introspection",
    "misspelt",
    "misvalued",
  ] as const);
  switch (kind) {
    case "valid":
      return valid;
    case "list":
      return { ...listOrCount(chance, schema), isValid: true, isSchema: false };
    case "introspection":
      return { text: chance.one(introspections), variables: {}, isValid: true, isSchema: true };
    case "misspelt":
      return { ...misspell(chance, operation), isValid: false, isSchema: true };
    case "misvalued":
      return { ...misvalue(chance, schema), isValid: false, isSchema: true };
  }
}

/** Gets a name slightly wrong, as one who fishes for names does. */
function misspell(chance: Chance, { text, variables }: RandomOperation): RandomOperation {
  const names = [...text.matchAll(/\b(?:root|list|f|g|tag|secret)\d?\b/g)];
  if (names.length === 0) return { text: "{ root11 { secret } }", variables: {} };
  const match = chance.one(names);
  const wrong = chance.one([`${match[0]}1`, `${match[0]}2`, "secret", "secret5", "f11"]);
  return { text: text.slice(0, match.index) + wrong + text.slice(match.index + match[0].length), variables };
}

/** Lists or counts with one input, in one of the ways in which inputs are written. */
function listOrCount(chance: Chance, schema: GraphQLSchema): RandomOperation {
  const roots = Object.values(schema.getQueryType()?.getFields() ?? {}).filter(({ name }) => /^(?:list|count)\d$/.test(name));
  if (roots.length === 0) return { text: "{ __typename }", variables: {} };
  const root = chance.one(roots);
  const { name, type } = chance.one(root.args.filter((argument) => argument.name !== "first"));
  const below = root.name.startsWith("list") ? ` { __typename id ${chance.is(0.6) ? plainFieldsOf(root.type) : ""} }` : "";
  // Whether anything may be given is one thing, what rows then hold another.
  if (chance.is(0.4)) return { text: `{ ${root.name}${below} }`, variables: {} };
  const ask = (head: string, value: string): string => `query${head} { ${root.name}(${name}: ${value})${below} }`;
  const { text, value } = inputFor(chance, type);
  switch (chance.one(["literal", "variable", "default"] as const)) {
    case "literal":
      return { text: ask("", text), variables: {} };
    case "variable":
      return { text: ask(`($given: ${String(type)})`, "$given"), variables: { given: value } };
    case "default":
      return { text: ask(`($given: ${String(type)} = ${text})`, "$given"), variables: {} };
  }
}

/** Every field of a list's objects that holds plain values. */
function plainFieldsOf(type: GraphQLOutputType): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return "";
  const fields = Object.values(named.getFields()).filter(({ args, type: held }) => args.length === 0 && isLeafType(getNamedType(held)));
  return fields.map(({ name }) => name).join(" ");
}

interface Input {
  /** As a document has it. */
  readonly text: string;
  readonly value: unknown;
}

function inputFor(chance: Chance, type: GraphQLInputType): Input {
  if (isEnumType(type)) {
    const { name } = chance.one(type.getValues());
    return { text: name, value: name };
  }
  if (!isInputObjectType(type)) return { text: "3", value: 3 };
  const number = 1 + chance.int(4);
  const { name } = chance.one(Object.values(type.getFields()).filter(({ name: field }) => field !== "either"));
  const inner: Input = { text: `{ ${name}: ${number} }`, value: { [name]: number } };
  return chance.is(0.5) ? inner : { text: `{ either: [${inner.text}] }`, value: { either: [inner.value] } };
}

function misvalue(chance: Chance, schema: GraphQLSchema): RandomOperation {
  const roots = Object.values(schema.getQueryType()?.getFields() ?? {});
  const listing = roots.find(({ name }) => name.startsWith("list"));
  if (listing === undefined) return { text: "query($x: Secret1Orde) { __typename @include(if: $x) }", variables: {} };
  const type = String(listing.args.find(({ name }) => name === "order")?.type);
  return chance.is(0.5)
    ? { text: `query($order: ${type}) { ${listing.name}(order: $order) { id } }`, variables: { order: "BY_f" } }
    : { text: `{ ${listing.name}(order: BY_f) { id } }`, variables: {} };
}
