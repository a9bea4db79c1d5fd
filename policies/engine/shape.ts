import { z } from "zod";
import { APPROVAL_ROLES, LEGAL_KINDS } from "./bundle.ts";
import { isDay, parseInstant } from "./dates.ts";
import { readMask } from "./maskshape.ts";
import { readCasePattern } from "./pattern.ts";

const NAME = "[_A-Za-z][_0-9A-Za-z]*";

function text(lengthMax: number): z.ZodString {
  return z
    .string("must be text: write it in quotes")
    .min(1, "must not be empty")
    .max(lengthMax, `must not be longer than ${lengthMax} characters`)
    .regex(/^\P{Cc}*$/u, "must be one line without control characters");
}

function matching(pattern: RegExp, what: string): z.ZodString {
  return text(200).regex(pattern, what);
}

const code = matching(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/, "must be lower-case words joined by hyphens, such as prh-eligibility").max(
  64,
  "must not be longer than 64 characters",
);

const agreementId = matching(/^[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+$/, "must be capitals and digits joined by hyphens, such as HD-TD-2026-03").max(
  40,
  "must not be longer than 40 characters",
);

const day = z.string("must be a day in quotes or bare, such as 2026-04-01").refine(isDay, "must be a day such as 2026-04-01");

const fieldCoordinate = matching(
  new RegExp(`^${NAME}\\.(?!__)${NAME}$`),
  "must be a field written Type.field, such as Vehicle.class (arguments stand under `arguments`)",
);

const argumentCoordinate = matching(
  new RegExp(`^${NAME}\\.${NAME}\\(${NAME}:\\)$`),
  "must be an argument written Type.field(argument:), such as Person.vehicles(licensedOnly:)",
);

const listOf = <Item extends z.ZodType>(item: Item): z.ZodArray<Item> =>
  z.array(item, "must be a list").min(1, "must not be an empty list");

const casePattern = text(200).superRefine((source, context) => {
  const pattern = readCasePattern(source);
  if (typeof pattern === "string") context.addIssue({ code: "custom", message: pattern });
});

const share = z.strictObject({
  fields: listOf(fieldCoordinate),
  mask: z.unknown().transform(readMask).optional(),
  why: text(300),
  declassifies: listOf(fieldCoordinate).optional(),
});

/** Shape of `agreements/*.yaml`. Legal basis, review and approvals may be missing: the agreement is inactive then. */
export const agreementShape = z.strictObject({
  agreement: agreementId,
  version: z.int("must be a whole number").min(1, "must be 1 or more").max(9999, "must be 9999 or less"),
  title: text(200),
  provider: code,
  recipient: code,
  purpose: code,
  legalBasis: z.strictObject({ ordinance: text(100), section: text(50), kind: z.enum(LEGAL_KINDS, oneOf(LEGAL_KINDS)) }).optional(),
  valid: z.strictObject({ from: day, until: day }),
  review: day.optional(),
  approvals: listOf(z.strictObject({ post: text(100), role: z.enum(APPROVAL_ROLES, oneOf(APPROVAL_ROLES)), on: day })).optional(),
  requires: z.strictObject({ case: casePattern }).optional(),
  share: listOf(share).optional(),
  arguments: listOf(argumentCoordinate).optional(),
  withhold: listOf(fieldCoordinate).optional(),
});

/** Shape of `purposes.yaml`. */
export const purposesShape = z.strictObject({ purposes: listOf(z.strictObject({ code, title: text(100), description: text(500) })) });

/** Shape of `applications.yaml`. */
export const applicationsShape = z.strictObject({
  bureaus: listOf(z.strictObject({ code, title: text(100) })),
  applications: listOf(z.strictObject({ client: code, title: text(100), bureau: code, purposes: listOf(code) })),
});

/** Shape of `cases/*.yaml`. */
export const questionsShape = z.strictObject({
  cases: listOf(
    z.strictObject({
      title: text(200),
      bureau: code,
      purpose: code,
      at: z.string("must be a day or a time with its offset").transform((at, context) => {
        const ms = parseInstant(at);
        if (ms === undefined)
          context.addIssue({ code: "custom", message: "must be a day, or a time with its offset such as 2026-11-24T12:00:00+08:00" });
        return ms ?? 0;
      }),
      case: text(64).optional(),
      coordinate: text(200),
      expect: matching(
        /^(?:allow|mask (?:keep|band|exists|year)|deny [A-Z_]+)$/,
        "must be `allow`, `mask KIND` (keep, band, exists, year) or `deny REASON` (such as NOT_IN_AGREEMENT)",
      ),
      by: agreementId.optional(),
    }),
  ),
});

/** An agreement file that has the right shape. */
export type AgreementValue = z.output<typeof agreementShape>;

function oneOf(values: readonly string[]): string {
  return `must be one of ${values.join(", ")}`;
}
