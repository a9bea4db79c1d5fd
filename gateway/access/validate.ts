import type { DocumentNode, GraphQLSchema } from "graphql";
import { specifiedRules, validate } from "graphql";
import { HubError } from "../core/errors.ts";
import { refuseUnsupported } from "./operation.ts";

/** How many errors of one document are worth reading. */
const ERRORS_MAX = 20;

/**
 * Validates a document by the rules of the specification. No message suggests a name: a guess would be answered with what the schema has.
 *
 * @param schema The API schema.
 * @param document Within the limits: some rules compare fields pair by pair.
 * @throws {HubError} GRAPHQL_VALIDATION_FAILED with the first errors and their places; OPERATION_NOT_SUPPORTED for `@defer` and `@stream`,
 * which the schema doesn't have, but which deserve a better word than "unknown".
 */
export function validateOperation(schema: GraphQLSchema, document: DocumentNode): void {
  refuseUnsupported(document.definitions);
  const errors = validate(schema, document, specifiedRules, { maxErrors: ERRORS_MAX, hideSuggestions: true });
  if (errors.length === 0) return;
  const facts = errors.map(({ message, locations }) => ({ message, locations: locations ?? [] }));
  throw new HubError("GRAPHQL_VALIDATION_FAILED", facts.map(({ message }) => message).join(" "), { errors: facts });
}
