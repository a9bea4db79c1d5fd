import type { Share } from "./bundle.ts";
import { conditionKey } from "./condition.ts";
import { compareGrants, conditionsOn } from "./grants.ts";
import type { Graph, GraphField } from "./graph.ts";
import { compareMasks } from "./masks.ts";
import type { Moment, Standing, Terms } from "./terms.ts";
import { standingOf } from "./terms.ts";
import type { Decision, DenyReason } from "./words.ts";

/** Reasons from the most to the least telling. Of several that hold, the caller is told the first. */
const TELLING: readonly DenyReason[] = [
  "WITHHELD",
  "DERIVED_FROM_WITHHELD",
  "POLYMORPHIC_PARTIAL",
  "ARGUMENT_NOT_ALLOWED",
  "LIMIT",
  "MATCHING",
  "CASE_REQUIRED",
  "NOT_YET_VALID",
  "EXPIRED",
  "PURPOSE",
  "NOT_IN_AGREEMENT",
];

const REASONS: Readonly<Record<Exclude<Standing, "granting">, DenyReason>> = {
  case: "CASE_REQUIRED",
  early: "NOT_YET_VALID",
  late: "EXPIRED",
  purpose: "PURPOSE",
  silent: "NOT_IN_AGREEMENT",
};

const ALLOW_OPEN: Decision = Object.freeze({ kind: "allow", by: undefined });

const DENIALS: ReadonlyMap<DenyReason, Decision> = new Map(TELLING.map((reason) => [reason, Object.freeze({ kind: "deny", reason })]));

/** A field's decision with what it rests on. */
interface Ruling {
  readonly decision: Decision;
  readonly share: Share | undefined;
  readonly terms: Terms | undefined;
}

/**
 * Decides on every coordinate of a graph for one bureau at one moment.
 *
 * @param all The agreements of which the bureau is the recipient.
 * @returns The decisions; a coordinate that no agreement tells anything about is left out.
 */
export function decideAll(graph: Graph, all: readonly Terms[], moment: Moment): ReadonlyMap<string, Decision> {
  const voices = listVoices(graph, all, moment);
  const rulings = new Map<string, Ruling>();
  for (const field of graph.fields.values()) rulings.set(field.coordinate, ruleField(field, voices.get(field.coordinate)));
  withholdDerived(graph, rulings);
  const decisions = new Map<string, Decision>();
  const inputs = new Map<string, Decision[]>();
  for (const field of graph.fields.values()) addField({ decisions, inputs }, field, rulings.get(field.coordinate));
  for (const [coordinate, found] of inputs) decisions.set(coordinate, decideInput(found));
  for (const [coordinate, parts] of graph.shared) decisions.set(coordinate, decideShared(parts, decisions));
  for (const coordinate of graph.typenames) decisions.set(coordinate, ALLOW_OPEN);
  for (const [coordinate, decision] of decisions) {
    if (decision.kind === "deny" && decision.reason === "NOT_IN_AGREEMENT") decisions.delete(coordinate);
  }
  return decisions;
}

/** An agreement that names a field, with where it stands. */
interface Voice {
  readonly terms: Terms;
  readonly standing: Standing;
}

function listVoices({ fields }: Graph, all: readonly Terms[], moment: Moment): ReadonlyMap<string, readonly Voice[]> {
  const voices = new Map<string, Voice[]>();
  for (const terms of all) {
    const voice: Voice = { terms, standing: standingOf(terms, moment) };
    for (const coordinate of terms.mentions) {
      if (!fields.has(coordinate)) continue;
      const found = voices.get(coordinate);
      if (found === undefined) voices.set(coordinate, [voice]);
      else found.push(voice);
    }
  }
  return voices;
}

const OPEN: Ruling = Object.freeze({ decision: ALLOW_OPEN, share: undefined, terms: undefined });

const UNSAID: Ruling = Object.freeze({ decision: deny("NOT_IN_AGREEMENT"), share: undefined, terms: undefined });

function ruleField(field: GraphField, voices: readonly Voice[] | undefined): Ruling {
  if (voices === undefined) return field.isOpen ? OPEN : UNSAID;
  const { coordinate } = field;
  const grant = strictestGrant(coordinate, voices);
  if (field.isOpen) return { decision: ALLOW_OPEN, ...grant };
  const reasons: DenyReason[] = [];
  for (const { terms, standing } of voices) {
    // Withholding doesn't wait for a case: what nobody should get is kept back from callers without a case too.
    if (terms.withholds.has(coordinate) && (standing === "granting" || standing === "case")) reasons.push("WITHHELD");
    if (terms.shares.has(coordinate) && standing !== "granting") reasons.push(REASONS[standing]);
  }
  if (reasons.includes("WITHHELD") || grant.share === undefined) return { decision: deny(mostTelling(reasons)), ...grant };
  return { decision: grantDecision(grant.share, grant.terms), ...grant };
}

function grantDecision({ coordinate, mask }: Share, terms: Terms): Decision {
  const by = terms.ref;
  const where = conditionsOn(coordinate, terms);
  const conditioned = where.length === 0 ? {} : { where };
  return Object.freeze(mask === undefined ? { kind: "allow", by, ...conditioned } : { kind: "mask", mask, by, ...conditioned });
}

