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
  | "LIMIT";

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
  | { readonly kind: "year" };

/** What the agreements say of one coordinate. `by` is undefined for OPEN fields, which need no agreement. */
export type Decision =
  | { readonly kind: "allow"; readonly by: AgreementRef | undefined }
  | { readonly kind: "mask"; readonly mask: Mask; readonly by: AgreementRef }
  | { readonly kind: "deny"; readonly reason: DenyReason };

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
  /** Epoch milliseconds of the next instant at which a date makes a decision change; undefined when none will. */
  readonly changesAtMs: number | undefined;
}
