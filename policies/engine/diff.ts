import { canonicalText } from "./canonical.ts";
import type { Column } from "./cells.ts";
import { listColumns, listGoverned } from "./cells.ts";
import { agreementContent, conditionsContent, maskContent } from "./content.ts";
import { compareMasks } from "./masks.ts";
import type { Policy } from "./policy.ts";
import { createSampler } from "./sample.ts";
import type { Decision } from "./words.ts";

/** A cell of the matrix that two bundles decide differently. */
export interface Change extends Column {
  readonly coordinate: string;
  /** Whether this is the decision with a case reference where one is required. */
  readonly isCaseGiven: boolean;
  /** Epoch milliseconds from which the two differ in this way: the moment asked about, or a later edge of an agreement. */
  readonly fromMs: number;
  readonly before: Decision;
  readonly after: Decision;
  readonly direction: "wider" | "narrower" | "other";
  /** The shortest operation that is answered differently; undefined where no operation reaches the coordinate. */
  readonly operation: string | undefined;
}

const NOT_IN_AGREEMENT: Decision = Object.freeze({ kind: "deny", reason: "NOT_IN_AGREEMENT" });

/**
 * What changes when one bundle takes another's place, from a moment on. Every edge of an agreement after the moment is looked at too, so
 * that what takes effect later is told. A bureau whose agreements are equal in both is passed over, as nothing can differ.
 */
export function diffPolicies(before: Policy, after: Policy, nowMs: number): readonly Change[] {
  const rows = [...new Set([...listGoverned(before), ...listGoverned(after)].map(({ coordinate }) => coordinate))].sort();
  const textOf = createTexts();
  const columns = new Map([...listColumns(before), ...listColumns(after)].map((column) => [`${column.bureau} ${column.purpose}`, column]));
  return [...columns]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, column]) =>
      saidTo(before, column) === saidTo(after, column) ? [] : diffColumn({ before, after, column, nowMs, rows, textOf }),
    );
}

/** All that the bureau's agreements say. Those for other purposes count: they are why a denial gives its reason. */
function saidTo({ terms }: Policy, { bureau }: Column): string {
  const own = terms.filter(({ agreement }) => agreement.recipient === bureau);
  return canonicalText(own.map(({ agreement }) => agreementContent(agreement)));
}

interface ColumnDiff {
  readonly before: Policy;
  readonly after: Policy;
  readonly column: Column;
  readonly nowMs: number;
  /** Coordinates that a bundle may decide on, sorted. */
  readonly rows: readonly string[];
  /** Equal texts mean equal decisions. */
  readonly textOf: (decision: Decision) => string;
}

function diffColumn({ before, after, column, nowMs, rows, textOf }: ColumnDiff): readonly Change[] {
  const told = new Map<string, string>();
  // Where no agreement asks for a case, it makes no difference.
  const isCaseAsked = [before, after].some(({ terms }) =>
    terms.some(({ agreement, pattern }) => agreement.recipient === column.bureau && pattern !== undefined),
  );
  const cases = isCaseAsked ? [true, false] : [true];
  return instantsOf([before, after], column, nowMs).flatMap((fromMs) => {
    const question = { ...column, nowMs: fromMs, caseReference: undefined };
    return cases.flatMap((isCaseGiven) => {
      const [old, next] = [before.decideFor(question, isCaseGiven), after.decideFor(question, isCaseGiven)];
      const samplers = createSamplers({ before, after, old, next });
      return rows.flatMap((coordinate): readonly Change[] => {
        const [one, other] = [old.get(coordinate) ?? NOT_IN_AGREEMENT, next.get(coordinate) ?? NOT_IN_AGREEMENT];
        const key = `${coordinate} ${isCaseGiven}`;
        // Nearly every cell is alike, and most of those are one and the same denial.
        if (one === other && !told.has(key)) return [];
        const [text, otherText] = [textOf(one), textOf(other)];
        const change = text === otherText ? "" : `${text} ${otherText}`;
        const isTold = (told.get(key) ?? "") === change || (!isCaseGiven && told.get(`${coordinate} true`) === change && change !== "");
        told.set(key, change);
        if (change === "" || isTold) return [];
        const direction = directionOf(one, other);
        const operation = samplers[direction === "narrower" ? "old" : "next"](coordinate);
        return [{ ...column, coordinate, isCaseGiven, fromMs, before: one, after: other, direction, operation }];
      });
    });
  });
}

function instantsOf(policies: readonly Policy[], { bureau }: Column, nowMs: number): readonly number[] {
  const edges = policies.flatMap(({ terms }) =>
    terms
      .filter(({ agreement, isActive }) => isActive && agreement.recipient === bureau)
      .flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]),
  );
  return [...new Set([nowMs, ...edges.filter((edge) => edge > nowMs)])].sort((one, other) => one - other);
}

interface Sides {
  readonly before: Policy;
  readonly after: Policy;
  readonly old: ReadonlyMap<string, Decision>;
  readonly next: ReadonlyMap<string, Decision>;
}

type Sampler = (coordinate: string) => string | undefined;

/** Prefers a way that the bureau may go; where there is none, any way shows what the cell is about. */
function createSamplers({ before, after, old, next }: Sides): { readonly old: Sampler; readonly next: Sampler } {
  const create = ({ schema }: Policy, decisions: ReadonlyMap<string, Decision>): Sampler => {
    let made: readonly Sampler[] | undefined;
    return (coordinate) => {
      made ??= [
        createSampler(schema.apiSchema, (step) => (decisions.get(step) ?? NOT_IN_AGREEMENT).kind !== "deny"),
        createSampler(schema.apiSchema, () => true),
      ];
      return made[0]?.(coordinate) ?? made[1]?.(coordinate);
    };
  };
  return { old: create(before, old), next: create(after, next) };
}

/** Writes each decision once: most coordinates of an agreement share one. */
function createTexts(): (decision: Decision) => string {
  const known = new WeakMap<Decision, string>();
  return (decision) => {
    const text = known.get(decision) ?? writeDecision(decision);
    known.set(decision, text);
    return text;
  };
}

function writeDecision(decision: Decision): string {
  if (decision.kind === "deny") return canonicalText({ ...decision });
  const by = decision.by === undefined ? undefined : { ...decision.by };
  const mask = decision.kind === "mask" ? maskContent(decision.mask) : undefined;
  return canonicalText({ kind: decision.kind, by, mask, where: conditionsContent(decision.where) });
}

function directionOf(before: Decision, after: Decision): Change["direction"] {
  if (before.kind === "deny") return after.kind === "deny" ? "other" : "wider";
  if (after.kind === "deny") return "narrower";
  const [old, next] = [before.where ?? [], after.where ?? []];
  const masks = compareMasks(after.kind === "mask" ? after.mask : undefined, before.kind === "mask" ? before.mask : undefined);
  const isSame = canonicalText(conditionsContent(old)) === canonicalText(conditionsContent(next));
  if (isSame) return masks === "stricter" ? "narrower" : masks === "looser" ? "wider" : "other";
  if (masks !== "equal") return "other";
  if (old.length === 0) return "narrower";
  return next.length === 0 ? "wider" : "other";
}
