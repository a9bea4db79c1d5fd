import type { GraphQLField, GraphQLInputType, GraphQLNamedType } from "graphql";
import { getNamedType, isAbstractType, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from "graphql";
import type { Agreement, Bundle, Share } from "./bundle.ts";
import type { PolicySchema } from "./graph.ts";
import type { EntitlementQuestion } from "./policy.ts";
import type { AgreementRef, Condition, Decision, DenyReason, Mask } from "./words.ts";

/** The calendar day in Hong Kong, `YYYY-MM-DD`, by the runtime's own table of time zones. */
const HONG_KONG_DAY = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Hong_Kong", dateStyle: "short" });

/** What the slow evaluator decides from. */
export interface NaiveWorld {
  readonly bundle: Bundle;
  readonly schema: PolicySchema;
  readonly question: EntitlementQuestion;
}

/**
 * Decides on one coordinate straight from the rules, slowly, and with nothing of the compiled evaluator: tests compare the two.
 * It doesn't check the bundle; give it one that compiles.
 */
export function decideNaively(world: NaiveWorld, coordinate: string): Decision {
  const { apiSchema } = world.schema;
  const [, typeName = "", member = "", argument] = /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(coordinate) ?? [];
  const type = apiSchema.getType(typeName);
  if (member === "__typename" && argument === undefined && (isObjectType(type) || isAbstractType(type)))
    return { kind: "allow", by: undefined };
  if (isInterfaceType(type)) return onInterface(world, type, { member, argument });
  if (isObjectType(type)) {
    const field = type.getFields()[member];
    if (field === undefined) return no("NOT_IN_AGREEMENT");
    if (argument === undefined) return onField(world, `${typeName}.${member}`, []);
    return field.args.some(({ name }) => name === argument) ? onArgument(world, `${typeName}.${member}`, argument) : no("NOT_IN_AGREEMENT");
  }
  return onInput(world, coordinate);
}

/** Rule 1 (default deny), rule 5 (withhold wins, the strictest mask wins) and rule 6 (dates), then rule 4 (derived fields). */
function onField(world: NaiveWorld, coordinate: string, asking: readonly string[]): Decision {
  const { catalogue } = world.schema;
  const entry = catalogue.fields.get(coordinate);
  const isOpen = isOpenField(world, coordinate);
  const granted = winning(world, coordinate);
  if (!isOpen) {
    if (isWithheld(world, coordinate)) return no("WITHHELD");
    if (granted === undefined) return no(reasonFor(world, coordinate));
  }
  // An OPEN field is under no condition, whatever an agreement that shares it all the same says.
  const conditioned = isOpen ? undefined : granted;
  for (const input of entry?.requires ?? []) {
    if (granted?.share.declassifies.some((mention) => mention.coordinate === input)) continue;
    // A field that leads back to itself is in its own way only where it is masked: its other inputs are being asked for already.
    const isAsked = asking.includes(input) || input === coordinate;
    const isClear = isAsked
      ? isOpenField(world, input) || isClearGrant(winning(world, input), conditioned)
      : isClearInput(onField(world, input, [...asking, coordinate]), conditioned);
    if (!isClear) return no("DERIVED_FROM_WITHHELD");
  }
  if (isOpen || granted === undefined) return { kind: "allow", by: undefined };
  const by = refOf(granted.agreement);
  const conditions = whatMustHold(granted);
  const where = conditions.length === 0 ? {} : { where: conditions };
  return granted.share.mask === undefined ? { kind: "allow", by, ...where } : { kind: "mask", mask: granted.share.mask, by, ...where };
}

/** An input counts as readable where nothing must hold of it that needn't hold of the field that is computed from it. */
function isClearInput(input: Decision, field: Winner | undefined): boolean {
  if (input.kind !== "allow") return false;
  const wanted = field === undefined ? [] : whatMustHold(field).map(spell);
  return (input.where ?? []).every((condition) => wanted.includes(spell(condition)));
}

function isClearGrant(input: Winner | undefined, field: Winner | undefined): boolean {
  if (input?.share.mask !== undefined) return false;
  const wanted = field === undefined ? [] : whatMustHold(field).map(spell);
  return input === undefined || whatMustHold(input).every((condition) => wanted.includes(spell(condition)));
}

/** The conditions that the agreement writes for the type of the field, each once, in an order that depends on what they say alone. */
function whatMustHold({ agreement, share }: Winner): readonly Condition[] {
  const [type] = share.coordinate.split(".");
  const found = agreement.where.map(({ condition }) => condition).filter((condition) => condition.type === type);
  const spelt = [...new Set(found.map(spell))].sort();
  return spelt.flatMap((text) => found.find((condition) => spell(condition) === text) ?? []);
}

function spell({ type, path, comparison }: Condition): string {
  const subject = `${type}.${path.join(".")} ${comparison.kind} `;
  if (comparison.kind === "some") return `${subject}(${comparison.conditions.map(spell).sort().join(", ")})`;
  const operands = comparison.kind === "is" || comparison.kind === "has" ? comparison.operands : [comparison.operand];
  return (
    subject +
    operands
      .map((operand) => JSON.stringify(operand.kind === "literal" ? [operand.value] : operand.kind))
      .sort()
      .join(" ")
  );
}

function isOpenField(world: NaiveWorld, coordinate: string): boolean {
  const entry = world.schema.catalogue.fields.get(coordinate);
  return entry?.classification.level === "OPEN" && entry.owners.length > 0;
}

function onArgument(world: NaiveWorld, field: string, argument: string): Decision {
  const decision = onField(world, field, []);
  if (decision.kind === "deny") return decision;
  if (isOpenField(world, field)) return { kind: "allow", by: undefined };
  const granted = winning(world, field);
  const isListed = granted?.agreement.arguments.some(({ coordinate }) => coordinate === `${field}(${argument}:)`) ?? false;
  return granted !== undefined && isListed ? { kind: "allow", by: refOf(granted.agreement) } : no("ARGUMENT_NOT_ALLOWED");
}

/** Rule 3: an interface gives what every possible type gives. */
function onInterface(
  world: NaiveWorld,
  type: Extract<GraphQLNamedType, { getInterfaces: unknown }>,
  { member, argument }: { readonly member: string; readonly argument: string | undefined },
): Decision {
  const field = type.getFields()[member];
  const isKnown = field !== undefined && (argument === undefined || field.args.some(({ name }) => name === argument));
  const objects = isInterfaceType(type) ? [...world.schema.apiSchema.getPossibleTypes(type)] : [];
  if (!isKnown || objects.length === 0) return no("NOT_IN_AGREEMENT");
  const rest = argument === undefined ? member : `${member}(${argument}:)`;
  const decisions = objects
    .map(({ name }) => name)
    .sort()
    .map((name) => decideNaively(world, `${name}.${rest}`));
  const denials = decisions.flatMap((decision) => (decision.kind === "deny" ? [decision.reason] : []));
  if (denials.length === decisions.length) return no(firstOf(denials));
  const masks = new Set(decisions.map((decision) => JSON.stringify(decision.kind === "mask" ? ordered(decision.mask) : decision.kind)));
  const isConditioned = decisions.some((decision) => decision.kind !== "deny" && decision.where !== undefined);
  if (denials.length > 0 || masks.size > 1 || isConditioned) return no("POLYMORPHIC_PARTIAL");
  return decisions.find((decision) => decision.kind !== "deny" && decision.by !== undefined) ?? { kind: "allow", by: undefined };
}

/** Rule 2: an input field or enum value may be written where every allowed argument whose type holds it is OPEN's, or its agreement lists it. */
function onInput(world: NaiveWorld, coordinate: string): Decision {
  const allowed: Decision[] = [];
  for (const type of Object.values(world.schema.apiSchema.getTypeMap()).sort((one, other) => (one.name < other.name ? -1 : 1))) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    const fields: readonly GraphQLField<unknown, unknown>[] = Object.values(type.getFields());
    for (const { name, args } of fields.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
      for (const argument of args.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
        if (!canHold(argument.type, coordinate, new Set())) continue;
        const decision = onArgument(world, `${type.name}.${name}`, argument.name);
        if (decision.kind !== "allow") continue;
        const isListed =
          isOpenField(world, `${type.name}.${name}`) ||
          winning(world, `${type.name}.${name}`)?.agreement.arguments.some((mention) => mention.coordinate === coordinate);
        if (isListed !== true) return no("ARGUMENT_NOT_ALLOWED");
        allowed.push(decision);
      }
    }
  }
  return allowed.find((decision) => decision.kind === "allow" && decision.by === undefined) ?? allowed[0] ?? no("NOT_IN_AGREEMENT");
}

