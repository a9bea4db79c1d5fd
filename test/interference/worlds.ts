import type { EntitlementQuestion, Policy } from "../../policies/engine/policy.ts";
import type { Condition, Decision, Mask } from "../../policies/engine/words.ts";
import { fieldsOf, type Instance, type Model, type ModelField } from "../federation/model.ts";
import { inputsOf, plainValue, valueOf, type World } from "../federation/values.ts";
import { deciderOf } from "./policies.ts";
import { alterLeaf, blurredTwin, shapeFor } from "./shapes.ts";

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
  const shaped = (coordinate: string, value: unknown): unknown => {
    const mask = shapes.get(coordinate);
    return mask === undefined ? value : mapTexts(value, (text) => shapeFor(mask, text));
  };
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

/** Texts under a mask are such as the mask is for, in both worlds and for everybody. */
function shapesOf({ bundle }: Policy): ReadonlyMap<string, Mask> {
  const shapes = new Map<string, Mask>();
  for (const { shares } of bundle.agreements)
    for (const { coordinate, mask } of shares) if (mask !== undefined) shapes.set(coordinate, mask);
  return shapes;
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => mapTexts(item, change));
  return typeof value === "string" ? change(value) : value;
}

function createFates({ model, policy, question, isDeep }: EyesOptions): (place: SeenPlace) => Fate {
  const decide = deciderOf(policy);
  const decisions = new Map<string, Decision>();
  for (const coordinate of policy.schema.catalogue.fields.keys()) decisions.set(coordinate, decide(question, coordinate));
  const kept = keptOf({ model, policy, decisions });
  const known = fieldsOf(model);
  const holds = createConditions(model, shapesOf(policy));
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
  readonly model: Model;
  readonly policy: Policy;
  readonly decisions: ReadonlyMap<string, Decision>;
}

/** What may not differ: what readable fields are computed from, and what decides whether they are released. */
function keptOf({ model, policy: { schema }, decisions }: Keeping): ReadonlySet<string> {
  const kept = new Set<string>();
  const keep = (coordinate: string): void => {
    for (const input of schema.catalogue.fields.get(coordinate)?.requires ?? []) {
      if (kept.has(input)) continue;
      kept.add(input);
      keep(input);
    }
  };
  for (const [coordinate, decision] of decisions) if (decision.kind !== "deny") keep(coordinate);
  // Who knows the interface alone computes its field for objects of each type, whichever type it was asked of: so the planner has it.
  const { media } = model;
  if (media?.members.some((member) => kept.has(`${member}.${media.own.name}`)))
    for (const member of media.members) kept.add(`${member}.${media.own.name}`);
  for (const decision of decisions.values())
    for (const { type, path } of decision.kind === "deny" ? [] : (decision.where ?? [])) kept.add(`${type}.${path.join(".")}`);
  return kept;
}

/** Looks at conditions as the rules say it, on the values of the model. */
function createConditions(model: Model, shapes: ReadonlyMap<string, Mask>): (condition: Condition, instance: Instance) => boolean {
  const world: World = { model, fields: fieldsOf(model), faults: { kind: "none" }, isWhole: true, counter: 1 };
  return ({ type, path, comparison }, instance) => {
    const [name = ""] = path;
    const field = world.fields.get(`${type}.${name}`);
    if (field === undefined || path.length > 1) return false;
    const read = valueOf(world, { field, source: instance, args: {}, inputs: inputsOf(world, field, instance), via: "" });
    const mask = shapes.get(`${type}.${name}`);
    const value = mask === undefined ? read : mapTexts(read, (text) => shapeFor(mask, text));
    if (comparison.kind === "is") return comparison.operands.some((operand) => operand.kind === "literal" && operand.value === value);
    if (comparison.kind === "has")
      return Array.isArray(value) && comparison.operands.some((operand) => operand.kind === "literal" && value.includes(operand.value));
    if (comparison.kind === "some" || comparison.operand.kind !== "literal" || typeof value !== "number") return false;
    const bound = Number(comparison.operand.value);
    return comparison.kind === "from" ? value >= bound : value < bound;
  };
}

/** A field's value without faults, for the departments' own lists. */
export function readPlain(world: World, field: ModelField, instance: Instance): unknown {
  return world.fields.has(`${instance.type}.${field.name}`)
    ? valueOf(world, { field, source: instance, args: {}, inputs: [], via: "" })
    : plainValue(instance, field.name);
}
