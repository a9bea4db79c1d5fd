import { canonicalText } from "./canonical.ts";
import type { Column } from "./cells.ts";
import { listColumns } from "./cells.ts";
import { conditionsContent, maskContent } from "./content.ts";
import { decideAll } from "./decide.ts";
import { compareMasks } from "./masks.ts";
import type { Policy } from "./policy.ts";
import type { Reach } from "./reach.ts";
import { readReach } from "./reach.ts";
import type { Sampling } from "./sample.ts";
import { createSampling } from "./sample.ts";
import type { Terms } from "./terms.ts";
import type { Condition, Decision } from "./words.ts";

/** A coordinate that two bundles decide differently for a bureau and a purpose. */
export interface Change extends Column {
  /** A field of a type or an interface, an argument, an input field or an enum's value. */
  readonly coordinate: string;
  /** Whether the decision changes with a case reference where one is required, without one, or either way. */
  readonly when: "given" | "without" | "either";
  /** Epoch milliseconds from which the two differ in this way: the moment asked about, or a later edge of an agreement. */
  readonly fromMs: number;
  /** Epoch milliseconds from which they don't differ in this way any more; undefined where that stays. */
  readonly untilMs: number | undefined;
  readonly before: Decision;
  readonly after: Decision;
  readonly direction: "wider" | "narrower" | "other";
  /** The shortest operation that is answered differently; undefined where no operation reaches the coordinate. */
  readonly operation: string | undefined;
}

const NOT_IN_AGREEMENT: Decision = Object.freeze({ kind: "deny", reason: "NOT_IN_AGREEMENT" });

/** One of the two policies, with what is read of it once. */
interface Side {
  readonly policy: Policy;
  readonly reach: Reach;
  /** What is decided of a bureau without any agreement: what is OPEN is in it. */
  readonly unsaid: ReadonlyMap<string, Decision>;
  readonly sampling: Sampling;
}

type Pair<Value> = readonly [before: Value, after: Value];

/**
 * What changes when one bundle takes another's place, from a moment on: every coordinate of every bureau and purpose, at every later moment
 * too. Decisions change only at the edges of agreements, and then only what touches the fields of such an agreement: no more is decided
 * again, and the result is that of comparing cell by cell.
 */
export function diffPolicies(before: Policy, after: Policy, nowMs: number): readonly Change[] {
  const sides: Pair<Side> = [createSide(before), createSide(after)];
  const unlike = listUnlike(sides);
  const columns = new Map([...listColumns(before), ...listColumns(after)].map((column) => [`${column.bureau} ${column.purpose}`, column]));
  return [...columns]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, column]) => diffColumn({ sides, unlike, column, nowMs }));
}

function createSide(policy: Policy): Side {
  const moment = { purpose: "", nowMs: 0, matches: () => false };
  const { graph, schema } = policy;
  return {
    policy,
    reach: readReach(graph),
    unsaid: decideAll(graph, [], moment),
    sampling: createSampling(schema.apiSchema),
  };
}

/** Coordinates that graphs decide differently before any agreement says something: those of graphs that aren't the same. */
function listUnlike([one, other]: Pair<Side>): readonly string[] {
  if (one.policy.schema === other.policy.schema) return [];
  const all = new Set([...one.unsaid.keys(), ...other.unsaid.keys()]);
  return [...all].filter((coordinate) => {
    const decisions = [one, other].map(({ unsaid }) => unsaid.get(coordinate) ?? NOT_IN_AGREEMENT);
    return !coordinate.endsWith(".__typename") && !isSameDecision(decisions[0], decisions[1]);
  });
}

interface ColumnDiff {
  readonly sides: Pair<Side>;
  readonly unlike: readonly string[];
  readonly column: Column;
  readonly nowMs: number;
}

/** A difference that began and may end. */
interface Span {
  readonly coordinate: string;
  readonly fromMs: number;
  untilMs: number | undefined;
  readonly before: Decision;
  readonly after: Decision;
  readonly direction: Change["direction"];
  readonly operation: string | undefined;
}

function diffColumn({ sides, unlike, column, nowMs }: ColumnDiff): readonly Change[] {
  const own = pairOf(sides, ({ policy }) => policy.terms.filter(({ agreement }) => agreement.recipient === column.bureau));
  const all = own.flat();
  // Where no agreement asks for a case, it makes no difference.
  const isCaseAsked = all.some(({ pattern }) => pattern !== undefined);
  const given = createLedger({ sides, own, purpose: column.purpose, isCaseGiven: true });
  const without = isCaseAsked ? createLedger({ sides, own, purpose: column.purpose, isCaseGiven: false }) : undefined;
  const turn = (fromMs: number, terms: readonly Terms[], others: readonly string[]): void => {
    const fields = new Set(terms.flatMap(({ mentions }) => mentions));
    const rows = new Set([...others, ...sides.flatMap(({ reach }) => [...reach.touchedBy(fields)])]);
    const graphs = pairOf(sides, ({ reach }) => reach.narrow(rows));
    for (const ledger of [given, without]) ledger?.turn({ fromMs, rows, graphs });
  };
  turn(nowMs, all, unlike);
  for (const [edge, terms] of edgesOf(all)) if (edge > nowMs) turn(edge, terms, []);
  return listChanges(column, given.spans, without?.spans);
}

