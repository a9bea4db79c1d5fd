import { type GraphQLObjectType, type GraphQLOutputType, getNamedType, isEnumType, isListType, isNonNullType, isObjectType } from "graphql";
import type { CatalogueField } from "../../schema/catalogue.ts";
import type { Supergraph } from "../../schema/supergraph.ts";
import { type Chance, createChance, hashTexts } from "../federation/chance.ts";
import type { AgreementFile } from "./agreements.ts";

/** Most steps of a path, and most lists within lists. */
const DEPTH_MAX = 3;

interface Site {
  readonly chance: Chance;
  readonly supergraph: Supergraph;
}

interface Written {
  readonly field: string;
  readonly [comparison: string]: unknown;
}

/**
 * Puts agreements under conditions more that go through objects, look for one of a list, or compare with the day and the case of the request.
 * Each draws for itself, so that nothing else that is drawn becomes another.
 */
export function deepenConditions(files: readonly AgreementFile[], supergraph: Supergraph): readonly AgreementFile[] {
  return files.map((file) => {
    const chance = createChance(hashTexts(file.agreement, JSON.stringify(file.share)));
    // Lists are there for their inputs.
    const types = new Set(file.share.flatMap(({ fields }) => fields).map((coordinate) => coordinate.slice(0, coordinate.indexOf("."))));
    const usable = [...types].filter((type) => /^[PQR]$/.test(type));
    if (usable.length === 0 || !chance.is(0.4)) return file;
    const type = chance.one(usable);
    const start = supergraph.apiSchema.getType(type);
    const condition = isObjectType(start) ? draw({ chance, supergraph }, start, { depth: 0, isDeep: chance.is(0.8) }) : undefined;
    if (condition === undefined) return file;
    const where = (file["where"] ?? {}) as Readonly<Record<string, unknown>>;
    const known = where[type];
    return { ...file, where: { ...where, [type]: known === undefined ? condition : [known, condition] } };
  });
}

interface Drawing {
  readonly depth: number;
  /** Whether the condition is to go through objects where it can. */
  readonly isDeep: boolean;
}

function draw(site: Site, type: GraphQLObjectType, { depth, isDeep }: Drawing): Written | undefined {
  const { chance, supergraph } = site;
  const all = Object.values(type.getFields()).filter(
    ({ name, args }) => args.length === 0 && isPlain(supergraph.catalogue.fields.get(`${type.name}.${name}`)),
  );
  const through = all.filter((field) => depth < DEPTH_MAX - 1 && isThrough(field.type));
  const leaves = all.filter((field) => !isObjectType(getNamedType(field.type)));
  const candidates = isDeep && through.length > 0 ? through : leaves;
  if (candidates.length === 0) return undefined;
  const field = chance.one(candidates);
  const next = getNamedType(field.type);
  if (!isObjectType(next)) return compareLeaf(site, `${type.name}.${field.name}`, field.type);
  const inner = draw(site, next, { depth: depth + 1, isDeep: chance.is(0.4) });
  if (inner === undefined) return undefined;
  const { field: path, ...comparison } = inner;
  if (!isListType(nullableOf(field.type))) return { field: `${field.name}.${path}`, ...comparison };
  // One `some` can't stand in another.
  return "some" in comparison ? undefined : { field: field.name, some: { [path]: comparison } };
}

/** What is computed from other fields would be looked at where these may not be. */
function isPlain(field: CatalogueField | undefined): boolean {
  return field !== undefined && field.requires.length === 0;
}

/** An object, or a list of objects that isn't a list of lists. */
function isThrough(type: GraphQLOutputType): boolean {
  const plain = nullableOf(type);
  return isObjectType(isListType(plain) ? nullableOf(plain.ofType as GraphQLOutputType) : plain);
}

function nullableOf(type: GraphQLOutputType): GraphQLOutputType {
  return isNonNullType(type) ? type.ofType : type;
}

function compareLeaf({ chance }: Site, coordinate: string, type: GraphQLOutputType): Written | undefined {
  const field = coordinate.slice(coordinate.indexOf(".") + 1);
  const plain = nullableOf(type);
  const isList = isListType(plain);
  if (isList && isListType(nullableOf(plain.ofType as GraphQLOutputType))) return undefined;
  const named = getNamedType(type);
  const some = (operands: readonly unknown[]): Written => ({ field, [isList ? "has" : "is"]: operands });
  if (isEnumType(named)) return some([chance.one(named.getValues()).name]);
  if (named.name === "Int") {
    if (isList) return some(Array.from({ length: 50 }, (_, index) => index * 2));
    const bound = boundOf(coordinate);
    return chance.is(0.5) ? { field, from: bound } : { field, until: bound };
  }
  // Keys stay what they are.
  if (named.name === "ID" || field === "code") return some(["P0", "P1", "Q0", "Q2", "R1", "c0", "c1", "$case"]);
  return named.name === "String" ? some(chance.one([["$case"], ["$today"], ["$today", "$case"], ["$case", "d3", "t4"]])) : undefined;
}

/** Half of what a field comes to. */
function boundOf(coordinate: string): number {
  if (coordinate.startsWith("Pos.")) return 1;
  return /^(?:Value|Dot)\./.test(coordinate) ? 50 : 500;
}
