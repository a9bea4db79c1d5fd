import { type GraphQLObjectType, type GraphQLSchema, getNamedType, isObjectType } from "graphql";
import { holds, type Moment } from "../../policies/engine/holds.ts";
import type { Condition } from "../../policies/engine/words.ts";
import { childValues, elementValues, type Joined, type Layers, layersOf, listOf } from "../core/joined.ts";
import type { Place } from "../core/layout.ts";
import { reservedKey } from "../core/reserved.ts";
import { childPlaceOf, createLeafReader, sourcesByKey } from "./source.ts";

/** What conditions are looked at in: the replies, and what is true of the request. */
export interface Facts {
  readonly joined: Joined;
  /** Undefined where nobody said: no condition holds then. */
  readonly moment: Moment | undefined;
}

/** Whether something holds of an object, known by its layers. Whatever is missing makes it false. */
export type Test = (facts: Facts, layers: Layers) => boolean;

/** Where the objects are that conditions are looked at on. */
export interface ConditionSite {
  readonly schema: GraphQLSchema;
  readonly place: Place | undefined;
  readonly type: GraphQLObjectType;
}

const never: Test = () => false;

/** Compiles the test that all of the conditions hold. They start from objects of the site's type. */
export function compileTests(site: ConditionSite, conditions: readonly Condition[]): Test {
  // None would hold of everything, and nobody asks for a test of nothing.
  if (conditions.length === 0) return never;
  const tests = conditions.map((condition) => compileCondition(site, condition, 0));
  return (facts, layers) => tests.every((test) => test(facts, layers));
}

function compileCondition(site: ConditionSite, condition: Condition, depth: number): Test {
  const { path, comparison } = condition;
  const name = path[depth];
  const field = name === undefined ? undefined : site.type.getFields()[name];
  if (name === undefined || field === undefined) return never;
  const sources = sourcesByKey(site.schema, site, reservedKey(name)).filter(({ entry }) => entry.fieldName === name);
  const isLast = depth === path.length - 1;
  if (isLast && comparison.kind !== "some") {
    const read = createLeafReader(sources);
    return ({ moment }, layers) => moment !== undefined && holds(comparison, read(layers), moment);
  }
  const place = childPlaceOf(sources);
  const type = getNamedType(field.type);
  if (place === undefined || !isObjectType(type)) return never;
  const inner: ConditionSite = { schema: site.schema, place, type };
  if (isLast && comparison.kind === "some") return compileSome(place, compileTests(inner, comparison.conditions));
  const next = compileCondition(inner, condition, depth + 1);
  return (facts, layers) => {
    const below = layersOf(place, childValues(place, layers), facts.joined);
    return below !== undefined && next(facts, below);
  };
}

function compileSome(place: Place, test: Test): Test {
  return (facts, layers) => {
    const values = childValues(place, layers);
    const { length } = listOf(values) ?? [];
    for (let index = 0; index < length; index += 1) {
      const item = layersOf(place, elementValues(values, index), facts.joined);
      if (item !== undefined && test(facts, item)) return true;
    }
    return false;
  };
}
