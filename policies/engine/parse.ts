import type { z } from "zod";
import type { Agreement, Application, Bundle, Bureau, PolicyFile, Problem, Purpose, Question } from "./bundle.ts";
import { canonicalHash } from "./canonical.ts";
import { agreementContent } from "./content.ts";
import type { Path, PolicyDocument } from "./document.ts";
import { readDocument } from "./document.ts";
import { addAgreement } from "./reading.ts";
import { agreementShape, applicationsShape, purposesShape, questionsShape } from "./shape.ts";

/** What `parseBundle` gives. */
export type ParsedBundle = { readonly ok: true; readonly bundle: Bundle } | { readonly ok: false; readonly problems: readonly Problem[] };

const FILES_MAX = 2000;

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
      message: `\`${key}\` is not a known key.`,
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