function canHold(type: GraphQLInputType, coordinate: string, seen: ReadonlySet<string>): boolean {
  const named = getNamedType(type);
  if (seen.has(named.name)) return false;
  if (isEnumType(named)) return named.getValues().some(({ name }) => `${named.name}.${name}` === coordinate);
  if (!isInputObjectType(named)) return false;
  const within = new Set([...seen, named.name]);
  return Object.values(named.getFields()).some(
    (field) => `${named.name}.${field.name}` === coordinate || canHold(field.type, coordinate, within),
  );
}

interface Winner {
  readonly agreement: Agreement;
  readonly share: Share;
}

/** The strictest of the grants that hold now, for this purpose and case. */
function winning(world: NaiveWorld, coordinate: string): Winner | undefined {
  const holding = world.bundle.agreements.flatMap((agreement) => {
    const share = agreement.shares.find((candidate) => candidate.coordinate === coordinate);
    return share !== undefined && holds(world, agreement) && hasCase(world, agreement) ? [{ agreement, share }] : [];
  });
  return holding.find((one) =>
    holding.every((other) => hides(one.share.mask) >= hides(other.share.mask) && whatMustHold(one).length >= whatMustHold(other).length),
  );
}

/** The more, the stricter. Masks that can't be told apart so never meet in a bundle that compiles. */
function hides(mask: Mask | undefined): number {
  switch (mask?.kind) {
    case undefined:
      return 0;
    case "keep":
      return 100 - mask.first - mask.last;
    case "year":
      return 200;
    case "band":
      return 300;
    case "exists":
      return 400;
    // These compare with none of the masks between nothing and `exists`.
    case "initials":
    case "district":
    case "pseudonym":
      return 350;
  }
}

