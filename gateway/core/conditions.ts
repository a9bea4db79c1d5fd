import type { DirectiveNode, DocumentNode } from "graphql";
import { Kind, visit } from "graphql/language/index.js";

/** The variables of conditions that are true; all others are false. */
export type SetConditions = ReadonlySet<string>;

/** Whether a directive is `@skip` or `@include`. */
export function isCondition({ name }: DirectiveNode): boolean {
  return name.value === "skip" || name.value === "include";
}

/**
 * Whether a selection counts.
 *
 * @see https://spec.graphql.org/October2021/#sec-Type-System.Directives.Built-in-Directives
 */
export function isIncluded(directives: readonly DirectiveNode[] | undefined, set: SetConditions): boolean {
  return (directives ?? []).every((directive) => {
    if (!isCondition(directive)) return true;
    const value = directive.arguments?.find((argument) => argument.name.value === "if")?.value;
    const isOn = value?.kind === Kind.VARIABLE ? set.has(value.name.value) : value?.kind === Kind.BOOLEAN && value.value;
    return isOn === (directive.name.value === "include");
  });
}

/** The variables that `@skip` and `@include` name anywhere in a document, sorted. */
export function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive(directive) {
      if (!isCondition(directive)) return;
      for (const { value } of directive.arguments ?? []) {
        if (value.kind === Kind.VARIABLE) names.add(value.name.value);
      }
    },
  });
  return [...names].toSorted();
}
