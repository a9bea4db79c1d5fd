import type {
  DocumentNode,
  GraphQLArgument,
  GraphQLFieldConfig,
  GraphQLFieldConfigArgumentMap,
  GraphQLFieldConfigMap,
  GraphQLInputFieldConfigMap,
  GraphQLInputType,
  GraphQLNamedType,
  GraphQLOutputType,
  GraphQLType,
} from "graphql";
import {
  executeSync,
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLUnionType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedDirective,
  isUnionType,
} from "graphql";
import { conditionInWords } from "../../policies/engine/condition.ts";
import { maskInWords } from "../../policies/engine/masks.ts";
import type { Entitlement } from "../../policies/engine/words.ts";
import type { Catalogue } from "../../schema/catalogue.ts";
import { HubError } from "../core/errors.ts";
import { decisionOn } from "./decision.ts";
import type { Readable } from "./readable.ts";
import { findReadable } from "./readable.ts";

interface Viewing {
  readonly schema: GraphQLSchema;
  readonly entitlement: Entitlement;
  readonly catalogue: Catalogue;
  readonly readable: Readable;
  readonly types: Map<string, GraphQLNamedType>;
}

/**
 * Makes the schema that one caller sees: what it may read and give, with the agreement, the mask and the owner in the descriptions. It is for
 * introspection alone; operations are validated against the whole API schema, and judged by the entitlement.
 *
 * Where nothing at all is shared, `Query` has one field `_nothingShared` that says so, as a schema must have a field.
 */
export function viewSchema(schema: GraphQLSchema, entitlement: Entitlement, catalogue: Catalogue): GraphQLSchema {
  const viewing: Viewing = { schema, entitlement, catalogue, readable: findReadable(schema, entitlement), types: new Map() };
  const query = rootOf(viewing, schema.getQueryType()) ?? nothingShared(schema.getQueryType()?.name ?? "Query");
  const reached = reachable(viewing);
  return new GraphQLSchema({
    description: schema.description,
    query,
    mutation: rootOf(viewing, schema.getMutationType()),
    subscription: rootOf(viewing, schema.getSubscriptionType()),
    types: [...reached].map((name) => view(viewing, name)),
    directives: schema.getDirectives().filter(isSpecifiedDirective),
  });
}

/**
 * Answers the introspection part of an operation.
 *
 * @param schema The caller's own schema.
 * @param document Valid against the API schema, and with root fields `__schema` and `__type` alone.
 * @throws {HubError} BAD_USER_INPUT when the variables don't fit.
 */
export function answerIntrospection(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { data, errors } = executeSync({ schema, document, variableValues: variables, hideSuggestions: true });
  if (errors !== undefined && errors.length > 0) throw new HubError("BAD_USER_INPUT", errors.map(({ message }) => message).join(" "));
  return data ?? {};
}

function rootOf(viewing: Viewing, type: GraphQLObjectType | null | undefined): GraphQLObjectType | undefined {
  if (type === null || type === undefined || !viewing.readable.hasType(type.name)) return undefined;
  const root = view(viewing, type.name);
  return isObjectType(root) ? root : undefined;
}

function nothingShared(name: string): GraphQLObjectType {
  const description =
    "Nothing is shared with your bureau for this purpose. This field stands here because a schema must have one; it can't be asked.";
  return new GraphQLObjectType({ name, fields: { _nothingShared: { type: GraphQLBoolean, description } } });
}

/** The types that can be met from the roots, types that implement an interface included. */
function reachable({ schema, readable }: Viewing): ReadonlySet<string> {
  const found = new Set<string>();
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const queue: GraphQLNamedType[] = roots.flatMap((type) => type ?? []);
  for (let type = queue.pop(); type !== undefined; type = queue.pop()) {
    if (found.has(type.name) || !readable.hasType(type.name)) continue;
    found.add(type.name);
    queue.push(...neighbours(schema, readable, type));
  }
  return found;
}

function neighbours(schema: GraphQLSchema, readable: Readable, type: GraphQLNamedType): readonly GraphQLNamedType[] {
  if (isUnionType(type)) return type.getTypes();
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).flatMap((field) => (readable.hasField(type.name, field.name) ? getNamedType(field.type) : []));
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  const fields = Object.values(type.getFields()).filter((field) => readable.hasField(type.name, field.name));
  const inputs = fields.flatMap((field) => field.args.filter((argument) => readable.hasArgument(type.name, field.name, argument.name)));
  const below = isInterfaceType(type) ? Object.values(schema.getImplementations(type)).flat() : [];
  return [...[...fields, ...inputs].map((part) => getNamedType(part.type)), ...type.getInterfaces(), ...below];
}

function view(viewing: Viewing, name: string): GraphQLNamedType {
  const known = viewing.types.get(name);
  if (known !== undefined) return known;
  const type = viewing.schema.getType(name);
  if (type === undefined) throw new TypeError(`There is no type ${name}.`);
  const made = makeType(viewing, type);
  viewing.types.set(name, made);
  return made;
}

