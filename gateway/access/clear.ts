import { createHash } from "node:crypto";
import type { DocumentNode, GraphQLSchema } from "graphql";
import { Kind, print } from "graphql";
import type { Entitlement } from "../../policies/engine/words.ts";
import type { ClearedOperation } from "../core/cleared.ts";
import { defaultLimits } from "../core/limits.ts";
import { decisionOn } from "./decision.ts";
import { demandOf } from "./demand.ts";
import { introspectionOf } from "./introspection.ts";
import { judgeOperation } from "./judge.ts";
import { refuseUnsupported, selectOperation } from "./operation.ts";
import { withheldPaths } from "./paths.ts";
import { assemble } from "./prune.ts";
import type { Denied } from "./refusal.ts";
import { argumentError, deniedError, emptyError } from "./refusal.ts";

/** What is cleared, and for whom. */
export interface ClearOptions {
  /** The API schema. */
  readonly schema: GraphQLSchema;
  /** Parsed, within the limits and valid against the schema. */
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  /** Undefined for a hub that runs unrestricted: nothing is denied then. */
  readonly entitlement: Entitlement | undefined;
  readonly onDenied: "withhold" | "refuse";
  /** The most places that may be withheld; the default limit if left out. */
  readonly withheldPathsMax?: number;
}

/**
 * Removes every field that the caller may not read and keeps the document valid: an emptied selection set becomes
 * `__typename`, and fragments and variables that nothing uses any more are dropped.
 *
 * A denied argument, input field, enum value or directive refuses the operation as a whole: to leave a filter out would widen the
 * result. Below a withheld field nothing is judged, as nothing there is run.
 *
 * @returns The cleared operation. Its verdict holds what is run and what is withheld: a coordinate that it allows is in `document`.
 * @throws {HubError} UNAUTHORIZED_FIELD_OR_TYPE with the denied coordinates, where an argument is denied or the caller asked for all or
 * nothing; OPERATION_EMPTY when nothing readable is left; OPERATION_NOT_SUPPORTED for `@defer`, `@stream` and introspection below the
 * root; OPERATION_RESOLUTION_FAILURE when no one operation is meant; OPERATION_LIMIT when too many places are withheld;
 * GRAPHQL_VALIDATION_FAILED for a document that was not validated.
 */
export function clearOperation(options: ClearOptions): ClearedOperation {
  const { schema, document, operationName, entitlement, withheldPathsMax = defaultLimits().withheldPathsMax } = options;
  const asked = selectOperation(document, operationName);
  const whole: DocumentNode = { kind: Kind.DOCUMENT, definitions: [asked.operation, ...asked.fragments.values()] };
  refuseUnsupported(whole.definitions);
  if (options.onDenied === "refuse") refuseDenied(options);
  const judged = judgeOperation(asked, schema, entitlement);
  if (judged.refused.size > 0) throw argumentError(judged.refused);
  const withheld = withheldPaths(judged, withheldPathsMax);
  if (!judged.isFetching && withheld.length > 0) throw emptyError(withheld);
  const left = judged.isFetching ? assemble(judged.operation, judged.fragments) : undefined;
  const cleared: Unbranded = {
    operationKind: asked.operation.operation,
    operationName: asked.operation.name?.value,
    operationHash: createHash("sha256").update(print(whole)).digest("hex"),
    asked: whole,
    withheldNodes: new Set(judged.denied.keys()),
    document: left,
    text: left === undefined ? "" : print(left),
    introspection: introspectionOf({ asked, nodes: judged.introspectionNodes, holding: judged.introspecting }),
    entitlement,
    isConditioned: [...judged.verdict.values()].some((decision) => decision.kind !== "deny" && decision.where !== undefined),
    withheld,
    verdict: judged.verdict,
  };
  // The one place that makes the brand: everything above has been judged.
  return cleared as ClearedOperation;
}

type Unbranded = Pick<ClearedOperation, Exclude<keyof ClearedOperation, symbol>>;

function refuseDenied({ schema, document, operationName, entitlement }: ClearOptions): void {
  const denied = demandOf(schema, document, operationName).coordinates.flatMap((coordinate): Denied[] => {
    const decision = decisionOn(entitlement, coordinate);
    return decision.kind === "deny" ? [{ coordinate, reason: decision.reason }] : [];
  });
  if (denied.length > 0) throw deniedError(denied);
}
