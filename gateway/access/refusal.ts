import type { DenyReason } from "../../policies/engine/words.ts";
import type { Withheld } from "../core/cleared.ts";
import { HubError } from "../core/errors.ts";

/** A coordinate that is denied, and why. */
export interface Denied {
  readonly coordinate: string;
  readonly reason: DenyReason;
}

/** How many coordinates a message names; the facts hold them all. */
const NAMED_MAX = 10;

/** The refusal of an operation of which some coordinates are denied, where the caller asked for all or nothing. */
export function deniedError(denied: readonly Denied[]): HubError {
  const message = `Nothing was run, since the operation asks for what is not shared with your bureau for this purpose: ${list(denied)}.`;
  return new HubError("UNAUTHORIZED_FIELD_OR_TYPE", message, { denied });
}

/** The refusal of an operation that gives an argument it may not give: leaving the argument out would change what is asked. */
export function argumentError(coordinates: Iterable<string>): HubError {
  const denied = [...coordinates].map((coordinate): Denied => ({ coordinate, reason: "ARGUMENT_NOT_ALLOWED" }));
  const message = `Nothing was run, since your bureau may not give these arguments or values for this purpose: ${list(denied)}.`;
  return new HubError("UNAUTHORIZED_FIELD_OR_TYPE", message, { denied });
}

/** The refusal of an operation of which nothing may be read. */
export function emptyError(withheld: readonly Withheld[]): HubError {
  const denied = new Map<string, Denied>();
  for (const { coordinate, reason } of withheld) denied.set(coordinate, { coordinate, reason });
  const message = `Nothing in the operation is shared with your bureau for this purpose: ${list([...denied.values()])}.`;
  return new HubError("OPERATION_EMPTY", message, { denied: [...denied.values()], withheld });
}

function list(denied: readonly Denied[]): string {
  const named = denied.slice(0, NAMED_MAX).map(({ coordinate, reason }) => `${coordinate} (${reason})`);
  const more = denied.length - named.length;
  return more > 0 ? `${named.join(", ")} and ${more} more` : named.join(", ");
}
