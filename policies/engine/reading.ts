import type { Agreement, Clause, Mention, Problem, Share } from "./bundle.ts";
import { readConditions } from "./condition.ts";
import type { Path, PolicyDocument } from "./document.ts";
import type { AgreementValue } from "./shape.ts";
import type { Limits, Mask } from "./words.ts";

/** Where agreements and problems are gathered. */
export interface AgreementParts {
  readonly agreements: Agreement[];
  readonly problems: Problem[];
}

/** Adds the agreement of one file, with what is wrong with it by itself. */
export function addAgreement(value: AgreementValue, document: PolicyDocument, parts: AgreementParts): void {
  const mentions = (path: Path, coordinates: readonly string[] | undefined): readonly Mention[] =>
    (coordinates ?? []).map((coordinate, index) => ({ coordinate, place: document.placeOf([...path, index]) }));
  const { clauses, problems } = readClauses(value, document);
  const agreement: Agreement = {
    agreement: value.agreement,
    version: value.version,
    title: value.title,
    provider: value.provider,
    recipient: value.recipient,
    purpose: value.purpose,
    legalBasis: value.legalBasis,
    valid: value.valid,
    review: value.review,
    approvals: value.approvals ?? [],
    author: value.author,
    casePattern: value.requires?.case,
    shares: readShares(value, document),
    arguments: mentions(["arguments"], value.arguments),
    withholds: mentions(["withhold"], value.withhold),
    where: clauses,
    limits: value.limits === undefined ? undefined : limitsOf(value.limits),
    matching: value.matching,
    place: document.placeOfKey([], "agreement"),
  };
  parts.agreements.push(agreement);
  parts.problems.push(...problems, ...checkAgreementAlone(agreement, document));
}

function readShares(value: AgreementValue, document: PolicyDocument): readonly Share[] {
  return (value.share ?? []).flatMap((entry, index) =>
    entry.fields.map(
      (coordinate, position): Share => ({
        coordinate,
        place: document.placeOf(["share", index, "fields", position]),
        mask: keyed(entry.mask, value.agreement),
        why: entry.why,
        declassifies: (entry.declassifies ?? []).map((input, place) => ({
          coordinate: input,
          place: document.placeOf(["share", index, "declassifies", place]),
        })),
      }),
    ),
  );
}

/** A pseudonym is made with the agreement's own key, so that what two agreements give can't be joined. */
function keyed(mask: Mask | undefined, agreement: string): Mask | undefined {
  return mask?.kind === "pseudonym" ? { kind: mask.kind, key: agreement } : mask;
}

function limitsOf({ subjectsPerRequest, subjectsPerDay, requestsPerDay }: NonNullable<AgreementValue["limits"]>): Limits {
  return { subjectsPerRequest, subjectsPerDay, requestsPerDay };
}

interface ReadClauses {
  readonly clauses: readonly Clause[];
  readonly problems: readonly Problem[];
}

function readClauses(value: AgreementValue, document: PolicyDocument): ReadClauses {
  const clauses: Clause[] = [];
  const problems: Problem[] = [];
  for (const [type, entry] of Object.entries(value.where ?? {})) {
    const isList = Array.isArray(entry);
    for (const [index, written] of (isList ? entry : [entry]).entries()) {
      const place = document.placeOf(isList ? ["where", type, index] : ["where", type]);
      const conditions = readConditions(type, written, value);
      if (typeof conditions === "string") problems.push({ ...place, message: `The condition on ${type} ${conditions}.` });
      else clauses.push(...conditions.map((condition) => ({ condition, place })));
    }
  }
  return { clauses, problems };
}

function checkAgreementAlone(agreement: Agreement, document: PolicyDocument): readonly Problem[] {
  const { shares, withholds, place } = agreement;
  const isEmpty = shares.length === 0 && withholds.length === 0;
  return [
    ...repeated(shares),
    ...repeated(agreement.arguments),
    ...repeated(withholds),
    ...strayArguments(agreement),
    ...strayConditions(agreement),
    ...dateProblems(agreement, document),
    ...authorProblems(agreement, document),
    ...(isEmpty ? [{ ...place, message: "The agreement shares nothing and withholds nothing." }] : []),
  ];
}

function repeated(mentions: readonly Mention[]): readonly Problem[] {
  const seen = new Set<string>();
  return mentions.flatMap(({ coordinate, place }) => {
    if (seen.has(coordinate)) return [{ ...place, message: `${coordinate} stands here for the second time.` }];
    seen.add(coordinate);
    return [];
  });
}

function strayArguments(agreement: Agreement): readonly Problem[] {
  const shared = new Set(agreement.shares.map(({ coordinate }) => coordinate));
  return agreement.arguments.flatMap(({ coordinate, place }) => {
    if (!coordinate.includes("(")) return [];
    const field = coordinate.slice(0, coordinate.indexOf("("));
    return shared.has(field) ? [] : [{ ...place, message: `${coordinate} is an argument of ${field}, which the agreement doesn't share.` }];
  });
}

function strayConditions(agreement: Agreement): readonly Problem[] {
  const types = new Set(agreement.shares.map(({ coordinate }) => coordinate.slice(0, coordinate.indexOf("."))));
  return agreement.where.flatMap(({ condition, place }) =>
    types.has(condition.type)
      ? []
      : [{ ...place, message: `The agreement shares no field of ${condition.type}, so there is nothing to condition.` }],
  );
}

function authorProblems({ author, approvals }: Agreement, document: PolicyDocument): readonly Problem[] {
  if (author === undefined) return [];
  return approvals.flatMap(({ post }, index) =>
    samePost(post, author)
      ? [{ ...document.placeOf(["approvals", index, "post"]), message: `${post} drafted the agreement, so it can't approve it.` }]
      : [],
  );
}

function samePost(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}

function dateProblems(agreement: Agreement, document: PolicyDocument): readonly Problem[] {
  const { valid, review } = agreement;
  const problems: Problem[] = [];
  const add = (path: Path, message: string): number => problems.push({ ...document.placeOf(path), message });
  if (valid.until <= valid.from)
    add(["valid", "until"], "`until` must be later than `from`: it is the first day on which the agreement doesn't hold any more.");
  if (review !== undefined) {
    // Days of one form compare as texts. A 29 February gives a day that doesn't exist, and the comparison still holds.
    const latest = `${Number(valid.from.slice(0, 4)) + 1}${valid.from.slice(4)}`;
    if (review > latest) add(["review"], `\`review\` must be at most 12 months after the agreement takes effect: ${latest} or earlier.`);
    if (review <= valid.from || review > valid.until) add(["review"], "`review` must lie within the time for which the agreement holds.");
  }
  for (const [index, approval] of agreement.approvals.entries()) {
    if (approval.on > valid.from) {
      add(
        ["approvals", index, "on"],
        `The approval is dated ${approval.on}, after the agreement takes effect: let \`from\` be that day or a later one.`,
      );
    }
  }
  return problems;
}
