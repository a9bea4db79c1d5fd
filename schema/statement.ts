import type { ConstDirectiveNode, FieldDefinitionNode } from "graphql";
import type { CacheScope, Classification, Identifier, Level } from "./catalogue.ts";
import { readArgument, stringArgument } from "./definitions.ts";
import { placeOf, SupergraphError } from "./errors.ts";
import type { Features } from "./features.ts";
import { HUB_FEATURE } from "./features.ts";

/** What the departments together state of one field, as the supergraph carries it. */
export interface Statement {
  /** Undefined where no department classified the field. */
  readonly classification: Classification | undefined;
  /** Departments that classify the field, sorted. */
  readonly owners: readonly string[];
  readonly maxAgeSeconds: number | undefined;
  readonly staleSeconds: number | undefined;
  readonly cacheScope: CacheScope | undefined;
  /** Sorted, without repeats. */
  readonly cacheTags: readonly string[];
}

/** Levels from least to most sensitive. */
export const LEVELS: readonly Level[] = ["OPEN", "RESTRICTED", "CONFIDENTIAL"];

/** Identifiers from least to most identifying. */
export const IDENTIFIERS: readonly Identifier[] = ["NONE", "QUASI", "DIRECT"];

/**
 * The link and the directives under which a composed supergraph carries the statements. Levels are strings here, so that the
 * supergraph needs no type of the hub's which a tool could take for a part of the API.
 */
export const STATEMENT_SDL = `
directive @hub__classified(level: String!, personal: Boolean!, identifier: String!, owners: [String!]!) on FIELD_DEFINITION
directive @hub__cacheControl(maxAge: Int, staleFor: Int, scope: String) on FIELD_DEFINITION
directive @hub__cacheTag(format: String!) repeatable on FIELD_DEFINITION
`;

/** Who may be served a cached value, from everybody to nobody. */
export const CACHE_SCOPES: readonly CacheScope[] = ["PUBLIC", "PRIVATE", "NONE"];

const nothing: Statement = {
  classification: undefined,
  owners: [],
  maxAgeSeconds: undefined,
  staleSeconds: undefined,
  cacheScope: undefined,
  cacheTags: [],
};

/**
 * Makes a function that reads the statement on a field of a supergraph. A supergraph that doesn't link the hub states nothing.
 *
 * @throws {SupergraphError} From the returned function, where a statement isn't one that composition writes.
 */
export function createStatementReader(features: Features): (field: FieldDefinitionNode | undefined) => Statement {
  // Directives of the same names that belong to something else mean something else.
  if (!features.isLinked(HUB_FEATURE)) return () => nothing;
  const classified = features.directiveName(HUB_FEATURE, "classified");
  const cacheControl = features.directiveName(HUB_FEATURE, "cacheControl");
  const cacheTag = features.directiveName(HUB_FEATURE, "cacheTag");
  return (field) => {
    const said = field?.directives?.find((directive) => directive.name.value === classified);
    const age = field?.directives?.find((directive) => directive.name.value === cacheControl);
    return {
      classification: said === undefined ? undefined : readClassification(said),
      owners: said === undefined ? [] : readOwners(said),
      maxAgeSeconds: age === undefined ? undefined : readSeconds(age, "maxAge"),
      staleSeconds: age === undefined ? undefined : readSeconds(age, "staleFor"),
      cacheScope: age === undefined ? undefined : CACHE_SCOPES.find((scope) => scope === readArgument(age, "scope")),
      cacheTags: (field?.directives ?? [])
        .filter((directive) => directive.name.value === cacheTag)
        .flatMap((directive) => stringArgument(directive, "format") ?? []),
    };
  };
}

function readClassification(directive: ConstDirectiveNode): Classification {
  const level = LEVELS.find((name) => name === readArgument(directive, "level"));
  const identifier = IDENTIFIERS.find((name) => name === readArgument(directive, "identifier"));
  const personal = readArgument(directive, "personal");
  if (level === undefined || identifier === undefined || typeof personal !== "boolean") {
    throw new SupergraphError(
      `@${directive.name.value} doesn't state a level, whether the value is personal, and an identifier.`,
      placeOf(directive),
    );
  }
  return { level, personal, identifier };
}

function readOwners(directive: ConstDirectiveNode): readonly string[] {
  const owners = readArgument(directive, "owners");
  const names = Array.isArray(owners) ? owners.filter((owner) => typeof owner === "string") : [];
  if (names.length === 0) throw new SupergraphError(`@${directive.name.value} names no owner.`, placeOf(directive));
  return names.sort();
}

function readSeconds(directive: ConstDirectiveNode, argument: "maxAge" | "staleFor"): number | undefined {
  const age = readArgument(directive, argument);
  if (age === undefined) return undefined;
  if (typeof age !== "number" || !Number.isInteger(age) || age < 0) {
    throw new SupergraphError(`@${directive.name.value} doesn't give whole seconds.`, placeOf(directive));
  }
  return age;
}

/** The strictest level, personal if any says so, the most identifying identifier; undefined of nothing. */
export function strictest(all: readonly Classification[]): Classification | undefined {
  if (all.length === 0) return undefined;
  return {
    level: LEVELS[Math.max(...all.map((one) => LEVELS.indexOf(one.level)))] ?? "CONFIDENTIAL",
    personal: all.some((one) => one.personal),
    identifier: IDENTIFIERS[Math.max(...all.map((one) => IDENTIFIERS.indexOf(one.identifier)))] ?? "DIRECT",
  };
}
