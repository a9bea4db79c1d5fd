import { type GraphQLInputType, type GraphQLSchema, getNamedType, isEnumType, isInputObjectType, isListType, isObjectType } from "graphql";
import type { PolicyFile } from "../../policies/engine/bundle.ts";
import type { CatalogueField } from "../../schema/catalogue.ts";
import type { Supergraph } from "../../schema/supergraph.ts";
import type { Chance } from "../federation/chance.ts";
import { deepenConditions } from "./deepen.ts";
import { inputsOfListing, type Listing } from "./lists.ts";

/** An agreement as its file has it. */
export interface AgreementFile {
  readonly agreement: string;
  readonly provider: string;
  readonly recipient: string;
  readonly purpose: string;
  readonly share: readonly Share[];
  readonly [key: string]: unknown;
}

interface Share {
  readonly fields: readonly string[];
  readonly why: string;
  readonly mask?: unknown;
  readonly declassifies?: readonly string[];
}

interface Drafting {
  readonly chance: Chance;
  readonly supergraph: Supergraph;
  /** Coordinates of a `where`: fields of each type that a condition may look at. */
  readonly conditional: ReadonlyMap<string, readonly CatalogueField[]>;
}

interface Party {
  readonly recipient: string;
  readonly purpose: string;
  /** How much of what a provider owns is shared. */
  readonly share: number;
}

const parties: readonly Party[] = [
  { recipient: "desk", purpose: "checks", share: 0.75 },
  { recipient: "desk", purpose: "lists", share: 0.4 },
  { recipient: "lab", purpose: "checks", share: 0.85 },
];

/** Drafts agreements between all departments and two bureaus. Not each of them is fit. */
export function draftAgreements(chance: Chance, supergraph: Supergraph): readonly AgreementFile[] {
  const drafting: Drafting = { chance, supergraph, conditional: conditionalFields(supergraph) };
  const providers = new Set([...supergraph.catalogue.fields.values()].flatMap(({ owners }) => owners[0] ?? []));
  const drafted = parties.flatMap((party) =>
    [...providers].flatMap((provider) => {
      const owned = [...supergraph.catalogue.fields.values()].filter(
        ({ owners, classification }) => owners[0] === provider && classification.level !== "OPEN",
      );
      const [lists, others] = [owned.filter(isListing), owned.filter((field) => !isListing(field))];
      const [one, other] = split(chance, chance.some(others, party.share));
      return [one, other, lists].flatMap((fields, index) =>
        fields.length === 0 ? [] : draft(drafting, { party, provider, index, fields, owned: others, isPlain: fields === lists }),
      );
    }),
  );
  return deepenConditions(drafted, supergraph);
}

/** Lists are shared with everybody and always: it is their inputs that count. */
function isListing({ coordinate }: CatalogueField): boolean {
  return /^Query\.(?:list|count)\d$/.test(coordinate);
}

function split<T>(chance: Chance, items: readonly T[]): readonly [readonly T[], readonly T[]] {
  const first = new Set(chance.some(items, 0.7));
  return [[...first], items.filter((item) => !first.has(item))];
}

interface Draft {
  readonly party: Party;
  readonly provider: string;
  readonly index: number;
  readonly fields: readonly CatalogueField[];
  readonly owned: readonly CatalogueField[];
  /** In force, and without restrictions. */
  readonly isPlain: boolean;
}

function draft(drafting: Drafting, { party, provider, index, fields, owned, isPlain }: Draft): AgreementFile {
  const { chance } = drafting;
  const { recipient, purpose } = party;
  const withheld = !isPlain && chance.is(0.25) ? chance.some(owned, 0.08).map(({ coordinate }) => coordinate) : [];
  const shares = fields.map((field) => shareOf(drafting, field));
  const where = whereOf(drafting, fields);
  return {
    agreement: `${recipient}-${purpose}-${provider}-${index}`.toUpperCase(),
    version: 1,
    title: "Random",
    provider,
    recipient,
    purpose,
    legalBasis: { ordinance: "Cap. 1", section: "2", kind: "statute" },
    ...(isPlain ? { valid: { from: "2026-03-01", until: "2027-03-01" }, review: "2027-01-01" } : datesOf(chance)),
    approvals: !isPlain && chance.is(0.1) ? [approvals[0]] : approvals,
    ...(!isPlain && chance.is(0.2) ? { requires: { case: chance.one(["^A-[0-9]$", "^B-[0-9]$"]) } } : {}),
    share: shares,
    arguments: argumentsOf(drafting, fields),
    ...(withheld.length > 0 ? { withhold: withheld } : {}),
    ...(where === undefined ? {} : { where }),
  };
}

const approvals = [
  { post: "Head", role: "data-owner", on: "2026-01-01" },
  { post: "Privacy Officer", role: "privacy-officer", on: "2026-01-01" },
];

/** Mostly in force; else over or not yet begun, now and then by the very instant. */
function datesOf(chance: Chance): object {
  const [from, until] = chance.one([
    ...Array.from({ length: 6 }, () => ["2026-03-01", "2027-03-01"] as const),
    ["2026-11-24", "2027-03-01"],
    ["2026-11-25", "2027-03-01"],
    ["2026-03-01", "2026-11-24"],
    ["2026-03-01", "2026-11-24"],
    ["2026-03-01", "2026-11-25"],
  ] as const);
  return { valid: { from, until }, review: until };
}

