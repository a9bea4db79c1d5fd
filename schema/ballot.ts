import type { ConstDirectiveNode, DocumentNode, FieldDefinitionNode } from "graphql";
import { Kind } from "graphql";
import type { CacheScope, Classification } from "./catalogue.ts";
import { namedType, readArgument } from "./definitions.ts";
import { readFeatures } from "./features.ts";
import { schemaDirectives } from "./linkage.ts";
import type { DepartmentFile, Problem } from "./problems.ts";
import { problemAt } from "./problems.ts";
import { CACHE_SCOPES, IDENTIFIERS, LEVELS, strictest } from "./statement.ts";

/** A department's parsed SDL. */
export interface DepartmentDocument extends DepartmentFile {
  readonly document: DocumentNode;
}

/** What one department says of one field that it serves. */
export interface Voice {
  readonly department: DepartmentFile;
  readonly field: FieldDefinitionNode;
  readonly classification: Classification | undefined;
  readonly maxAgeSeconds: number | undefined;
  readonly staleSeconds: number | undefined;
  readonly cacheScope: CacheScope | undefined;
  readonly cacheTags: readonly string[];
  /** The department that the field is taken from for good. */
  readonly overrides: string | undefined;
}

/** One department's voices. */
export interface Ballot {
  readonly department: DepartmentFile;
  /** By type and field; fields that the department only refers to are left out. */
  readonly voices: ReadonlyMap<string, ReadonlyMap<string, Voice>>;
  /** Interfaces that the department knows as an object, whose fields all implementing types get. */
  readonly interfaceObjects: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

/** All that one document says of a type, its extensions included. */
interface TypeParts {
  readonly directives: readonly ConstDirectiveNode[];
  readonly fields: readonly FieldDefinitionNode[];
}

/** Reads what one department states of the fields it serves, and reports what it states wrongly. */
export function readBallot(department: DepartmentDocument): Ballot {
  const features = readFeatures(schemaDirectives(department.document));
  const federation = (name: string): string => features.directiveName("https://specs.apollo.dev/federation", name);
  const problems = new Map<ConstDirectiveNode, Problem>();
  const reader: Reader = {
    department,
    types: readTypes(department.document),
    names: { external: federation("external"), override: federation("override"), key: federation("key") },
    problems,
  };
  const voices = new Map<string, ReadonlyMap<string, Voice>>();
  const interfaceObjects = new Set<string>();
  for (const [name, type] of reader.types) {
    if (named(type.directives, federation("interfaceObject")).length > 0) interfaceObjects.add(name);
    voices.set(name, readVoices(type, reader));
  }
  return { department, voices, interfaceObjects, problems: [...problems.values()] };
}

interface Reader {
  readonly department: DepartmentFile;
  readonly types: ReadonlyMap<string, TypeParts>;
  readonly names: { readonly external: string; readonly override: string; readonly key: string };
  /** By the directive at fault, so that a type's default is reported once and not for each field. */
  readonly problems: Map<ConstDirectiveNode, Problem>;
}

function readTypes(document: DocumentNode): ReadonlyMap<string, TypeParts> {
  const types = new Map<string, TypeParts>();
  const roots = readRoots(document);
  for (const node of document.definitions) {
    switch (node.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_EXTENSION:
      case Kind.UNION_TYPE_DEFINITION:
      case Kind.UNION_TYPE_EXTENSION: {
        const name = roots.get(node.name.value) ?? node.name.value;
        const had = types.get(name) ?? { directives: [], fields: [] };
        const fields = "fields" in node ? (node.fields ?? []) : [];
        types.set(name, { directives: [...had.directives, ...(node.directives ?? [])], fields: [...had.fields, ...fields] });
        break;
      }
      default:
        break;
    }
  }
  return types;
}

/** The names of the root types in a composed graph, whatever departments call theirs. */
export const rootTypes = { query: "Query", mutation: "Mutation", subscription: "Subscription" } as const;

/** The names that a department's root types have in the composed graph, by its own. */
function readRoots(document: DocumentNode): ReadonlyMap<string, string> {
  const roots = document.definitions.flatMap((node) =>
    node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION ? (node.operationTypes ?? []) : [],
  );
  return new Map(roots.map(({ operation, type }) => [type.name.value, rootTypes[operation]]));
}

function readVoices(type: TypeParts, reader: Reader): ReadonlyMap<string, Voice> {
  const fallback = readClassified(type.directives, reader);
  // What a department says of an entity it says of the entity's own fields too, as each can be asked for by the key alone.
  const isEntity = named(type.directives, reader.names.key).length > 0;
  const inherited = isEntity ? readTerms(type.directives, reader) : noTerms;
  const typeTags = readTags(type.directives, { reader, field: undefined });
  const isExternal = named(type.directives, reader.names.external).length > 0;
  const voices = new Map<string, Voice>();
  for (const field of type.fields) {
    const directives = field.directives ?? [];
    if (isExternal || named(directives, reader.names.external).length > 0) continue;
    const override = named(directives, reader.names.override)[0];
    const from = override === undefined || readArgument(override, "label") !== undefined ? undefined : readArgument(override, "from");
    const returned = reader.types.get(namedType(field.type))?.directives ?? [];
    voices.set(field.name.value, {
      department: reader.department,
      field,
      classification: readClassified(directives, reader) ?? fallback,
      ...mergeTerms(readTerms(directives, reader), readTerms(returned, reader), inherited),
      cacheTags: [...typeTags, ...readTags(directives, { reader, field })],
      overrides: typeof from === "string" ? from : undefined,
    });
  }
  return voices;
}

function readClassified(directives: readonly ConstDirectiveNode[], reader: Reader): Classification | undefined {
  const stated = named(directives, "classified").flatMap((directive): readonly Classification[] => {
    const level = LEVELS.find((name) => name === readArgument(directive, "level"));
    const identifier = IDENTIFIERS.find((name) => name === (readArgument(directive, "identifier") ?? "NONE"));
    const personal = readArgument(directive, "personal") ?? false;
    if (level === undefined || identifier === undefined || typeof personal !== "boolean") {
      report(directive, reader, { code: "CLASSIFICATION_INVALID", message: "The classification states no level, or something unknown." });
      return [];
    }
    if (personal && level === "OPEN") {
      report(directive, reader, { code: "PERSONAL_BUT_OPEN", message: "Personal data can't be OPEN." });
    }
    return [{ level, personal, identifier }];
  });
  return strictest(stated);
}

/** What `@cacheControl` says at one place. */
type Terms = Pick<Voice, "maxAgeSeconds" | "staleSeconds" | "cacheScope">;

const noTerms: Terms = { maxAgeSeconds: undefined, staleSeconds: undefined, cacheScope: undefined };

function readTerms(directives: readonly ConstDirectiveNode[], reader: Reader): Terms {
  const said = named(directives, "cacheControl");
  const smallest = (argument: "maxAge" | "staleFor"): number | undefined => {
    const values = said.flatMap((directive) => readSeconds(directive, argument, reader));
    return values.length === 0 ? undefined : Math.min(...values);
  };
  const scopes = said.map((directive) => readArgument(directive, "scope"));
  // They are listed from the loosest to the strictest.
  const cacheScope = CACHE_SCOPES.findLast((scope) => scopes.includes(scope));
  return { maxAgeSeconds: smallest("maxAge"), staleSeconds: smallest("staleFor"), cacheScope };
}

function readSeconds(directive: ConstDirectiveNode, argument: string, reader: Reader): readonly number[] {
  const value = readArgument(directive, argument);
  if (value === undefined) return [];
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return [value];
  report(directive, reader, { code: "MAX_AGE_INVALID", message: `\`${argument}\` is no number of seconds.` });
  return [];
}

/** Ages are the field's own, else the returned type's, else the entity's; a scope is the strictest of those said. */
function mergeTerms(own: Terms, returned: Terms, inherited: Terms): Terms {
  const aged = [own, returned, inherited].find((terms) => terms.maxAgeSeconds !== undefined) ?? noTerms;
  const scopes = [own.cacheScope, returned.cacheScope, inherited.cacheScope];
  const cacheScope = CACHE_SCOPES.findLast((scope) => scopes.includes(scope));
  return { maxAgeSeconds: aged.maxAgeSeconds, staleSeconds: aged.staleSeconds, cacheScope };
}

interface TagSite {
  readonly reader: Reader;
  /** The field that is tagged; undefined for an object. */
  readonly field: FieldDefinitionNode | undefined;
}

const tagPattern = /^(?:[\w.:-]|\{\$args\.\w+\})+$/;
const tagLengthMax = 100;

function readTags(directives: readonly ConstDirectiveNode[], { reader, field }: TagSite): readonly string[] {
  const known = new Set(field?.arguments?.map((argument) => argument.name.value));
  return named(directives, "cacheTag").flatMap((directive): readonly string[] => {
    const format = readArgument(directive, "format");
    const isFit = typeof format === "string" && format.length <= tagLengthMax && tagPattern.test(format);
    const unknown = isFit ? [...format.matchAll(/\$args\.(\w+)/g)].filter(([, name]) => !known.has(name ?? "")) : [];
    if (isFit && unknown.length === 0) return [format];
    report(directive, reader, { code: "CACHE_TAG_INVALID", message: "The cache tag can't be read, or names no argument of the field." });
    return [];
  });
}

function report(directive: ConstDirectiveNode, reader: Reader, found: Parameters<typeof problemAt>[2]): void {
  reader.problems.set(directive, problemAt(reader.department, directive, found));
}

function named(directives: readonly ConstDirectiveNode[], name: string): readonly ConstDirectiveNode[] {
  return directives.filter((directive) => directive.name.value === name);
}
