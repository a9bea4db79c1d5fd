import type { SelectionSetNode } from "graphql";
import { Kind, parse, print, visit } from "graphql/language/index.js";

/**
 * Turns the order of an operation's selections round, but for that of mutations: the answer's order is written from what was asked, so a
 * planner may be given any.
 */
export function reverseOrder(text: string): string {
  const document = parse(text, { noLocation: true });
  const [operation] = document.definitions;
  const serial = operation?.kind === Kind.OPERATION_DEFINITION && operation.operation === "mutation" ? operation.selectionSet : undefined;
  return print(
    visit(document, {
      SelectionSet: {
        leave: (set, _key, parent): SelectionSetNode | undefined =>
          serial !== undefined && parent === operation ? undefined : { ...set, selections: set.selections.toReversed() },
      },
    }),
  );
}