function shareOf({ chance, supergraph }: Drafting, { coordinate, requires }: CatalogueField): Share {
  const mask = leafOf(supergraph.apiSchema, coordinate) === "String" && chance.is(0.4) ? chance.one(masks) : undefined;
  const declassifies = requires.length > 0 && chance.is(0.6) ? chance.some(requires, 0.8) : [];
  return {
    fields: [coordinate],
    why: "Needed",
    ...(mask === undefined ? {} : { mask }),
    ...(declassifies.length > 0 ? { declassifies } : {}),
  };
}

/** Bands between which the shaped values of masked fields change. */
const masks: readonly unknown[] = [
  { keep: { first: 1 } },
  { keep: { last: 2 } },
  { keep: { first: 1, last: 1 } },
  "exists",
  "initials",
  "district",
  "year",
  "pseudonym",
  {
    band: [
      { name: "low", until: 50 },
      { name: "high", from: 50 },
    ],
  },
];

function argumentsOf({ chance, supergraph }: Drafting, fields: readonly CatalogueField[]): readonly string[] {
  const { apiSchema } = supergraph;
  const listed = new Set<string>();
  for (const { coordinate } of fields) {
    for (const { name, type } of fieldAt(apiSchema, coordinate)?.args ?? []) {
      if (chance.is(0.12)) continue;
      listed.add(`${coordinate}(${name}:)`);
      for (const input of inputsOf(type)) if (chance.is(0.95)) listed.add(input);
    }
  }
  return [...listed];
}

function inputsOf(type: GraphQLInputType, found = new Set<string>()): ReadonlySet<string> {
  const named = getNamedType(type);
  if (isEnumType(named)) for (const { name } of named.getValues()) found.add(`${named.name}.${name}`);
  if (isInputObjectType(named)) {
    for (const field of Object.values(named.getFields())) {
      const coordinate = `${named.name}.${field.name}`;
      if (found.has(coordinate)) continue;
      found.add(coordinate);
      inputsOf(field.type, found);
    }
  }
  return found;
}

/** Types whose objects are conditioned, with the plain fields that conditions look at. */
function conditionalFields({ apiSchema, catalogue }: Supergraph): Drafting["conditional"] {
  const plain = [...catalogue.fields.values()].filter(({ coordinate, requires }) => {
    const field = fieldAt(apiSchema, coordinate);
    if (field === undefined || field.args.length > 0 || requires.length > 0 || /^(?:Query|Value|Deep|Dot|Pos)\./.test(coordinate))
      return false;
    return /^(?:Int|String|\[Int!?\])!?$/.test(String(field.type)) && /\.f\d$/.test(coordinate);
  });
  return Map.groupBy(plain, ({ coordinate }) => coordinate.slice(0, coordinate.indexOf(".")));
}

function whereOf({ chance, supergraph, conditional }: Drafting, fields: readonly CatalogueField[]): object | undefined {
  const types = new Set(fields.map(({ coordinate }) => coordinate.slice(0, coordinate.indexOf("."))));
  const usable = [...types].filter((type) => conditional.has(type));
  if (usable.length === 0 || !chance.is(0.6)) return undefined;
  const type = chance.one(usable);
  const { coordinate } = chance.one(conditional.get(type) ?? []);
  const name = coordinate.slice(type.length + 1);
  const declared = fieldAt(supergraph.apiSchema, coordinate)?.type;
  const nullable = String(declared).replace(/!$/, "");
  if (nullable === "String") return { [type]: { field: name, is: Array.from({ length: 40 }, (_, index) => `s${index * 7}"\\é`) } };
  if (nullable === "Int") return { [type]: chance.is(0.5) ? { field: name, from: 500 } : { field: name, until: 500 } };
  return isListType(declared) || nullable.startsWith("[")
    ? { [type]: { field: name, has: Array.from({ length: 50 }, (_, index) => index * 17) } }
    : undefined;
}

function fieldAt(schema: GraphQLSchema, coordinate: string) {
  const [typeName = "", name = ""] = coordinate.split(".");
  const type = schema.getType(typeName);
  return isObjectType(type) ? type.getFields()[name] : undefined;
}

function leafOf(schema: GraphQLSchema, coordinate: string): string | undefined {
  const type = fieldAt(schema, coordinate)?.type;
  return type === undefined ? undefined : getNamedType(type).name;
}

/** Takes inputs out of agreements that would tell of fields that the recipient may not read: whoever drafts an agreement must see to that. */
export function withoutOracles(
  files: readonly AgreementFile[],
  listings: readonly Listing[],
  isReadable: (party: { readonly recipient: string; readonly purpose: string }, coordinate: string) => boolean,
): readonly AgreementFile[] {
  const reads = new Map(listings.flatMap((listing) => [...inputsOfListing(listing)]));
  return files.map((file) => ({
    ...file,
    arguments: (file["arguments"] as readonly string[]).filter((input) => {
      const field = reads.get(input);
      return field === undefined || isReadable(file, field);
    }),
  }));
}

/** The files of a policies folder. JSON is YAML. */
export function filesOf(agreements: readonly AgreementFile[]): readonly PolicyFile[] {
  const purposes = ["checks", "lists"].map((code) => ({ code, title: code, description: code }));
  const bureaus = ["desk", "lab"].map((code) => ({ code, title: code }));
  const applications = bureaus.map(({ code }) => ({ client: `${code}-app`, title: code, bureau: code, purposes: ["checks", "lists"] }));
  return [
    { path: "purposes.yaml", text: JSON.stringify({ purposes }) },
    { path: "applications.yaml", text: JSON.stringify({ bureaus, applications }) },
    ...agreements.map((agreement, index) => ({
      path: `agreements/${index}.yaml`,
      text: JSON.stringify(agreement, (key, value: unknown) =>
        key === "arguments" && Array.isArray(value) && value.length === 0 ? undefined : value,
      ),
    })),
  ];
}
