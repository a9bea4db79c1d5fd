import { buildSchema } from "graphql";
import type { PolicyFile } from "../../policies/engine/bundle.ts";
import type { PolicySchema } from "../../policies/engine/graph.ts";
import type { CatalogueField } from "../../schema/catalogue.ts";

/** How large a bundle is made. */
export interface LargeOptions {
  readonly agreements: number;
  /** At least 20; rounded down to tens. */
  readonly fields: number;
}

/** A graph and the files of a policies folder that fits it. */
export interface LargeWorld {
  readonly schema: PolicySchema;
  readonly files: readonly PolicyFile[];
}

const FIELDS_PER_TYPE = 10;

const BUREAUS = 20;

const PURPOSES = 10;

/**
 * Makes a graph of many fields and agreements that share parts of it: types of ten fields that lead from one to the next, twenty bureaus and
 * ten purposes. Some agreements need a case, mask, or set conditions. The same options give the same world.
 */
export function createLargeWorld({ agreements, fields }: LargeOptions): LargeWorld {
  const types = Math.max(2, Math.floor(fields / FIELDS_PER_TYPE));
  return {
    schema: createLargeSchema(types),
    files: [
      { path: "purposes.yaml", text: listText("purposes", PURPOSES, (index) => `{ code: p${index}, title: P, description: P. }`) },
      {
        path: "applications.yaml",
        text:
          listText("bureaus", BUREAUS, (index) => `{ code: b${index}, title: B }`) +
          listText(
            "applications",
            BUREAUS,
            (index) => `{ client: c${index}, title: C, bureau: b${index}, purposes: [p${index % PURPOSES}] }`,
          ),
      },
      ...Array.from({ length: agreements }, (_, index) => ({ path: `agreements/a${index}.yaml`, text: agreementAt(index, types) })),
    ],
  };
}

function listText(key: string, length: number, item: (index: number) => string): string {
  return `${key}:\n${Array.from({ length }, (_, index) => `  - ${item(index)}\n`).join("")}`;
}

function createLargeSchema(types: number): PolicySchema {
  const fields = new Map<string, CatalogueField>();
  const lines = ["type Query { t0: T0 }"];
  const add = (coordinate: string, type: string): void => {
    const classification = { level: "RESTRICTED", personal: true, identifier: "NONE" } as const;
    fields.set(coordinate, {
      coordinate,
      owners: ["d"],
      classification,
      type,
      description: undefined,
      requires: [],
      maxAgeSeconds: undefined,
    });
  };
  add("Query.t0", "T0");
  for (let type = 0; type < types; type += 1) {
    const next = `T${(type + 1) % types}`;
    lines.push(
      `type T${type} { next: ${next} ${Array.from({ length: FIELDS_PER_TYPE - 1 }, (_, field) => `f${field}: String`).join(" ")} }`,
    );
    add(`T${type}.next`, next);
    for (let field = 0; field < FIELDS_PER_TYPE - 1; field += 1) add(`T${type}.f${field}`, "String");
  }
  return { apiSchema: buildSchema(lines.join("\n")), catalogue: { fields, unclassified: [] } };
}

/** Agreements of one bureau are twenty apart, and each takes two types that follow each other, so that one bureau gets no field twice. */
function agreementAt(index: number, types: number): string {
  const shared = Array.from({ length: 2 }, (_, place) => (index + place) % types);
  const fieldsOf = (from: number, until: number): string =>
    shared.flatMap((type) => Array.from({ length: until - from }, (_, field) => `T${type}.f${from + field}`)).join(", ");
  return [
    `agreement: A-${index}`,
    "version: 1",
    "title: Large",
    "provider: d",
    `recipient: b${index % BUREAUS}`,
    `purpose: p${index % PURPOSES}`,
    "legalBasis: { ordinance: A, section: B, kind: statute }",
    `valid: { from: 2026-0${1 + (index % 9)}-01, until: 2027-0${1 + (index % 9)}-01 }`,
    `review: 2026-12-0${1 + (index % 9)}`,
    "approvals: [{ post: Head, role: data-owner, on: 2025-12-01 }, { post: Privacy Officer, role: privacy-officer, on: 2025-12-01 }]",
    ...(index % 3 === 0 ? ['requires: { case: "^A-[0-9]{4}$" }'] : []),
    "share:",
    `  - { fields: [${fieldsOf(0, 5)}], why: Needed }`,
    `  - { fields: [${fieldsOf(5, 8)}], why: Needed, mask: exists }`,
    ...(index % 5 === 0 ? [`where: { T${shared[0] ?? 0}: { field: f8, is: $purpose } }`] : []),
    "",
  ].join("\n");
}