function edgesOf(all: readonly Terms[]): readonly (readonly [edgeMs: number, terms: readonly Terms[]])[] {
  const edges = all.filter(({ isActive }) => isActive).flatMap((terms) => [terms.fromMs, terms.untilMs].map((edge) => ({ edge, terms })));
  const grouped = Map.groupBy(edges, ({ edge }) => edge);
  return [...grouped].sort(([one], [other]) => one - other).map(([edge, found]) => [edge, found.map(({ terms }) => terms)] as const);
}

interface LedgerOptions {
  readonly sides: Pair<Side>;
  readonly own: Pair<readonly Terms[]>;
  readonly purpose: string;
  readonly isCaseGiven: boolean;
}

/** A moment at which the decisions on some coordinates may become others. */
interface Turn {
  readonly fromMs: number;
  readonly rows: ReadonlySet<string>;
  /** Parts of both graphs by which the rows are decided. */
  readonly graphs: Pair<Policy["graph"]>;
}

interface Ledger {
  readonly spans: readonly Span[];
  readonly turn: (turn: Turn) => void;
}

/** Keeps what both sides decide, moment after moment, and writes down where that differs. */
function createLedger({ sides, own, purpose, isCaseGiven }: LedgerOptions): Ledger {
  const spans: Span[] = [];
  const open = new Map<string, Span>();
  const decided = pairOf(sides, () => new Map<string, Decision>());
  const decisionOf = (place: 0 | 1, coordinate: string): Decision =>
    decided[place].get(coordinate) ?? sides[place].unsaid.get(coordinate) ?? NOT_IN_AGREEMENT;
  const turn = ({ fromMs, rows, graphs }: Turn): void => {
    for (const place of [0, 1] as const) {
      const found = decideAll(graphs[place], own[place], { purpose, nowMs: fromMs, matches: () => isCaseGiven });
      for (const row of rows) decided[place].set(row, found.get(row) ?? NOT_IN_AGREEMENT);
    }
    const samplers = pairOf(sides, ({ sampling }, place) => sampling((coordinate) => decisionOf(place, coordinate).kind !== "deny"));
    for (const coordinate of rows) {
      const [before, after] = [decisionOf(0, coordinate), decisionOf(1, coordinate)];
      const known = open.get(coordinate);
      if (known !== undefined && isSameDecision(known.before, before) && isSameDecision(known.after, after)) continue;
      if (known !== undefined) known.untilMs = fromMs;
      open.delete(coordinate);
      if (isSameDecision(before, after)) continue;
      const direction = directionOf(before, after);
      const operation = samplers[direction === "narrower" ? 0 : 1](coordinate);
      const span: Span = { coordinate, fromMs, untilMs: undefined, before, after, direction, operation };
      spans.push(span);
      open.set(coordinate, span);
    }
  };
  return { spans, turn };
}

/** One change where the same differs with a case and without, from and until the same moments. */
function listChanges(column: Column, given: readonly Span[], without: readonly Span[] | undefined): readonly Change[] {
  const keyOf = ({ coordinate, fromMs }: Span): string => `${coordinate} ${fromMs}`;
  const others = new Map((without ?? []).map((span) => [keyOf(span), span]));
  const changes = given.map((span): Change => {
    const twin = others.get(keyOf(span));
    const isEither =
      without === undefined ||
      (twin?.untilMs === span.untilMs && isSameDecision(twin?.before, span.before) && isSameDecision(twin?.after, span.after));
    if (isEither) others.delete(keyOf(span));
    return { ...column, ...span, when: isEither ? "either" : "given" };
  });
  changes.push(...[...others.values()].map((span): Change => ({ ...column, ...span, when: "without" })));
  const order = (one: Change, other: Change): number =>
    one.fromMs - other.fromMs || compareTexts(one.coordinate, other.coordinate) || compareTexts(one.when, other.when);
  return changes.sort(order);
}

function compareTexts(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

function pairOf<From, To>([before, after]: Pair<From>, make: (one: From, place: 0 | 1) => To): Pair<To> {
  return [make(before, 0), make(after, 1)];
}

function isSameDecision(one: Decision | undefined, other: Decision | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  if (one.kind === "deny" || other.kind === "deny") return one.kind === "deny" && other.kind === "deny" && one.reason === other.reason;
  const isSameBasis = one.by?.agreement === other.by?.agreement && one.by?.version === other.by?.version;
  return isSameBasis && isSameMask(one, other) && isSameWhere(one.where, other.where);
}

type Readable = Exclude<Decision, { readonly kind: "deny" }>;

function isSameMask(one: Readable, other: Readable): boolean {
  const [mask, otherMask] = [one, other].map((decision) => (decision.kind === "mask" ? decision.mask : undefined));
  return mask === otherMask || canonicalText(maskContent(mask)) === canonicalText(maskContent(otherMask));
}

function isSameWhere(one: readonly Condition[] | undefined, other: readonly Condition[] | undefined): boolean {
  return one === other || canonicalText(conditionsContent(one)) === canonicalText(conditionsContent(other));
}

function directionOf(before: Decision, after: Decision): Change["direction"] {
  if (before.kind === "deny") return after.kind === "deny" ? "other" : "wider";
  if (after.kind === "deny") return "narrower";
  const [old, next] = [before.where ?? [], after.where ?? []];
  const masks = compareMasks(after.kind === "mask" ? after.mask : undefined, before.kind === "mask" ? before.mask : undefined);
  if (isSameWhere(old, next)) return masks === "stricter" ? "narrower" : masks === "looser" ? "wider" : "other";
  if (masks !== "equal") return "other";
  if (old.length === 0) return "narrower";
  return next.length === 0 ? "wider" : "other";
}
