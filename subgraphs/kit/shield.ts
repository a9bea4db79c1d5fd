import { createRequire } from "node:module";
import {
  defaultFieldResolver,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from "graphql";
import type { IRules } from "graphql-shield";
import type { HubCall } from "../../schema/contract.ts";
import { type Clearance, refuseCoordinate } from "./clearance.ts";
import { publicName } from "./demand.ts";

/** What the shield needs of a request's context. */
export interface ShieldedContext {
  readonly call?: HubCall | undefined;
  readonly clearance?: Clearance | undefined;
}

/**
 * Puts graphql-shield's rules around the resolvers of a subgraph: a governed field demands that the call's clearance holds it, and every
 * field at the root a verified call. They hold even when a request comes to the schema in another way than through the fences.
 *
 * Resolvers are wrapped in place. Rules stand on concrete coordinates only, because the shield ignores rules on interfaces and unions;
 * `__resolveReference` runs inside `_entities` and so behind its rule.
 *
 * @param isOpen Whether a coordinate is readable by every caller; such fields below the root get no rule, as they can be reached through the root only.
 */
export function applyShield(schema: GraphQLSchema, isOpen: (coordinate: string) => boolean): GraphQLSchema {
  // The package's ES module build doesn't load in Node 24: it imports its parts without file endings.
  const { rule, shield } = createRequire(import.meta.url)("graphql-shield") as typeof import("graphql-shield");
  const hasCall = rule("call", { cache: "contextual" })((_parent: unknown, _args: unknown, context: ShieldedContext) =>
    context.call === undefined || context.clearance === undefined ? refusal() : true,
  );
  const mayRead = (coordinate: string) =>
    rule(coordinate, { cache: "contextual" })((_parent: unknown, _args: unknown, { call, clearance }: ShieldedContext) => {
      if (call === undefined || clearance === undefined) return refusal();
      return clearance.coordinates.has(coordinate) ? true : refuseCoordinate(coordinate);
    });
  const rules = new Map<string, Record<string, typeof hasCall>>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name === "_Service" || type.name.startsWith("__")) continue;
    const isRoot = isRootType(schema, type);
    const byField: Record<string, typeof hasCall> = {};
    for (const field of Object.keys(type.getFields())) {
      const coordinate = `${publicName(schema, type)}.${field}`;
      const isFree = isOpen(coordinate) || coordinate === "Query._entities" || coordinate === "Query._service";
      if (!isFree) byField[field] = mayRead(coordinate);
      else if (isRoot) byField[field] = hasCall;
    }
    rules.set(type.name, byField);
  }
  // Without `allowExternalErrors` the shield would replace a resolver's own errors by its refusal.
  const shielding = shield(Object.fromEntries(rules) as IRules, { allowExternalErrors: true, fallbackError: refusal() });
  wrapResolvers(schema, rules, shielding.generate(schema) as FieldWraps);
  return schema;
}

function isRootType(schema: GraphQLSchema, type: GraphQLObjectType): boolean {
  return type === schema.getQueryType() || type === schema.getMutationType() || type === schema.getSubscriptionType();
}

type Resolve = GraphQLFieldResolver<unknown, ShieldedContext>;
type FieldWrap = (resolve: Resolve, ...rest: Parameters<Resolve>) => unknown;
type FieldWraps = Readonly<Record<string, Readonly<Record<string, FieldWrap>>>>;

function wrapResolvers(schema: GraphQLSchema, rules: ReadonlyMap<string, Readonly<Record<string, unknown>>>, wraps: FieldWraps): void {
  for (const [typeName, byField] of rules) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) continue;
    for (const name of Object.keys(byField)) {
      const field = type.getFields()[name];
      const wrap = wraps[typeName]?.[name];
      if (field === undefined || wrap === undefined) throw new Error(`${typeName}.${name} can't be shielded.`);
      field.resolve = shieldResolver(`${typeName}.${name}`, wrap, field.resolve ?? defaultFieldResolver);
    }
  }
}

/**
 * The shield is asynchronous and takes microseconds for each value, more than most resolvers do. Its rules look at nothing but the clearance,
 * which never changes; so what it let pass once under a clearance needn't be put to it again.
 */
function shieldResolver(name: string, wrap: FieldWrap, inner: Resolve): Resolve {
  const passing: Resolve = (...given) => {
    given[2].clearance?.passed.add(name);
    return inner(...given);
  };
  // biome-ignore lint/complexity/useMaxParams: a list of arguments would be made anew for each value, which doubles what this costs.
  return (parent, args, context, info) =>
    context.clearance?.passed.has(name) === true ? inner(parent, args, context, info) : wrap(passing, parent, args, context, info);
}

function refusal(): GraphQLError {
  return new GraphQLError("Only a verified call of the hub is answered.", { extensions: { code: "UNAUTHENTICATED" } });
}
