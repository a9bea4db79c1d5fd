import { type GraphQLSchema, getNamedType, isObjectType } from "graphql";
import type { EntitlementQuestion, Policy } from "../../policies/engine/policy.ts";
import type { Comparison, Condition, Decision, Mask, Operand } from "../../policies/engine/words.ts";
import { fieldsOf, type Instance, type Model, type ModelField } from "../federation/model.ts";
import { inputsOf, plainValue, valueOf, type World } from "../federation/values.ts";
import { today } from "./classify.ts";
import { deciderOf } from "./policies.ts";
import { alterLeaf, blurredTwin, shapeFor, shapeForRequest } from "./shapes.ts";

/** What becomes of a value in the other world. */
type Fate =
  /** The caller may see it, or what depends on it. */
  | { readonly kind: "same" }
  /** The caller may not see it at all. */
  | { readonly kind: "other" }
  /** The caller sees what a mask leaves of it. */
  | { readonly kind: "blurred"; readonly mask: Mask };

/** How one of two worlds looks to the departments. */
export interface Eyes {
  /** A field's value as this world has it. @param read Reads the field with the values of a model's seed, and throws where it fails. */
  see(place: SeenPlace, read: (isOther: boolean) => unknown): unknown;
}

/** Whose field is read. */
export interface SeenPlace {
  /** The object's own type. */
  readonly type: string;
  readonly name: string;
  /** Undefined for objects that are no entities. */
  readonly instance: Instance | undefined;
}

/** What a caller's eyes are made of. */
export interface EyesOptions {
  readonly model: Model;
  readonly policy: Policy;
  readonly question: EntitlementQuestion;
  /** Whether objects whose conditions fail also hold other objects: then other calls may be made for them. */
  readonly isDeep: boolean;
}

const same: Fate = { kind: "same" };
const other: Fate = { kind: "other" };

/** Makes two worlds that differ in nothing but what one caller may not see. */
export function createEyes(options: EyesOptions): readonly [Eyes, Eyes] {
  const fateOf = createFates(options);
  const shapes = shapesOf(options.policy);
  const shaped = (coordinate: string, value: unknown): unknown => mapTexts(value, shapes.get(coordinate) ?? ((text) => text));
  const first: Eyes = { see: ({ type, name }, read) => shaped(`${type}.${name}`, read(false)) };
  const second: Eyes = {
    see(place, read) {
      const coordinate = `${place.type}.${place.name}`;
      const fate = fateOf(place);
      if (fate.kind === "same") return shaped(coordinate, read(false));
      if (fate.kind === "blurred") return mapTexts(shaped(coordinate, read(false)), (text) => blurredTwin(fate.mask, text));
      // What isn't an entity's has no seed of its own: its value is made of the one that it is read from.
      const isPlain = place.instance === undefined || place.name === "tag";
      return shaped(coordinate, isPlain ? alterLeaf(read(false)) : read(true));
    },
  };
  return [first, second];
}

type Shapes = ReadonlyMap<string, (text: string) => string>;

/**
 * Texts under a mask are such as the mask is for, and those that are compared with the day or the case of a request are often a day or a
 * case; in both worlds and for everybody.
 */
function shapesOf({ bundle, schema: { apiSchema } }: Policy): Shapes {
  const shapes = new Map<string, (text: string) => string>();
  for (const { where } of bundle.agreements)
    for (const { condition } of where)
      for (const { coordinate, comparison } of looksOf(apiSchema, condition, condition.type))
        if (isAboutRequest(comparison) && !/\.(?:id|code)$/.test(coordinate)) shapes.set(coordinate, shapeForRequest);
  for (const { shares } of bundle.agreements)
    for (const { coordinate, mask } of shares) if (mask !== undefined) shapes.set(coordinate, (text) => shapeFor(mask, text));
  return shapes;
}

/** The fields that a condition looks at, with what it compares them with at the end of a path. */
function looksOf(
  schema: GraphQLSchema,
  { path, comparison }: Condition,
  start: string,
): readonly { readonly coordinate: string; readonly comparison: Comparison | undefined }[] {
  let type = start;
  const looks = path.map((name, index) => {
    const coordinate = `${type}.${name}`;
    const declared = schema.getType(type);
    type = String(getNamedType(isObjectType(declared) ? declared.getFields()[name]?.type : undefined));
    return { coordinate, comparison: index === path.length - 1 ? comparison : undefined };
  });
  const inner = comparison.kind === "some" ? comparison.conditions : [];
  return [...looks, ...inner.flatMap((condition) => looksOf(schema, condition, type))];
}

