import type { z } from "zod";
import type { Agreement, Application, Bundle, Bureau, Mention, PolicyFile, Problem, Purpose, Question, Share } from "./bundle.ts";
import type { Plain } from "./canonical.ts";
import { canonicalHash } from "./canonical.ts";
import type { Path, PolicyDocument } from "./document.ts";
import { readDocument } from "./document.ts";
import type { AgreementValue } from "./shape.ts";
import { agreementShape, applicationsShape, purposesShape, questionsShape } from "./shape.ts";

/** What `parseBundle` gives. */
export type ParsedBundle = { readonly ok: true; readonly bundle: Bundle } | { readonly ok: false; readonly problems: readonly Problem[] };

const FILES_MAX = 2000;

/** Keys that the format has and this version of the hub doesn't support. A file that uses one is invalid, as with an unknown key. */
const KEYS_TO_COME: ReadonlySet<string> = new Set(["where", "limits"]);

interface Parts {
  readonly agreements: Agreement[];
  readonly purposes: Map<string, Purpose>;
  readonly bureaus: Map<string, Bureau>;
  readonly applications: Map<string, Application>;
  readonly questions: Question[];
  readonly problems: Problem[];
}

/**
 * Reads the files of a policies folder.
 *
 * Every file must be one that the format knows; one wrong file makes the whole bundle invalid, so that nobody gets more than was agreed
 * because a file was passed over.
 */
export function parseBundle(files: readonly PolicyFile[]): ParsedBundle {
  if (files.length > FILES_MAX) return { ok: false, problems: [fileProblem("policies", `There are more than ${FILES_MAX} policy files.`)] };
  const parts: Parts = { agreements: [], purposes: new Map(), bureaus: new Map(), applications: new Map(), questions: [], problems: [] };
  for (const file of files.toSorted((one, other) => compareText(one.path, other.path))) readFile(file, parts);
  for (const needed of ["purposes.yaml", "applications.yaml"]) {
    if (!files.some(({ path }) => path === needed)) parts.problems.push(fileProblem(needed, "The file is missing."));
  }
  if (parts.problems.length > 0) return { ok: false, problems: parts.problems };
  const agreements = parts.agreements.toSorted((one, other) => compareText(one.agreement, other.agreement) || one.version - other.version);
  return { ok: true, bundle: { ...parts, agreements, hash: hashOf(agreements, parts) } };
}

function readFile(file: PolicyFile, parts: Parts): void {
  if (/^agreements\/[^/]+\.yaml$/.test(file.path)) readInto(file, parts, { shape: agreementShape, add: addAgreement });
  else if (/^cases\/[^/]+\.yaml$/.test(file.path)) readInto(file, parts, { shape: questionsShape, add: addQuestions });
  else if (file.path === "purposes.yaml") readInto(file, parts, { shape: purposesShape, add: addPurposes });
  else if (file.path === "applications.yaml") readInto(file, parts, { shape: applicationsShape, add: addApplications });
  else
    parts.problems.push(
      fileProblem(file.path, "This is no policy file: agreements/NAME.yaml, cases/NAME.yaml, purposes.yaml and applications.yaml are."),
    );
}

interface Reading<Shape extends z.ZodType> {
  readonly shape: Shape;
  readonly add: (value: z.output<Shape>, document: PolicyDocument, parts: Parts) => void;
}

function readInto<Shape extends z.ZodType>(file: PolicyFile, parts: Parts, reading: Reading<Shape>): void {
  const document = readDocument(file);
  if (!("value" in document)) {
    parts.problems.push(...document);
    return;
  }
  const result = reading.shape.safeParse(document.value);
  if (result.success) reading.add(result.data, document, parts);
  else parts.problems.push(...result.error.issues.flatMap((issue) => problemsOf(issue, document)));
}

function problemsOf(issue: z.core.$ZodIssue, document: PolicyDocument): readonly Problem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      ...document.placeOfKey(issue.path, key),
      message: KEYS_TO_COME.has(key)
        ? `\`${key}\` is not supported by this version of the hub yet, so the file can't be used.`
        : `\`${key}\` is not a known key.`,
    }));
  }
  const key = issue.path.findLast((step) => typeof step === "string");
  const name = key === undefined ? "The file" : `\`${key}\``;
  const place = document.placeOf(issue.path);
  if (issue.code !== "custom" && !document.has(issue.path)) return [{ ...place, message: `${name} is missing.` }];
  if (issue.code === "invalid_type" && issue.expected === "object")
    return [{ ...place, message: `${name} must be a map of keys and values.` }];
  return [{ ...place, message: `${name} ${issue.message}.` }];
}