function makeType(viewing: Viewing, type: GraphQLNamedType): GraphQLNamedType {
  const { readable } = viewing;
  if (isIntrospectionType(type)) return type;
  if (isObjectType(type)) {
    const { name, description } = type;
    return new GraphQLObjectType({
      name,
      description,
      interfaces: () => interfacesOf(viewing, type),
      fields: () => fieldsOf(viewing, type),
    });
  }
  if (isInterfaceType(type)) {
    const { name, description } = type;
    return new GraphQLInterfaceType({
      name,
      description,
      interfaces: () => interfacesOf(viewing, type),
      fields: () => fieldsOf(viewing, type),
    });
  }
  if (isUnionType(type)) {
    const members = type.getTypes().filter((member) => readable.hasType(member.name));
    return new GraphQLUnionType({
      ...type.toConfig(),
      types: () => members.map((member) => view(viewing, member.name)).filter(isObjectType),
    });
  }
  if (isEnumType(type)) {
    const { values, ...config } = type.toConfig();
    return new GraphQLEnumType({
      ...config,
      values: Object.fromEntries(Object.entries(values).filter(([value]) => readable.hasValue(type.name, value))),
    });
  }
  if (isInputObjectType(type)) return new GraphQLInputObjectType({ ...type.toConfig(), fields: () => inputFieldsOf(viewing, type) });
  return type;
}

function interfacesOf(viewing: Viewing, type: GraphQLObjectType | GraphQLInterfaceType): GraphQLInterfaceType[] {
  return type
    .getInterfaces()
    .filter(({ name }) => viewing.readable.hasType(name))
    .map(({ name }) => view(viewing, name))
    .filter(isInterfaceType);
}

function fieldsOf(viewing: Viewing, type: GraphQLObjectType | GraphQLInterfaceType): GraphQLFieldConfigMap<unknown, unknown> {
  const fields = Object.values(type.getFields()).filter((field) => viewing.readable.hasField(type.name, field.name));
  return Object.fromEntries(
    fields.map((field): [string, GraphQLFieldConfig<unknown, unknown>] => {
      const coordinate = `${type.name}.${field.name}`;
      const kept = field.args.filter((argument) => viewing.readable.hasArgument(type.name, field.name, argument.name));
      const config: GraphQLFieldConfig<unknown, unknown> = {
        description: describe(viewing, coordinate, field.description),
        type: viewOutput(viewing, field.type),
        args: argumentsOf(viewing, kept),
        deprecationReason: field.deprecationReason,
      };
      return [field.name, config];
    }),
  );
}

function argumentsOf(viewing: Viewing, args: readonly GraphQLArgument[]): GraphQLFieldConfigArgumentMap {
  return Object.fromEntries(
    args.map(({ name, description, type, defaultValue, deprecationReason }) => [
      name,
      { description, type: viewInput(viewing, type), defaultValue, deprecationReason },
    ]),
  );
}

function inputFieldsOf(viewing: Viewing, type: GraphQLInputObjectType): GraphQLInputFieldConfigMap {
  const kept = Object.entries(type.toConfig().fields).filter(([name]) => viewing.readable.hasField(type.name, name));
  return Object.fromEntries(kept.map(([name, field]) => [name, { ...field, type: viewInput(viewing, field.type) }]));
}

function describe({ entitlement, catalogue }: Viewing, coordinate: string, description: string | null | undefined): string {
  const decision = decisionOn(entitlement, coordinate);
  const field = catalogue.fields.get(coordinate);
  const parts: string[] = [];
  if (decision.kind !== "deny")
    parts.push(decision.by === undefined ? "Open data." : `Shared under ${decision.by.agreement}@${decision.by.version}.`);
  if (decision.kind === "mask") parts.push(`Masked: ${maskInWords(decision.mask)}.`);
  if (decision.kind !== "deny" && decision.where !== undefined)
    parts.push(`Null unless ${decision.where.map(conditionInWords).join(" and ")}.`);
  if (field !== undefined && field.owners.length > 0) parts.push(`Owner: ${field.owners.join(", ")}.`);
  const basis = parts.join(" ");
  return description === null || description === undefined || description === "" ? basis : `${description}\n\n${basis}`;
}

function viewOutput(viewing: Viewing, type: GraphQLOutputType): GraphQLOutputType {
  // The view keeps a type's kind and its wrappers, so an output type stays one.
  return viewType(viewing, type) as GraphQLOutputType;
}

function viewInput(viewing: Viewing, type: GraphQLInputType): GraphQLInputType {
  // The view keeps a type's kind and its wrappers, so an input type stays one.
  return viewType(viewing, type) as GraphQLInputType;
}

function viewType(viewing: Viewing, type: GraphQLType): GraphQLType {
  if (isNonNullType(type)) return new GraphQLNonNull(viewType(viewing, type.ofType));
  if (isListType(type)) return new GraphQLList(viewType(viewing, type.ofType));
  return view(viewing, type.name);
}
