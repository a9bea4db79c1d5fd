import { type GraphQLSchema, isNonNullType, isObjectType } from "graphql";
import { conditionKey } from "../../policies/engine/condition.ts";
import type { Condition, Decision } from "../../policies/engine/words.ts";
import type { Layers } from "../core/joined.ts";
import { compileTests, type Test } from "./condition.ts";
import type { SourceSite } from "./source.ts";
import { type Projection, putNull, type Written } from "./value.ts";

/** What stands before the fields of a type in an operation under conditions. */
export interface Guard {
  /** What stands in a field's place where its conditions don't hold; undefined for a field under none. @param key Response key. */
  keepBack(key: string, fieldName: string): KeepBack | undefined;
  /** Notes that an object is written. */
  readonly see: Note;
}

/** Writes what stands in a field's place. @returns undefined, with nothing written, where the field itself is to be written. */
export type KeepBack = (projection: Projection, layers: Layers) => Written | undefined;

/** Takes note of an object before it, or a field of it, is written. */
export type Note = (projection: Projection, layers: Layers) => void;

/** What a guard is compiled from. */
export interface GuardOptions {
  readonly schema: GraphQLSchema;
  readonly site: SourceSite;
  /** What was decided on a field of the type. */
  readonly decisionOf: (fieldName: string) => Decision | undefined;
}

/** Compiles a guard: a field is null, without an error, where its conditions don't hold of the object. */
export function createGuard({ schema, site, decisionOf }: GuardOptions): Guard {
  const { place, type } = site;
  const tests = new Map<string, Test>();

  function testOf(conditions: readonly Condition[]): Test {
    const key = conditions.map(conditionKey).join("\n");
    // An interface's fields are under none; should one come here, nothing of it leaves.
    const test = tests.get(key) ?? (isObjectType(type) ? remember(compileTests({ schema, place, type }, conditions)) : () => false);
    tests.set(key, test);
    return test;
  }

  return {
    keepBack(key, fieldName): KeepBack | undefined {
      const decision = fieldName.startsWith("__") ? undefined : decisionOf(fieldName);
      if (decision === undefined || decision.kind === "deny" || decision.where === undefined) return undefined;
      const test = testOf(decision.where);
      const isRequired = isNonNullType(type.getFields()[fieldName]?.type);
      return (projection, layers) => {
        if (test(projection, layers)) return undefined;
        projection.sight?.hide(layers, key);
        return isRequired ? "nothing" : putNull(projection);
      };
    },
    see: ({ sight }, layers) => sight?.see(layers),
  };
}

/** Looks at each object once, however many of its fields wait for the same conditions. */
function remember(test: Test): Test {
  const known = new WeakMap<Layers, boolean>();
  return (facts, layers) => {
    const answer = known.get(layers) ?? test(facts, layers);
    known.set(layers, answer);
    return answer;
  };
}