function isWithheld(world: NaiveWorld, coordinate: string): boolean {
  return world.bundle.agreements.some(
    (agreement) => holds(world, agreement) && agreement.withholds.some((withheld) => withheld.coordinate === coordinate),
  );
}

function reasonFor(world: NaiveWorld, coordinate: string): DenyReason {
  const today = hongKongDay(world.question.nowMs);
  const sharing = world.bundle.agreements.filter(
    (agreement) =>
      agreement.recipient === world.question.bureau &&
      isApproved(agreement) &&
      agreement.shares.some((share) => share.coordinate === coordinate),
  );
  const same = sharing.filter(({ purpose }) => purpose === world.question.purpose);
  if (same.some((agreement) => holds(world, agreement))) return "CASE_REQUIRED";
  if (same.some(({ valid }) => today < valid.from)) return "NOT_YET_VALID";
  if (same.some(({ valid }) => today >= valid.until)) return "EXPIRED";
  const others = sharing.filter(({ purpose }) => purpose !== world.question.purpose);
  return others.some(({ valid }) => valid.from <= today && today < valid.until) ? "PURPOSE" : "NOT_IN_AGREEMENT";
}

function holds({ question }: NaiveWorld, agreement: Agreement): boolean {
  const today = hongKongDay(question.nowMs);
  return (
    agreement.recipient === question.bureau &&
    agreement.purpose === question.purpose &&
    isApproved(agreement) &&
    agreement.valid.from <= today &&
    today < agreement.valid.until
  );
}

function hasCase({ question }: NaiveWorld, { casePattern }: Agreement): boolean {
  if (casePattern === undefined) return true;
  return (
    question.caseReference !== undefined && question.caseReference.length <= 64 && new RegExp(casePattern).test(question.caseReference)
  );
}

function isApproved({ approvals, legalBasis, review }: Agreement): boolean {
  const first = approvals[0]?.post.toLowerCase().trim();
  return legalBasis !== undefined && review !== undefined && approvals.some(({ post }) => post.toLowerCase().trim() !== first);
}

function hongKongDay(nowMs: number): string {
  return HONG_KONG_DAY.format(nowMs);
}

function firstOf(reasons: readonly DenyReason[]): DenyReason {
  const order: readonly DenyReason[] = [
    "WITHHELD",
    "DERIVED_FROM_WITHHELD",
    "POLYMORPHIC_PARTIAL",
    "ARGUMENT_NOT_ALLOWED",
    "CASE_REQUIRED",
    "NOT_YET_VALID",
    "EXPIRED",
    "PURPOSE",
  ];
  return order.find((reason) => reasons.includes(reason)) ?? "NOT_IN_AGREEMENT";
}

function ordered(mask: Mask): readonly unknown[] {
  return Object.entries(mask).toSorted(([one], [other]) => (one < other ? -1 : 1));
}

function refOf({ agreement, version }: Agreement): AgreementRef {
  return { agreement, version };
}

function no(reason: DenyReason): Decision {
  return { kind: "deny", reason };
}
