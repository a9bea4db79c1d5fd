import type { ArgumentNode, ValueNode } from "graphql";
import { Kind } from "graphql";
import { canonicalText } from "./key.ts";

/** Values of variables by their names. */
export type Variables = Readonly<Record<string, unknown>>;

/**
 * Writes a field's arguments in the order of their names, with the values of variables in their places: `(first:5,kind:"A")`; empty without any.
 *
 * A literal and a variable meet in one text where they surely mean the same: strings, whole numbers, booleans, null, and lists and objects of
 * such. Enum values and fractions stay apart from strings and from values of variables, since a scalar of a department's own may tell them apart.
 */
export function writeArguments(nodes: readonly ArgumentNode[], variables: Variables): string {
  const written = nodes.flatMap(({ name, value }) => {
    const text = writeValue(value, variables);
    return text === undefined ? [] : [`${name.value}:${text}`];
  });
  return written.length === 0 ? "" : `(${written.toSorted().join(",")})`;
}

/** The text of an argument's value for a tag: that of a string without its quotes. */
export function tagValue(node: ValueNode, variables: Variables): string {
  const text = writeValue(node, variables) ?? "null";
  const value: unknown = text.startsWith('"') ? JSON.parse(text) : text;
  return String(value);
}

function writeValue(node: ValueNode, variables: Variables): string | undefined {
  switch (node.kind) {
    case Kind.VARIABLE: {
      const value = variables[node.name.value];
      return value === undefined ? undefined : canonicalText(value);
    }
    case Kind.NULL:
      return "null";
    case Kind.STRING:
      return JSON.stringify(node.value);
    case Kind.BOOLEAN:
      return String(node.value);
    case Kind.INT:
      return String(Number(node.value)) === node.value ? node.value : `i${node.value}`;
    case Kind.FLOAT:
      return `f${node.value}`;
    case Kind.ENUM:
      return `e${node.value}`;
    case Kind.LIST:
      return `[${node.values.map((value) => writeValue(value, variables) ?? "null").join(",")}]`;
    case Kind.OBJECT: {
      const members = node.fields.flatMap(({ name, value }) => {
        const text = writeValue(value, variables);
        return text === undefined ? [] : [[name.value, text] as const];
      });
      const sorted = members.toSorted(([left], [right]) => (left < right ? -1 : 1));
      return `{${sorted.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`;
    }
  }
}
