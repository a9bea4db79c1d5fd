import type { z } from "zod";
import type { Band, Mask } from "./words.ts";

/** Most characters that a mask may keep at one end. */
const KEPT_MAX = 16;

const BANDS_MAX = 50;

const BAND_NAME_LENGTH_MAX = 40;

/** Masks without settings, by name. */
const BARE = ["year", "exists", "initials", "district", "pseudonym"] as const;

const KNOWN = `${BARE.join(", ")}, keep and band`;

/** Adds what is wrong with a mask, with the path to it inside the mask. */
type Complain = (path: PropertyKey[], message: string) => undefined;

/**
 * Reads a mask as the YAML writes it: a bare name such as `year`, `{ keep: { first: 1, last: 2 } }`, or
 * `{ band: [{ name, from, until }] }`. Anything else is a problem and no mask. The key of a pseudonym is empty until the agreement is known.
 */
export function readMask(value: unknown, context: z.RefinementCtx): Mask | undefined {
  if (value === undefined) return undefined;
  const complain: Complain = (path, message) => {
    context.addIssue({ code: "custom", path, message });
    return undefined;
  };
  const bare = BARE.find((name) => name === value);
  if (bare !== undefined) return bare === "pseudonym" ? { kind: bare, key: "" } : { kind: bare };
  if (typeof value === "string") return complain([], unknownMask());
  if (!isRecord(value)) return complain([], `must be a mask: ${BARE.join(", ")}, { keep: ... } or { band: ... }`);
  const kinds = Object.keys(value);
  const [kind] = kinds;
  if (kind === undefined || kinds.length !== 1) return complain([], "must name exactly one mask");
  if (kind === "keep") return readKeep(value[kind], complain);
  if (kind === "band") return readBand(value[kind], complain);
  return complain([kind], BARE.some((name) => name === kind) ? `takes no settings: write \`mask: ${kind}\`` : unknownMask());
}

function readKeep(value: unknown, complain: Complain): Mask | undefined {
  if (!isRecord(value)) return complain(["keep"], "must say how many characters: { first: 1, last: 2 }");
  const unknown = Object.keys(value).find((key) => key !== "first" && key !== "last");
  if (unknown !== undefined) return complain(["keep", unknown], "is not a setting of `keep`: only first and last are");
  const { first = 0, last = 0 } = value;
  for (const [key, count] of [
    ["first", first],
    ["last", last],
  ] as const) {
    if (!isCount(count)) return complain(["keep", key], `must be a whole number from 0 to ${KEPT_MAX}`);
  }
  if (!isCount(first) || !isCount(last) || first + last === 0)
    return complain(["keep"], "must keep one character at least; leave the field out otherwise");
  return { kind: "keep", first, last };
}

function readBand(value: unknown, complain: Complain): Mask | undefined {
  if (!Array.isArray(value) || value.length < 2 || value.length > BANDS_MAX)
    return complain(["band"], `must be a list of 2 to ${BANDS_MAX} bands`);
  const bands: Band[] = [];
  for (const [index, item] of value.entries()) {
    const band = readOneBand(item, (path, message) => complain(["band", index, ...path], message));
    if (band === undefined) return undefined;
    const before = bands.at(-1);
    if (before !== undefined && (before.until === undefined || band.from === undefined || band.from < before.until)) {
      return complain(["band", index], "must begin where the band before it ends, or later: bands stand in order and don't overlap");
    }
    if (bands.some(({ name }) => name === band.name)) return complain(["band", index, "name"], "is the name of another band too");
    bands.push(band);
  }
  return { kind: "band", bands };
}

function readOneBand(value: unknown, complain: Complain): Band | undefined {
  if (!isRecord(value)) return complain([], "must be a band: { name, from, until }");
  const unknown = Object.keys(value).find((key) => key !== "name" && key !== "from" && key !== "until");
  if (unknown !== undefined) return complain([unknown], "is not a setting of a band: only name, from and until are");
  const { name, from, until } = value;
  if (typeof name !== "string" || name === "" || name.length > BAND_NAME_LENGTH_MAX) {
    return complain(["name"], `must be a name of 1 to ${BAND_NAME_LENGTH_MAX} characters`);
  }
  if (!isBound(from)) return complain(["from"], "must be a number; leave it out where the band has no lower end");
  if (!isBound(until)) return complain(["until"], "must be a number; leave it out where the band has no upper end");
  if (from !== undefined && until !== undefined && from >= until) return complain(["until"], "must be more than `from`");
  return { name, from, until };
}

function unknownMask(): string {
  return `names an unknown mask; known are ${KNOWN}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= KEPT_MAX;
}

function isBound(value: unknown): value is number | undefined {
  return value === undefined || (typeof value === "number" && Number.isFinite(value));
}

/** The masks as JSON Schema, for editors. `readMask` asks more: bands in order, whole numbers. */
export const MASK_SCHEMA = {
  description: "How the value is blurred before it leaves. Without it, the value leaves in clear.",
  anyOf: [
    { enum: [...BARE] },
    {
      type: "object",
      required: ["keep"],
      additionalProperties: false,
      properties: {
        keep: {
          type: "object",
          minProperties: 1,
          additionalProperties: false,
          properties: {
            first: { type: "integer", minimum: 0, maximum: KEPT_MAX },
            last: { type: "integer", minimum: 0, maximum: KEPT_MAX },
          },
        },
      },
    },
    {
      type: "object",
      required: ["band"],
      additionalProperties: false,
      properties: {
        band: {
          type: "array",
          minItems: 2,
          maxItems: BANDS_MAX,
          items: {
            type: "object",
            required: ["name"],
            additionalProperties: false,
            properties: {
              name: { type: "string", minLength: 1, maxLength: BAND_NAME_LENGTH_MAX },
              from: { type: "number" },
              until: { type: "number" },
            },
          },
        },
      },
    },
  ],
};
