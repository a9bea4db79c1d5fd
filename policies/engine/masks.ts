import type { GraphQLOutputType } from "graphql";
import { getNamedType, isScalarType, isSpecifiedScalarType } from "graphql";
import type { Mask } from "./words.ts";

/** How strict a mask is next to another; undefined where neither hides all that the other hides. */
export type Strictness = "equal" | "stricter" | "looser" | undefined;

/**
 * Kinds of masks from the one that tells most to the one that tells least. The others tell things of their own (letters of a name, a place,
 * which values are equal), so that they compare with none of these but `exists`.
 */
const ORDER: readonly Mask["kind"][] = ["keep", "year", "band", "exists"];

/**
 * Says why a mask doesn't fit a field's type; undefined when it fits. The masked value must be one that the type can hold:
 *
 * | mask | types | gives |
 * |---|---|---|
 * | keep | String, ID | text with stars |
 * | year | Date, String | `YYYY` |
 * | band | String and scalars of the departments | the band's name |
 * | exists | String, ID and scalars of the departments | `true`, or `false` for an empty text |
 * | initials | String | the first letter of each word |
 * | district | String | the name of the district in which an address ends |
 * | pseudonym | String, ID | 22 characters, the same for the same value under the same agreement |
 *
 * `exists` doesn't fit Boolean: the value would be its own mask. Numbers take none, as no text fits them. Lists are masked item by item.
 */
export function maskMisfit(mask: Mask, type: GraphQLOutputType): string | undefined {
  const named = getNamedType(type);
  const isCustom = isScalarType(named) && !isSpecifiedScalarType(named);
  const isText = named.name === "String" || named.name === "ID";
  const fits: Readonly<Record<Mask["kind"], boolean>> = {
    keep: isText,
    year: named.name === "String" || (isCustom && named.name === "Date"),
    band: named.name === "String" || isCustom,
    exists: isText || isCustom,
    initials: named.name === "String",
    district: named.name === "String",
    pseudonym: isText,
  };
  const wanted: Readonly<Record<Mask["kind"], string>> = {
    keep: "String or ID",
    year: "Date or String",
    band: "String or a scalar of the departments such as Money",
    exists: "String, ID or a scalar of the departments",
    initials: "String",
    district: "String",
    pseudonym: "String or ID",
  };
  return fits[mask.kind] ? undefined : `The mask ${mask.kind} fits fields of type ${wanted[mask.kind]}, and this is ${String(type)}`;
}

/** Compares two masks of one field; undefined is no mask. */
export function compareMasks(one: Mask | undefined, other: Mask | undefined): Strictness {
  if (one === undefined || other === undefined) {
    if (one === other) return "equal";
    return one === undefined ? "looser" : "stricter";
  }
  if (one.kind !== other.kind) return compareKinds(one.kind, other.kind);
  if (one.kind === "pseudonym" && other.kind === "pseudonym") return one.key === other.key ? "equal" : undefined;
  if (one.kind === "keep" && other.kind === "keep") return compareKeeps(one, other);
  if (one.kind === "band" && other.kind === "band") return JSON.stringify(one.bands) === JSON.stringify(other.bands) ? "equal" : undefined;
  return "equal";
}

function compareKinds(one: Mask["kind"], other: Mask["kind"]): Strictness {
  if (one === "exists") return "stricter";
  if (other === "exists") return "looser";
  const [place, otherPlace] = [ORDER.indexOf(one), ORDER.indexOf(other)];
  if (place === -1 || otherPlace === -1) return undefined;
  return place > otherPlace ? "stricter" : "looser";
}

type Keep = Extract<Mask, { readonly kind: "keep" }>;

function compareKeeps(one: Keep, other: Keep): Strictness {
  if (one.first === other.first && one.last === other.last) return "equal";
  if (one.first <= other.first && one.last <= other.last) return "stricter";
  return one.first >= other.first && one.last >= other.last ? "looser" : undefined;
}

/** A mask in words, for people. */
export function maskInWords(mask: Mask): string {
  switch (mask.kind) {
    case "keep": {
      const kept = [mask.first > 0 ? `the first ${mask.first}` : "", mask.last > 0 ? `the last ${mask.last}` : ""].filter(
        (part) => part !== "",
      );
      return `only ${kept.join(" and ")} character(s), stars for the rest`;
    }
    case "year":
      return "only the year";
    case "band":
      return `only the band: ${mask.bands.map(({ name }) => name).join(", ")}`;
    case "exists":
      return "only whether there is a value";
    case "initials":
      return "only the first letter of each word";
    case "district":
      return "only the district of the address";
    case "pseudonym":
      return "a pseudonym, the same for the same value under this agreement";
  }
}