type Grant = { readonly share: Share; readonly terms: Terms } | { readonly share: undefined; readonly terms: undefined };

function strictestGrant(coordinate: string, voices: readonly Voice[]): Grant {
  let strictest: Grant = { share: undefined, terms: undefined };
  for (const { terms, standing } of voices) {
    const share = terms.shares.get(coordinate);
    if (share === undefined || standing !== "granting") continue;
    if (strictest.share === undefined || compareGrants({ share, terms }, strictest) === "stricter") strictest = { share, terms };
  }
  return strictest;
}

/**
 * Takes away fields that are computed from what the bureau can't read in clear and that no agreement declassifies, again and again until
 * nothing changes, as such a field may itself be an input of another.
 */
function withholdDerived(graph: Graph, rulings: Map<string, Ruling>): void {
  const derived = [...graph.fields.values()].filter(({ requires }) => requires.length > 0);
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const { coordinate, requires } of derived) {
      const ruling = rulings.get(coordinate);
      if (ruling === undefined || ruling.decision.kind === "deny") continue;
      const released = new Set(ruling.share?.declassifies.map((mention) => mention.coordinate));
      if (requires.every((input) => released.has(input) || isReadableWith(rulings.get(input)?.decision, ruling.decision))) continue;
      rulings.set(coordinate, { ...ruling, decision: deny("DERIVED_FROM_WITHHELD") });
      isChanged = true;
    }
  }
}

/** Whether an input is readable in clear wherever the field that is computed from it is: under no condition that the field isn't under too. */
function isReadableWith(input: Decision | undefined, field: Decision): boolean {
  if (input?.kind !== "allow") return false;
  if (input.where === undefined) return true;
  const held = new Set((field.kind === "deny" ? [] : (field.where ?? [])).map(conditionKey));
  return input.where.every((condition) => held.has(conditionKey(condition)));
}

interface Deciding {
  readonly decisions: Map<string, Decision>;
  /** What each allowed argument that takes an input says of it. */
  readonly inputs: Map<string, Decision[]>;
}

function addField({ decisions, inputs }: Deciding, field: GraphField, ruling: Ruling | undefined): void {
  if (ruling === undefined) return;
  const { decision, terms } = ruling;
  decisions.set(field.coordinate, decision);
  for (const argument of field.arguments) {
    const argumentDecision = decideArgument(argument.coordinate, field, ruling);
    decisions.set(argument.coordinate, argumentDecision);
    if (argumentDecision.kind !== "allow") continue;
    for (const input of argument.inputs) {
      const isFree = argumentDecision.by === undefined || terms?.arguments.has(input) === true;
      const said = isFree ? argumentDecision : deny("ARGUMENT_NOT_ALLOWED");
      const found = inputs.get(input);
      if (found === undefined) inputs.set(input, [said]);
      else found.push(said);
    }
  }
}

/**
 * An input field or an enum's value is judged wherever it is written, so it is allowed only where every argument that may be given and can
 * hold it allows it. One that OPEN fields take needs no agreement.
 */
function decideInput(found: readonly Decision[]): Decision {
  const denied = found.find(({ kind }) => kind === "deny");
  return denied ?? found.find((decision) => decision.kind === "allow" && decision.by === undefined) ?? found[0] ?? deny("NOT_IN_AGREEMENT");
}

/** An argument follows its field: of an OPEN one it is free; of a governed one, the agreement that the field's decision rests on must list it. */
function decideArgument(coordinate: string, field: GraphField, { decision, terms }: Ruling): Decision {
  if (decision.kind === "deny") return decision;
  if (field.isOpen) return ALLOW_OPEN;
  return terms?.arguments.has(coordinate) === true ? Object.freeze({ kind: "allow", by: terms.ref }) : deny("ARGUMENT_NOT_ALLOWED");
}

/** What an interface has is readable where it is readable, in the same form, on every possible type. */
function decideShared(parts: readonly string[], decisions: ReadonlyMap<string, Decision>): Decision {
  const all = parts.map((part) => decisions.get(part) ?? deny("NOT_IN_AGREEMENT"));
  const readable = all.filter((decision) => decision.kind !== "deny");
  if (readable.length === 0) return deny(mostTelling(all.flatMap((decision) => (decision.kind === "deny" ? decision.reason : []))));
  const first = readable.find(({ by }) => by !== undefined) ?? readable[0];
  const isUniform =
    readable.length === all.length &&
    // Conditions look at objects of one type, so an interface's field has none that holds for all.
    readable.every((decision) => decision.where === undefined && compareMasks(maskOf(decision), maskOf(first)) === "equal");
  return isUniform && first !== undefined ? first : deny("POLYMORPHIC_PARTIAL");
}

function maskOf(decision: Decision | undefined): Extract<Decision, { readonly kind: "mask" }>["mask"] | undefined {
  return decision?.kind === "mask" ? decision.mask : undefined;
}

function mostTelling(reasons: readonly DenyReason[]): DenyReason {
  return TELLING.find((reason) => reasons.includes(reason)) ?? "NOT_IN_AGREEMENT";
}

function deny(reason: DenyReason): Decision {
  return DENIALS.get(reason) ?? Object.freeze({ kind: "deny", reason });
}
