import { createHmac, createSecretKey } from "node:crypto";
import { districtOf } from "../../policies/engine/districts.ts";
import type { Band, Mask } from "../../policies/engine/words.ts";
import { unreachable } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import type { LeafWriter } from "./leaf.ts";

/** Characters of a pseudonym: 132 bits, so that two values never meet by chance. */
const pseudonymLength = 22;

/**
 * Wraps a leaf's writer so that only the blurred value leaves.
 * A value that the mask can't blur is answered with undefined, as one that doesn't fit: it never leaves in clear.
 *
 * @param pseudonymSecret What keys of pseudonyms are derived from; without it, no pseudonym is made.
 */
export function maskWriter(mask: Mask, write: LeafWriter, pseudonymSecret?: Uint8Array): LeafWriter {
  if (mask.kind === "pseudonym") return pseudonymWriter(mask.key, write, pseudonymSecret);
  return (value) => {
    // What does not fit the type in clear is refused before it is blurred.
    if (write(value) === undefined) return undefined;
    return applyMask(mask, value);
  };
}

/** Without a key of its own an HMAC of an identity card number is found by trying all of them; with one, only the hub can try. */
function pseudonymWriter(name: string, write: LeafWriter, secret: Uint8Array | undefined): LeafWriter {
  if (secret === undefined) return () => undefined;
  const key = createSecretKey(createHmac("sha256", secret).update(`pseudonym ${name}`, "utf8").digest());
  return (value) => {
    if (write(value) === undefined || (typeof value !== "string" && typeof value !== "number")) return undefined;
    return quote(createHmac("sha256", key).update(String(value), "utf8").digest("base64url").slice(0, pseudonymLength));
  };
}

function applyMask(mask: Exclude<Mask, { readonly kind: "pseudonym" }>, value: unknown): string | undefined {
  switch (mask.kind) {
    case "keep":
      return typeof value === "string" || typeof value === "number" ? quote(keepEnds(String(value), mask.first, mask.last)) : undefined;
    case "year":
      return typeof value === "string" ? yearOf(value) : undefined;
    case "band":
      return bandOf(mask.bands, value);
    case "exists":
      return typeof value === "boolean" ? String(value) : quote(value === "" ? "false" : "true");
    case "initials":
      return typeof value === "string" ? quote(initialsOf(value)) : undefined;
    case "district":
      return typeof value === "string" ? districtText(value) : undefined;
    default:
      return unreachable(mask);
  }
}

const surrogate = /[\ud800-\udfff]/;

/** As below, for text whose every unit is a character. */
function keepUnits(text: string, first: number, last: number): string {
  const { length } = text;
  if (length <= first + last) return "*".repeat(length);
  return text.slice(0, first) + "*".repeat(length - first - last) + text.slice(length - last);
}

/** Characters are counted as a reader counts them: by code points. What is too short to hide anything is hidden whole. */
function keepEnds(text: string, first: number, last: number): string {
  if (!surrogate.test(text)) return keepUnits(text, first, last);
  const points = Array.from(text);
  if (points.length <= first + last) return "*".repeat(points.length);
  const hidden = points.length - first - last;
  return points.slice(0, first).join("") + "*".repeat(hidden) + points.slice(points.length - last).join("");
}

function yearOf(text: string): string | undefined {
  const year = /^(\d{4})(?:-|$)/.exec(text)?.[1];
  return year === undefined ? undefined : quote(year);
}

/** The first letter of each word; of a name in Chinese, which is one word, the surname's character. */
function initialsOf(text: string): string {
  const words = text.split(/[^\p{L}\p{M}\p{N}]+/u).filter((word) => word !== "");
  return words.map((word) => `${String.fromCodePoint(word.codePointAt(0) ?? 0).toUpperCase()}.`).join(" ");
}

function districtText(address: string): string | undefined {
  const district = districtOf(address);
  return district === undefined ? undefined : quote(district);
}

function bandOf(bands: readonly Band[], value: unknown): string | undefined {
  const number = typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) return undefined;
  const band = bands.find(({ from, until }) => (from === undefined || number >= from) && (until === undefined || number < until));
  return band === undefined ? undefined : quote(band.name);
}
