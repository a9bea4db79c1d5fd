import type { DocumentNode, FieldNode, OperationTypeNode } from "graphql";
import type { Decision, DenyReason, Entitlement } from "../../policies/engine/words.ts";

declare const cleared: unique symbol;

/** One place of the operation whose value does not leave. */
export interface Withheld {
  /** Response keys from the root, with "@" where a list stands. The path depends on the operation alone, never on data. */
  readonly path: readonly string[];
  readonly coordinate: string;
  readonly reason: DenyReason;
}

/**
 * An operation that holds only what its caller may read. Only `clear` makes one, and `plan` takes nothing else.
 */
export interface ClearedOperation {
  readonly [cleared]: true;
  readonly operationKind: OperationTypeNode;
  readonly operationName: string | undefined;
  /** SHA-256, in hex, of the operation as the caller wrote it, for the record. */
  readonly operationHash: string;
  /** The operation as asked (one operation and the fragments it uses), which gives the answer its shape. */
  readonly asked: DocumentNode;
  /** Field nodes of `asked` that are withheld: each is answered with null. */
  readonly withheldNodes: ReadonlySet<FieldNode>;
  /** The operation to plan: no withheld field, no introspection field, no unused variable; undefined when nothing is left to fetch. */
  readonly document: DocumentNode | undefined;
  /** `document` printed; the planner's input, and with the entitlement's id a key for what is compiled from it. Empty when nothing is left to fetch. */
  readonly text: string;
  /** Root `__schema` and `__type` selections, to be answered from the caller's own schema; undefined when there are none. */
  readonly introspection: DocumentNode | undefined;
  readonly entitlement: Entitlement | undefined;
  /** Whether a field that it asks for is released only where conditions hold of its object. */
  readonly isConditioned: boolean;
  readonly withheld: readonly Withheld[];
  /** Every coordinate the operation touches with what was decided, in document order. */
  readonly verdict: ReadonlyMap<string, Decision>;
}
