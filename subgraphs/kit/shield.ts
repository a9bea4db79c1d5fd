import { createRequire } from "node:module";
import { defaultFieldResolver, GraphQLError, type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from "graphql";
import type { IRules } from "graphql-shield";
import type { HubCall } from "../../schema/contract.ts";

/** What the shield needs of a request's context. */
export interface ShieldedContext {
  readonly call?: HubCall | undefined;
}

/**
 * Puts the second fence around the fields of a subgraph: every field of every object type, among them `_entities` and `_service`, demands
 * a verified call of the hub. It holds even when a request comes to the schema in another way than through the first fence.
 *
 * Resolvers are wrapped in place. Rules stand on concrete coordinates only, because the shield ignores rules on interfaces and unions;
 * `__resolveReference` runs inside `_entities` and so behind its rule.
 */
export function applyShield(schema: GraphQLSchema): GraphQLSchema {
  // The package's ES module build doesn't load in Node 24: it imports its parts without file endings.
  const { rule, shield } = createRequire(import.meta.url)("graphql-shield") as typeof import("graphql-shield");
  const hasCall = rule({ cache: "contextual" })((_parent: unknown, _args: unknown, context: ShieldedContext) =>
    context.call === undefined ? refusal() : true,
  );
  const rules: Record<string, Record<string, typeof hasCall>> = {};
  for (const type of Object.values(schema.getTypeMap())) {
    if (isObjectType(type) && !type.name.startsWith("__")) {
      rules[type.name] = Object.fromEntries(Object.keys(type.getFields()).map((field) => [field, hasCall]));
    }
  }
  // Without `allowExternalErrors` the shield would replace a resolver's own errors by its refusal.
  const shielding = shield(rules as IRules, { allowExternalErrors: true, fallbackError: refusal() });
  wrapResolvers(schema, shielding.generate(schema) as FieldWraps);
  return schema;
}

type Resolve = GraphQLFieldResolver<unknown, unknown>;
type FieldWrap = (resolve: Resolve, ...rest: Parameters<Resolve>) => unknown;
type FieldWraps = Readonly<Record<string, Readonly<Record<string, FieldWrap>>>>;

function wrapResolvers(schema: GraphQLSchema, wraps: FieldWraps): void {
  for (const [typeName, fields] of Object.entries(wraps)) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) continue;
    const byName = type.getFields();
    for (const [name, wrap] of Object.entries(fields)) {
      const field = byName[name];
      if (field === undefined) continue;
      const inner = field.resolve ?? defaultFieldResolver;
      field.resolve = (...args) => wrap(inner, ...args);
    }
  }
}

function refusal(): GraphQLError {
  return new GraphQLError("Only a verified call of the hub is answered.", { extensions: { code: "UNAUTHENTICATED" } });
}
