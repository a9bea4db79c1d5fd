import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLFieldResolver,
  GraphQLScalarType,
  type GraphQLSchema,
  type GraphQLType,
  graphql,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from "graphql";
import { loadPolicies } from "../../policies/engine/load.ts";
import { parseBundle } from "../../policies/engine/parse.ts";
import { compileBundle, entitlementFor, type Policy } from "../../policies/engine/policy.ts";
import type { Decision, Entitlement, Mask } from "../../policies/engine/words.ts";
import { readSupergraph, type Supergraph } from "../../schema/supergraph.ts";
import type { Department, Resolver } from "../../subgraphs/kit/department.ts";
import { meetsAll } from "./conditions.ts";

/** What the hub must answer, worked out the plain way: one graphql-js schema with all departments' resolvers, and each field looked up. */
export interface Monolith {
  answer(question: Question): Promise<{ readonly data: unknown; readonly failed: readonly string[] }>;
  /** `path coordinate` of each place that the caller may not read. */
  withheld(question: Question): readonly string[];
}

/** One operation for one caller. */
export interface Question {
  readonly operation: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly bureau: string;
  readonly purpose: string;
  readonly caseReference: string | undefined;
  readonly nowMs: number;
}

interface Context extends Record<string, unknown> {
  readonly entitlement: Entitlement;
  readonly question: Question;
}

type FieldResolver = GraphQLFieldResolver<unknown, Context>;

/** A masked value on its way through the field's scalar, which would refuse it. */
class Masked {
  readonly text: unknown;

  constructor(text: unknown) {
    this.text = text;
  }
}

/** Builds the monolith of a supergraph over opened departments. */
export async function createMonolith(options: {
  readonly supergraphSdl: string;
  readonly policiesDir: string;
  readonly departments: readonly Department[];
}): Promise<Monolith> {
  const supergraph = readSupergraph(options.supergraphSdl);
  const policy = await compilePolicy(options.policiesDir, supergraph);
  attach(supergraph, options.departments);
  return {
    async answer(question) {
      const merged = Object.assign({}, ...options.departments.map((department) => department.createContext())) as object;
      const { data, errors = [] } = await graphql({
        schema: supergraph.apiSchema,
        source: question.operation,
        variableValues: question.variables,
        contextValue: { ...merged, entitlement: entitle(policy, question), question },
      });
      return {
        data: JSON.parse(JSON.stringify(data ?? null)),
        failed: errors.map(({ path, message }) => `${path?.join(".") ?? ""} ${message}`),
      };
    },
    withheld: (question) => listWithheld(supergraph.apiSchema, entitle(policy, question), question.operation),
  };
}

async function compilePolicy(directory: string, supergraph: Supergraph): Promise<Policy> {
  const parsed = parseBundle(await loadPolicies(directory));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const compiled = compileBundle(parsed.bundle, supergraph);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.policy;
}

function entitle(policy: Policy, { bureau, purpose, caseReference, nowMs }: Question): Entitlement {
  return entitlementFor(policy, { bureau, purpose, caseReference, nowMs });
}

function decisionOn(entitlement: Entitlement, coordinate: string): Decision {
  return entitlement.decisions.get(coordinate) ?? { kind: "deny", reason: "NOT_IN_AGREEMENT" };
}

function attach({ apiSchema, catalogue }: Supergraph, departments: readonly Department[]): void {
  const raw = new Map<string, FieldResolver>();
  for (const { resolvers } of departments) {
    for (const [typeName, fields] of Object.entries(resolvers)) {
      if (fields instanceof GraphQLScalarType) attachScalar(apiSchema, fields);
      else addResolvers(apiSchema, typeName, { fields, raw });
    }
  }
  for (const type of Object.values(apiSchema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const inputs = (catalogue.fields.get(coordinate)?.requires ?? []).map((input) => input.slice(type.name.length + 1));
      const resolve = withInputs(inputs, { typeName: type.name, raw, own: raw.get(coordinate) ?? defaultFieldResolver });
      field.resolve = project(coordinate, resolve, { schema: apiSchema, resolverOf: (name) => raw.get(name) });
    }
  }
}

function attachScalar(schema: GraphQLSchema, department: GraphQLScalarType): void {
  const scalar = schema.getType(department.name) as GraphQLScalarType;
  const serialize = department.serialize.bind(department);
  scalar.serialize = (value) => (value instanceof Masked ? value.text : serialize(value));
  scalar.parseValue = department.parseValue.bind(department);
  scalar.parseLiteral = department.parseLiteral.bind(department);
}

