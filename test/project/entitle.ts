import type { GraphQLSchema } from "graphql";
import type { AgreementRef, Decision, Entitlement } from "../../policies/engine/words.ts";

/** The agreement that decisions of these tests rest on. */
export const agreementRef: AgreementRef = { agreement: "A-1", version: 1 };

/** Allows everything in a schema but what is decided otherwise. */
export function entitle(schema: GraphQLSchema, special: Readonly<Record<string, Decision>>): Entitlement {
  const decisions = new Map<string, Decision>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!("getFields" in type) || type.name.startsWith("__")) continue;
    for (const field of Object.values(type.getFields())) {
      decisions.set(`${type.name}.${field.name}`, { kind: "allow", by: agreementRef });
      for (const argument of "args" in field ? field.args : [])
        decisions.set(`${type.name}.${field.name}(${argument.name}:)`, { kind: "allow", by: agreementRef });
    }
  }
  for (const [coordinate, decision] of Object.entries(special)) decisions.set(coordinate, decision);
  const id = JSON.stringify(special);
  return { id, bureau: "a", purpose: "grant", bundleHash: "b", decisions, obligations: new Map(), changesAtMs: undefined };
}
