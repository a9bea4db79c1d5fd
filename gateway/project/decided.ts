import type { GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema } from "graphql";
import { isInterfaceType } from "graphql";
import type { Decision } from "../../policies/engine/words.ts";
import type { ClearedOperation } from "../core/cleared.ts";

/** What decisions are looked up in. */
export interface DecidedOptions {
  readonly schema: GraphQLSchema;
  readonly cleared: ClearedOperation;
}

/** What was decided on a field of a type; a coordinate without a decision is denied. Undefined when the hub runs unrestricted. */
export function decisionFor(options: DecidedOptions, type: GraphQLObjectType | GraphQLInterfaceType, field: string): Decision | undefined {
  const { entitlement } = options.cleared;
  if (entitlement === undefined) return undefined;
  if (isInterfaceType(type)) {
    // Nobody knows the object's own type, so what one possible type withholds or masks is withheld.
    const isPlain = options.schema.getPossibleTypes(type).every(({ name }) => {
      const decision = entitlement.decisions.get(`${name}.${field}`);
      return decision?.kind === "allow" && decision.where === undefined;
    });
    if (!isPlain) return { kind: "deny", reason: "POLYMORPHIC_PARTIAL" };
  }
  return entitlement.decisions.get(`${type.name}.${field}`) ?? { kind: "deny", reason: "NOT_IN_AGREEMENT" };
}