function addResolvers(
  schema: GraphQLSchema,
  typeName: string,
  { fields, raw }: { readonly fields: Readonly<Record<string, Resolver>>; readonly raw: Map<string, FieldResolver> },
): void {
  const type = schema.getType(typeName);
  for (const [name, resolver] of Object.entries(fields)) {
    if (name === "__resolveType" && isInterfaceType(type)) type.resolveType = resolver as NonNullable<typeof type.resolveType>;
    else if (!name.startsWith("__")) raw.set(`${typeName}.${name}`, resolver as FieldResolver);
  }
}

interface Inputs {
  readonly typeName: string;
  readonly raw: ReadonlyMap<string, FieldResolver>;
  readonly own: FieldResolver;
}

/** Puts what a field is computed from onto its parent, in clear: the hub gives it to the department, not to the caller. */
function withInputs(inputs: readonly string[], { typeName, raw, own }: Inputs): FieldResolver {
  if (inputs.length === 0) return own;
  return async (parent, args, context, info) => {
    const values = await Promise.all(
      inputs.map(async (name) => [name, await raw.get(`${typeName}.${name}`)?.(parent, {}, context, info)] as const),
    );
    return own({ ...(parent as object), ...Object.fromEntries(values) }, args, context, info);
  };
}

function project(
  coordinate: string,
  resolve: FieldResolver,
  plain: Pick<Parameters<typeof meetsAll<Context>>[0], "schema" | "resolverOf">,
): FieldResolver {
  return async (parent, args, context, info) => {
    const decision = decisionOn(context.entitlement, coordinate);
    if (decision.kind === "deny") return null;
    const looking = { ...plain, context, info, question: context.question };
    if (decision.where !== undefined && !(await meetsAll(looking, decision.where, parent))) return null;
    const value = await resolve(parent, args, context, info);
    if (decision.kind === "allow" || value === null || value === undefined) return value;
    const masked = maskNaively(decision.mask, value);
    const type = isNonNullType(info.returnType) ? info.returnType.ofType : info.returnType;
    return type instanceof GraphQLScalarType && (type.name === "Date" || type.name === "Money") ? new Masked(masked) : masked;
  };
}

/** Masks of texts and numbers, written down as the agreements' words mean them. */
function maskNaively(mask: Mask, value: unknown): unknown {
  const text = String(value);
  if (mask.kind === "year") return text.slice(0, 4);
  if (mask.kind === "exists") return "true";
  if (mask.kind !== "band" && mask.kind !== "keep") throw new Error(`No agreement of the demonstration uses the mask ${mask.kind}.`);
  if (mask.kind === "band") {
    for (const { name, from = -Infinity, until = Infinity } of mask.bands) if (Number(text) >= from && Number(text) < until) return name;
    throw new Error(`No band holds ${text}.`);
  }
  const letters = Array.from(text);
  if (letters.length <= mask.first + mask.last) return letters.map(() => "*").join("");
  return letters.map((letter, index) => (index < mask.first || index >= letters.length - mask.last ? letter : "*")).join("");
}

function listWithheld(schema: GraphQLSchema, entitlement: Entitlement, operation: string): readonly string[] {
  const document = parse(operation);
  const fragments = new Map(
    document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  );
  const found = new Set<string>();
  const walk = (set: SelectionSetNode, typeName: string, path: readonly string[]): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) walkField(selection, typeName, path);
      else if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet, selection.typeCondition?.name.value ?? typeName, path);
      else {
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined) walk(fragment.selectionSet, fragment.typeCondition.name.value, path);
      }
    }
  };
  const walkField = (node: FieldNode, typeName: string, path: readonly string[]): void => {
    if (node.name.value.startsWith("__")) return;
    const here = [...path, node.alias?.value ?? node.name.value];
    const coordinate = `${typeName}.${node.name.value}`;
    if (decisionOn(entitlement, coordinate).kind === "deny") found.add(`${here.join(".")} ${coordinate}`);
    else if (node.selectionSet !== undefined) {
      const { lists, name } = unwrap(schema, typeName, node.name.value);
      walk(node.selectionSet, name, [...here, ...lists]);
    }
  };
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) walk(definition.selectionSet, "Query", []);
  }
  return [...found].toSorted();
}

function unwrap(schema: GraphQLSchema, typeName: string, fieldName: string): { readonly lists: readonly string[]; readonly name: string } {
  const parent = schema.getType(typeName);
  if (!isObjectType(parent) && !isInterfaceType(parent)) throw new Error(`${typeName} has no fields.`);
  let type: GraphQLType | undefined = parent.getFields()[fieldName]?.type;
  const lists: string[] = [];
  while (isNonNullType(type) || isListType(type)) {
    if (isListType(type)) lists.push("@");
    type = type.ofType;
  }
  return { lists, name: String(type) };
}