function isAboutRequest(comparison: Comparison | undefined): boolean {
  return (comparison?.kind === "is" || comparison?.kind === "has") && comparison.operands.some(({ kind }) => kind !== "literal");
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => mapTexts(item, change));
  return typeof value === "string" ? change(value) : value;
}

function createFates(options: EyesOptions): (place: SeenPlace) => Fate {
  const { model, policy, question, isDeep } = options;
  const decide = deciderOf(policy);
  const decisions = new Map<string, Decision>();
  for (const coordinate of policy.schema.catalogue.fields.keys()) decisions.set(coordinate, decide(question, coordinate));
  const kept = keptOf({ policy, decisions });
  const known = fieldsOf(model);
  const holds = createConditions(options);
  return ({ type, name, instance }) => {
    const coordinate = `${type}.${name}`;
    const decision = decisions.get(coordinate);
    // Nobody sees what the graph hides from callers, but the planner may use it as a key.
    if (decision === undefined || kept.has(coordinate)) return same;
    if (decision.kind === "deny") return other;
    if (decision.where !== undefined && instance !== undefined && !decision.where.every((condition) => holds(condition, instance))) {
      const isLeaf = known.get(coordinate)?.targets.length === 0;
      return isLeaf || isDeep ? other : same;
    }
    return decision.kind === "mask" ? { kind: "blurred", mask: decision.mask } : same;
  };
}

interface Keeping {
  readonly policy: Policy;
  readonly decisions: ReadonlyMap<string, Decision>;
}

/** What may not differ: what readable fields are computed from, and what decides whether they are released. */
function keptOf({ policy: { schema }, decisions }: Keeping): ReadonlySet<string> {
  const kept = new Set<string>();
  const keep = (coordinate: string): void => {
    for (const input of schema.catalogue.fields.get(coordinate)?.requires ?? []) {
      if (kept.has(input)) continue;
      kept.add(input);
      keep(input);
    }
  };
  const look = (coordinate: string): void => {
    kept.add(coordinate);
    keep(coordinate);
  };
  for (const decision of decisions.values())
    for (const condition of decision.kind === "deny" ? [] : (decision.where ?? []))
      for (const { coordinate } of looksOf(schema.apiSchema, condition, condition.type)) look(coordinate);
  for (const [coordinate, decision] of decisions) if (decision.kind !== "deny") keep(coordinate);
  return kept;
}

/** Looks at conditions as the rules say it, on the values of the model. */
function createConditions({ model, policy, question }: EyesOptions): (condition: Condition, instance: Instance) => boolean {
  const world: World = { model, fields: fieldsOf(model), faults: { kind: "none" }, isWhole: true, counter: 1 };
  const shapes = shapesOf(policy);
  const read = (source: object, name: string): unknown => {
    const instance = source as Instance;
    const type = instance.index === undefined ? instance.__typename : instance.type;
    const field = world.fields.get(`${type}.${name}`);
    const value =
      field === undefined
        ? plainValue(source, name)
        : valueOf(world, { field, source: instance, args: {}, inputs: inputsOf(world, field, instance), via: "" });
    return mapTexts(value, shapes.get(`${type}.${name}`) ?? ((text) => text));
  };
  const wordOf = (operand: Operand): unknown =>
    operand.kind === "literal" ? operand.value : operand.kind === "today" ? today : question.caseReference;
  const isMet = ({ path, comparison }: Condition, source: unknown): boolean => {
    let value: unknown = source;
    for (const name of path) {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
      value = read(value, name);
    }
    if (value === null || value === undefined) return false;
    switch (comparison.kind) {
      case "is":
        return comparison.operands.some((operand) => wordOf(operand) === value);
      case "has":
        return Array.isArray(value) && comparison.operands.some((operand) => value.includes(wordOf(operand)));
      case "some":
        return Array.isArray(value) && value.some((item) => comparison.conditions.every((inner) => isMet(inner, item)));
      case "from":
        return typeof value === "number" && value >= Number(wordOf(comparison.operand));
      case "until":
        return typeof value === "number" && value < Number(wordOf(comparison.operand));
    }
  };
  return isMet;
}

/** A field's value without faults, for the departments' own lists. */
export function readPlain(world: World, field: ModelField, instance: Instance): unknown {
  return world.fields.has(`${instance.type}.${field.name}`)
    ? valueOf(world, { field, source: instance, args: {}, inputs: [], via: "" })
    : plainValue(instance, field.name);
}