function addAgreement(value: AgreementValue, document: PolicyDocument, parts: Parts): void {
  const mention = (path: Path, coordinate: string): Mention => ({ coordinate, place: document.placeOf(path) });
  const mentions = (path: Path, coordinates: readonly string[] | undefined): readonly Mention[] =>
    (coordinates ?? []).map((coordinate, index) => mention([...path, index], coordinate));
  const shares = (value.share ?? []).flatMap((entry, index) =>
    entry.fields.map(
      (coordinate, position): Share => ({
        ...mention(["share", index, "fields", position], coordinate),
        mask: entry.mask,
        why: entry.why,
        declassifies: mentions(["share", index, "declassifies"], entry.declassifies),
      }),
    ),
  );
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
    casePattern: value.requires?.case,
    shares,
    arguments: mentions(["arguments"], value.arguments),
    withholds: mentions(["withhold"], value.withhold),
    place: document.placeOfKey([], "agreement"),
  };
  parts.agreements.push(agreement);
  parts.problems.push(
    ...repeated(shares),
    ...repeated(agreement.arguments),
    ...repeated(agreement.withholds),
    ...strayArguments(agreement),
  );
  parts.problems.push(...dateProblems(agreement, document));
  if (shares.length === 0 && agreement.withholds.length === 0) {
    parts.problems.push({ ...agreement.place, message: "The agreement shares nothing and withholds nothing." });
  }
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
    const field = coordinate.slice(0, coordinate.indexOf("("));
    return shared.has(field) ? [] : [{ ...place, message: `${coordinate} is an argument of ${field}, which the agreement doesn't share.` }];
  });
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

function addPurposes(value: z.output<typeof purposesShape>, document: PolicyDocument, parts: Parts): void {
  for (const [index, purpose] of value.purposes.entries()) {
    if (parts.purposes.has(purpose.code)) parts.problems.push(twice(document, ["purposes", index, "code"], purpose.code));
    parts.purposes.set(purpose.code, purpose);
  }
}

function addApplications(value: z.output<typeof applicationsShape>, document: PolicyDocument, parts: Parts): void {
  for (const [index, bureau] of value.bureaus.entries()) {
    if (parts.bureaus.has(bureau.code)) parts.problems.push(twice(document, ["bureaus", index, "code"], bureau.code));
    parts.bureaus.set(bureau.code, bureau);
  }
  for (const [index, application] of value.applications.entries()) {
    if (parts.applications.has(application.client))
      parts.problems.push(twice(document, ["applications", index, "client"], application.client));
    parts.applications.set(application.client, { ...application, place: document.placeOf(["applications", index]) });
  }
}

function addQuestions(value: z.output<typeof questionsShape>, document: PolicyDocument, parts: Parts): void {
  for (const [index, question] of value.cases.entries()) {
    const { at, case: caseReference, expect, by, title, bureau, purpose, coordinate } = question;
    const place = document.placeOf(["cases", index]);
    parts.questions.push({ title, bureau, purpose, coordinate, atMs: at, caseReference, expected: expect, by, place });
  }
}

function twice(document: PolicyDocument, path: Path, name: string): Problem {
  return { ...document.placeOf(path), message: `${name} stands in this file for the second time.` };
}

function hashOf(agreements: readonly Agreement[], parts: Parts): string {
  return canonicalHash({
    agreements: agreements.map((agreement) => agreementContent(agreement)),
    purposes: sortedValues(parts.purposes).map(({ code, title, description }) => ({ code, title, description })),
    bureaus: sortedValues(parts.bureaus).map(({ code, title }) => ({ code, title })),
    applications: sortedValues(parts.applications).map(({ client, title, bureau, purposes }) => ({ client, title, bureau, purposes })),
  });
}

/** All that an agreement says, without the places where it says it. */
function agreementContent(agreement: Agreement): Plain {
  const names = (mentions: readonly Mention[]): readonly string[] => mentions.map(({ coordinate }) => coordinate);
  return {
    ...agreement,
    place: undefined,
    legalBasis: agreement.legalBasis === undefined ? undefined : { ...agreement.legalBasis },
    valid: { ...agreement.valid },
    approvals: agreement.approvals.map((approval) => ({ ...approval })),
    shares: agreement.shares.map(({ coordinate, mask, why, declassifies }) => ({
      coordinate,
      mask: mask === undefined ? undefined : { ...mask, bands: mask.kind === "band" ? mask.bands.map((band) => ({ ...band })) : undefined },
      why,
      declassifies: names(declassifies),
    })),
    arguments: names(agreement.arguments),
    withholds: names(agreement.withholds),
  };
}

function sortedValues<Value>(map: ReadonlyMap<string, Value>): readonly Value[] {
  return [...map].toSorted(([one], [other]) => compareText(one, other)).map(([, value]) => value);
}

/** Order of UTF-16 code units: the same on every machine, unlike the order of a locale. */
function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function fileProblem(file: string, message: string): Problem {
  return { file, line: 1, column: 1, message };
}
