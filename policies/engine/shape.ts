import { z } from "zod";
import { APPROVAL_ROLES, LEGAL_KINDS } from "./bundle.ts";
import { conditionShape } from "./condition.ts";
import { isDay, parseInstant } from "./dates.ts";
import { MASK_SCHEMA, readMask } from "./maskshape.ts";
import { readCasePattern } from "./pattern.ts";
import { MATCHING_GROUNDS } from "./words.ts";

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
  new RegExp(`^${NAME}\\.(?!__)${NAME}(?:\\(${NAME}:\\))?$`),
  "must be an argument written Type.field(argument:), such as Person.vehicles(licensedOnly:), an input field Input.field, or an enum's value Enum.VALUE",
);

const typeName = z.string().regex(new RegExp(`^${NAME}$`), "must name a type");

const listOf = <Item extends z.ZodType>(item: Item): z.ZodArray<Item> =>
  z.array(item, "must be a list").min(1, "must not be an empty list");

const casePattern = text(200).superRefine((source, context) => {
  const pattern = readCasePattern(source);
  if (typeof pattern === "string") context.addIssue({ code: "custom", message: pattern });
});

const count = z.int("must be a whole number").min(1, "must be 1 or more").max(1_000_000_000, "must be 1000000000 or less").optional();

const share = z.strictObject({
  fields: listOf(fieldCoordinate).describe("Fields of concrete types, such as Vehicle.class. The provider must classify each of them."),
  mask: z.unknown().transform(readMask).optional().meta(MASK_SCHEMA),
  why: text(300).describe("Why the recipient needs the fields: the clause that a reviewer reads."),
  declassifies: listOf(fieldCoordinate)
    .optional()
    .describe("Inputs of the fields that the recipient may not read, and about which the fields may tell something all the same."),
});

const approval = z.strictObject({
  post: text(100).describe("The post, not the person."),
  role: z.enum(APPROVAL_ROLES, oneOf(APPROVAL_ROLES)),
  on: day.describe("The Hong Kong day of the approval."),
});

const legalBasis = z.strictObject({
  ordinance: text(100).describe('Such as "Cap. 283".'),
  section: text(50),
  kind: z.enum(LEGAL_KINDS, oneOf(LEGAL_KINDS)),
});

const condition = z.union([conditionShape, listOf(conditionShape)], {
  error: ({ input }) =>
    Array.isArray(input) || typeof input !== "object" ? "must be a condition such as { field: consents, has: $purpose }" : undefined,
});

/** Shape of `agreements/*.yaml`. Legal basis, review and approvals may be missing: the agreement is inactive then. */
export const agreementShape = z.strictObject({
  agreement: agreementId.describe("Identifier of the agreement, the same in all of its versions."),
  version: z.int("must be a whole number").min(1, "must be 1 or more").max(9999, "must be 9999 or less"),
  title: text(200),
  provider: code.describe("The department (subgraph) that owns every field below."),
  recipient: code.describe("The bureau that may read: a code of applications.yaml. Equal to the provider for a department's own data."),
  purpose: code.describe("A code of purposes.yaml."),
  legalBasis: legalBasis.optional().describe("The law that the sharing rests on. Without it the agreement is inactive."),
  valid: z
    .strictObject({ from: day, until: day.describe("The first day on which it doesn't hold any more.") })
    .describe("Hong Kong days, half-open."),
  review: day.optional().describe("At most 12 months after `from`. Without it the agreement is inactive."),
  author: text(100).optional().describe("The post that drafted the agreement. It can't approve it."),
  approvals: listOf(approval).optional().describe("Two different posts at least; with fewer the agreement is inactive."),
  requires: z
    .strictObject({ case: casePattern.describe("A simple regular expression from ^ to $.") })
    .optional()
    .describe("What the Hub-Case header must look like."),
  share: listOf(share).optional().describe("What the recipient may read, and in which form."),
  arguments: listOf(argumentCoordinate)
    .optional()
    .describe(
      "Arguments of shared fields, and the input fields and enum values that they may hold. What isn't listed refuses the operation.",
    ),
  withhold: listOf(fieldCoordinate).optional().describe("Fields that the recipient doesn't get for this purpose, whoever shares them."),
  where: z
    .record(typeName, condition, "must be a map of types and conditions")
    .optional()
    .describe("What must hold of an object of a type before its fields are released, read through the graph itself."),
  limits: z
    .strictObject({
      subjectsPerRequest: count.describe("Different subjects in one request."),
      subjectsPerDay: count.describe("Different subjects in one Hong Kong day."),
      requestsPerDay: count.describe("Requests in one Hong Kong day."),
    })
    .refine((limits) => Object.keys(limits).length > 0, "must set one limit at least")
    .optional()
    .describe("How much may be read."),
  matching: z
    .strictObject({
      ground: z
        .enum(MATCHING_GROUNDS, oneOf(MATCHING_GROUNDS))
        .describe("Section 30(1)(a), (b), (c) or (d) of the Ordinance, in this order."),
      reference: text(200).describe("The notice, letter or provision."),
    })
    .optional()
    .describe("What allows a matching procedure (Personal Data (Privacy) Ordinance, Cap. 486, section 30)."),
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
        /^(?:(?:allow|mask (?:keep|band|exists|year|initials|district|pseudonym))(?: where)?|deny [A-Z_]+)$/,
        "must be `allow`, `mask KIND` (such as keep or year), either followed by `where` if conditions must hold, or `deny REASON` (such as NOT_IN_AGREEMENT)",
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
