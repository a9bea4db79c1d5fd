import { type FieldNode, print } from "graphql";

/**
 * A field's name with its arguments in the order of their names, such as `price(currency: "HKD")`.
 * Two selections with one signature ask for the same thing, whatever their aliases.
 */
export function signatureOf(field: FieldNode): string {
  const written = (field.arguments ?? []).map((argument) => print(argument)).toSorted();
  return written.length === 0 ? field.name.value : `${field.name.value}(${written.join(",")})`;
}
