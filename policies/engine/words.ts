/** Why a coordinate is denied. The list is closed and public. */
export type DenyReason =
  | "NOT_IN_AGREEMENT"
  | "EXPIRED"
  | "NOT_YET_VALID"
  | "PURPOSE"
  | "WITHHELD"
  | "DERIVED_FROM_WITHHELD"
  | "POLYMORPHIC_PARTIAL"
  | "ARGUMENT_NOT_ALLOWED"
  | "CASE_REQUIRED"
  | "LIMIT"
  | "MATCHING";

/** The agreement, and its version, that a decision rests on. */
export interface AgreementRef {
  readonly agreement: string;
  readonly version: number;
}

/** A named range of numbers, half-open: `from <= value < until`. */
export interface Band {
  readonly name: string;
  readonly from: number | undefined;
  readonly until: number | undefined;
}

/** How a value is blurred before it leaves. */
export type Mask =
  | { readonly kind: "keep"; readonly first: number; readonly last: number }
  | { readonly kind: "band"; readonly bands: readonly Band[] }
  | { readonly kind: "exists" }
  | { readonly kind: "year" }
  | { readonly kind: "initials" }
  | { readonly kind: "district" }
  /** `key` names the key of the HMAC: the agreement, so that two recipients can't join what they got. */
  | { readonly kind: "pseudonym"; readonly key: string };

/** A value that a condition compares with: written out, or known only when the request comes. */
export type Operand =
  | { readonly kind: "literal"; readonly value: string | number | boolean }
  /** The Hong Kong day of the request, `YYYY-MM-DD`. */
  | { readonly kind: "today" }
  /** The case reference of the request; a request without one meets no such condition. */
  | { readonly kind: "case" };

/**
 * How a condition compares the value that it comes to. `null`, and a value that can't be compared, never holds.
 *
 * | kind | holds where |
 * |---|---|
 * | is | the value equals one of the operands |
 * | has | the value is a list, and one of its items equals one of the operands |
 * | from, until | the value is at least, or less than, the operand; days compare as days, numbers as numbers |
 * | some | the value is a list of objects, and one object meets all of the conditions, whose paths start from that object |
 */
export type Comparison =
  | { readonly kind: "is"; readonly operands: readonly Operand[] }
  | { readonly kind: "has"; readonly operands: readonly Operand[] }
  | { readonly kind: "from"; readonly operand: Operand }
  | { readonly kind: "until"; readonly operand: Operand }
  | { readonly kind: "some"; readonly conditions: readonly Condition[] };

/** What must hold of an object, read through the graph itself, before a field of it is released. */
export interface Condition {
  /** The concrete type of the object that `path` starts from. */
  readonly type: string;
  /** Field names from the object to the value; none of them has a required argument, and none but the last is a list. */
  readonly path: readonly string[];
  readonly comparison: Comparison;
}

/** What the agreements say of one coordinate. `by` is undefined for OPEN fields, which need no agreement. */
export type Decision =
  | {
      readonly kind: "allow";
      readonly by: AgreementRef | undefined;
      /** All must hold of the object that the field is on, or the field is null. Never empty; missing where nothing must. */
      readonly where?: readonly Condition[];
    }
  | { readonly kind: "mask"; readonly mask: Mask; readonly by: AgreementRef; readonly where?: readonly Condition[] }
  | { readonly kind: "deny"; readonly reason: DenyReason };

/** How much of what an agreement shares may be read; days are Hong Kong days. Undefined is without limit. */
export interface Limits {
  /** Different persons or things in one request. */
  readonly subjectsPerRequest: number | undefined;
  readonly subjectsPerDay: number | undefined;
  readonly requestsPerDay: number | undefined;
}

/**
 * Grounds on which a matching procedure may be carried out; a closed list.
 *
 * @see Personal Data (Privacy) Ordinance (Cap. 486), section 30(1)(a), (b), (c) and (d), in this order.
 */
export const MATCHING_GROUNDS = ["consent", "commissioner", "class", "ordinance"] as const;

/** What allows a matching procedure under an agreement. */
export interface MatchingBasis {
  readonly ground: (typeof MATCHING_GROUNDS)[number];
  /** The notice, letter or provision. */
  readonly reference: string;
}

/** What an agreement asks of its recipient beyond the decisions. */
export interface Obligations {
  readonly by: AgreementRef;
  readonly limits: Limits | undefined;
  readonly matching: MatchingBasis | undefined;
}

/**
 * What one bureau may read for one purpose, as a frozen table.
 *
 * Coordinates are `Type.field` (object types and interfaces), `Type.field(argument:)`, `Input.field` and `Enum.VALUE`.
 * An interface's field is allowed only where every possible type's field is. A coordinate that is missing is denied.
 */
export interface Entitlement {
  /** Hash of all below; equal ids mean equal decisions. */
  readonly id: string;
  readonly bureau: string;
  readonly purpose: string;
  readonly bundleHash: string;
  readonly decisions: ReadonlyMap<string, Decision>;
  /** Of every agreement, by its identifier, that a decision rests on and that sets limits or names a basis for matching. */
  readonly obligations: ReadonlyMap<string, Obligations>;
  /** Epoch milliseconds of the next instant at which a date makes a decision change; undefined when none will. */
  readonly changesAtMs: number | undefined;
}
