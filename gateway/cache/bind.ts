import { tagValue, type Variables, writeArguments } from "./arguments.ts";
import type { Shape, ShapeField, Variant } from "./shape.ts";
import type { FieldTemplate, SelectionTemplate, TagTemplate } from "./template.ts";

/** Puts the values of variables in place. */
export function bindSelection({ typeName, fields }: SelectionTemplate, variables: Variables): Shape {
  const asked = fields.filter(({ when }) => when.every(({ variable, isTrue }) => (variables[variable] === true) === isTrue));
  return { typeName, fields: mergeFields(asked, variables) };
}

/** Whether a field is asked for. */
export function isAsked({ when }: FieldTemplate, variables: Variables): boolean {
  return when.every(({ variable, isTrue }) => (variables[variable] === true) === isTrue);
}

/**
 * Makes one field for each response key. Objects that one selection set asks for twice under different keys come from two runs of one resolver and
 * may differ, so each has a key of its own in what is kept.
 */
export function mergeFields(fields: readonly FieldTemplate[], variables: Variables): ShapeField[] {
  const byResponseKey = new Map<string, ShapeField & { readonly variants: Variant[] }>();
  const repeats = new Map<string, number>();
  for (const field of fields) {
    const variant: Variant = {
      typeConditions: field.typeConditions,
      below: field.below === undefined ? undefined : bindSelection(field.below, variables),
    };
    const known = byResponseKey.get(field.responseKey);
    if (known !== undefined) {
      known.variants.push(variant);
      continue;
    }
    const name = field.name + writeArguments(field.args, variables);
    const repeat = repeats.get(name) ?? 0;
    repeats.set(name, repeat + 1);
    const key = repeat === 0 || variant.below === undefined ? name : `${name}#${repeat}`;
    byResponseKey.set(field.responseKey, { responseKey: field.responseKey, key, variants: [variant], combined: new Map() });
  }
  return [...byResponseKey.values()];
}

/** Writes tags with the arguments' values in place. */
export function bindTags(tags: readonly TagTemplate[], variables: Variables): readonly string[] {
  return tags.map((tag) => tag.map((part) => (typeof part === "string" ? part : tagValue(part.value, variables))).join(""));
}

/** Names of the variables that a selection depends on. */
export function variablesOf({ fields }: SelectionTemplate): ReadonlySet<string> {
  const names = new Set<string>();
  const visitValue = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visitValue(item);
    else if (typeof value === "object" && value !== null) {
      if ("kind" in value && value.kind === "Variable" && "name" in value) {
        const { name } = value as { readonly name: { readonly value: string } };
        names.add(name.value);
      }
      for (const member of Object.values(value)) visitValue(member);
    }
  };
  for (const field of fields) {
    visitValue(field.args);
    visitValue(field.deepTags);
    for (const { variable } of field.when) names.add(variable);
    if (field.below !== undefined) for (const name of variablesOf(field.below)) names.add(name);
  }
  return names;
}
