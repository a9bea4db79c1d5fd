import type { Band, Mask } from "../../policies/engine/words.ts";
import { unreachable } from "../core/errors.ts";
import { type LeafWriter, quote } from "./leaf.ts";

/**
 * Wraps a leaf's writer so that only the blurred value leaves.
 * A value that the mask can't blur is answered with undefined, as one that doesn't fit: it never leaves in clear.
 */
export function maskWriter(mask: Mask, write: LeafWriter): LeafWriter {
  return (value) => {
    // What does not fit the type in clear is refused before it is blurred.
    if (write(value) === undefined) return undefined;
    return applyMask(mask, value);
  };
}

function applyMask(mask: Mask, value: unknown): string | undefined {
  switch (mask.kind) {
    case "keep":
      return typeof value === "string" || typeof value === "number" ? quote(keepEnds(String(value), mask.first, mask.last)) : undefined;
    case "year":
      return typeof value === "string" ? yearOf(value) : undefined;
    case "band":
      return bandOf(mask.bands, value);
    case "exists":
      return typeof value === "boolean" ? String(value) : quote(value === "" ? "false" : "true");
    default:
      return unreachable(mask);
  }
}

/** Characters are counted as a reader counts them: by code points. What is too short to hide anything is hidden whole. */
function keepEnds(text: string, first: number, last: number): string {
  const points = Array.from(text);
  if (points.length <= first + last) return "*".repeat(points.length);
  const hidden = points.length - first - last;
  return points.slice(0, first).join("") + "*".repeat(hidden) + points.slice(points.length - last).join("");
}

function yearOf(text: string): string | undefined {
  const year = /^(\d{4})(?:-|$)/.exec(text)?.[1];
  return year === undefined ? undefined : quote(year);
}

function bandOf(bands: readonly Band[], value: unknown): string | undefined {
  const number = typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) return undefined;
  const band = bands.find(({ from, until }) => (from === undefined || number >= from) && (until === undefined || number < until));
  return band === undefined ? undefined : quote(band.name);
}
