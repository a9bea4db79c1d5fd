import type { ConstDirectiveNode, DocumentNode, FieldDefinitionNode, ObjectTypeDefinitionNode } from "graphql";
import { Kind } from "graphql";
import type { Classification } from "./catalogue.ts";
import type { Definitions } from "./definitions.ts";
import { namedType, readArgument } from "./definitions.ts";
import { readFeatures } from "./features.ts";
import { schemaDirectives } from "./linkage.ts";
import type { DepartmentFile, Problem } from "./problems.ts";
import { problemAt } from "./problems.ts";
import type { Statement } from "./statement.ts";
import { IDENTIFIERS, LEVELS } from "./statement.ts";

/** A department's parsed SDL. */
export interface DepartmentDocument extends DepartmentFile {
  readonly document: DocumentNode;
}

/** What the departments state, by coordinate, and what is wrong with it. */
export interface Statements {
  readonly byCoordinate: ReadonlyMap<string, Statement>;
  readonly problems: readonly Problem[];
}

/** What one department says of one field that it serves. */
interface Voice {
  readonly department: DepartmentFile;
  readonly field: FieldDefinitionNode;
  readonly classification: Classification | undefined;
  readonly maxAgeSeconds: number | undefined;
  /** The department that the field is taken from for good. */
  readonly overrides: string | undefined;
}

/** One department's voices. */
interface Ballot {
  readonly department: DepartmentFile;
  /** By type and field; fields that the department only refers to are left out. */
  readonly voices: ReadonlyMap<string, ReadonlyMap<string, Voice>>;
  /** Interfaces that the department knows as an object, whose fields all implementing types get. */
  readonly interfaceObjects: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

/**
 * Merges what departments state of each field of each object type: the strictest level, personal if any says so, the most
 * identifying identifier, the shortest age. The owners are the departments that classify the field.
 *
 * @param composed The composed supergraph's definitions.
 * @param visible Names of the fields that callers may see, by object type, and whether each is non-null.
 */
export function mergeStatements(
  departments: readonly DepartmentDocument[],
  composed: Definitions,
  visible: ReadonlyMap<string, ReadonlyMap<string, { readonly isNonNull: boolean }>>,
): Statements {
  const ballots = departments.map(readBallot);
  const byCoordinate = new Map<string, Statement>();
  const problems: Problem[] = ballots.flatMap((ballot) => ballot.problems);
  for (const type of composed.types.values()) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const field of type.fields ?? []) {
      const voices = voicesFor(type, field.name.value, ballots);
      const statement = mergeVoices(voices);
      const coordinate = `${type.name.value}.${field.name.value}`;
      byCoordinate.set(coordinate, statement);
      const seen = visible.get(type.name.value)?.get(field.name.value);
      if (seen !== undefined) problems.push(...checkStatement(coordinate, { voices, statement, isNonNull: seen.isNonNull }));
    }
  }
  return { byCoordinate, problems };
}

function voicesFor(type: ObjectTypeDefinitionNode, field: string, ballots: readonly Ballot[]): readonly Voice[] {
  const interfaces = type.interfaces?.map((node) => node.name.value) ?? [];
  const voices = ballots.flatMap((ballot) => {
    const types = [type.name.value, ...interfaces.filter((name) => ballot.interfaceObjects.has(name))];
    return types.flatMap((name) => ballot.voices.get(name)?.get(field) ?? []);
  });
  const silenced = new Set(voices.map((voice) => voice.overrides));
  return voices.filter((voice) => !silenced.has(voice.department.name));
}

function mergeVoices(voices: readonly Voice[]): Statement {
  const classifying = voices.filter((voice) => voice.classification !== undefined);
  const ages = voices.flatMap((voice) => voice.maxAgeSeconds ?? []);
  return {
    classification: strictest(classifying.flatMap((voice) => voice.classification ?? [])),
    owners: [...new Set(classifying.map((voice) => voice.department.name))].sort(),
    maxAgeSeconds: ages.length === 0 ? undefined : Math.min(...ages),
  };
}

function checkStatement(
  coordinate: string,
  found: { readonly voices: readonly Voice[]; readonly statement: Statement; readonly isNonNull: boolean },
): readonly Problem[] {
  const { voices, statement } = found;
  const first = voices[0];
  if (first === undefined) return [];
  if (statement.classification === undefined) {
    const names = voices.map((voice) => voice.department.name).join(", ");
    const message = `${coordinate} is not classified by any department that serves it (${names}).`;
    return [problemAt(first.department, first.field, { code: "UNCLASSIFIED", message })];
  }
  if (!found.isNonNull || statement.classification.level === "OPEN") return [];
  const message = `${coordinate} is ${statement.classification.level} and can't be null.`;
  return voices.map((voice) => problemAt(voice.department, voice.field, { code: "GOVERNED_NOT_NULLABLE", message }));
}

function strictest(all: readonly Classification[]): Classification | undefined {
  if (all.length === 0) return undefined;
  return {
    level: LEVELS[Math.max(...all.map((one) => LEVELS.indexOf(one.level)))] ?? "CONFIDENTIAL",
    personal: all.some((one) => one.personal),
    identifier: IDENTIFIERS[Math.max(...all.map((one) => IDENTIFIERS.indexOf(one.identifier)))] ?? "DIRECT",
  };
}

/** All that one document says of a type, its extensions included. */
interface TypeParts {
  readonly directives: readonly ConstDirectiveNode[];
  readonly fields: readonly FieldDefinitionNode[];
}

function readBallot(department: DepartmentDocument): Ballot {
  const features = readFeatures(schemaDirectives(department.document));
  const federation = (name: string): string => features.directiveName("https://specs.apollo.dev/federation", name);
  const problems = new Map<ConstDirectiveNode, Problem>();
  const reader: Reader = {
    department,
    types: readTypes(department.document),
    names: { external: federation("external"), override: federation("override") },
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
  readonly names: { readonly external: string; readonly override: string };
  /** By the directive at fault, so that a type's default is reported once and not for each field. */
  readonly problems: Map<ConstDirectiveNode, Problem>;
}

function readTypes(document: DocumentNode): ReadonlyMap<string, TypeParts> {
  const types = new Map<string, TypeParts>();
  for (const node of document.definitions) {
    switch (node.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_EXTENSION:
      case Kind.UNION_TYPE_DEFINITION:
      case Kind.UNION_TYPE_EXTENSION: {
        const had = types.get(node.name.value) ?? { directives: [], fields: [] };
        const fields = "fields" in node ? (node.fields ?? []) : [];
        types.set(node.name.value, { directives: [...had.directives, ...(node.directives ?? [])], fields: [...had.fields, ...fields] });
        break;
      }
      default:
        break;
    }
  }
  return types;
}

function readVoices(type: TypeParts, reader: Reader): ReadonlyMap<string, Voice> {
  const fallback = readClassified(type.directives, reader);
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
      maxAgeSeconds: readMaxAge(directives, reader) ?? readMaxAge(returned, reader),
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

function readMaxAge(directives: readonly ConstDirectiveNode[], reader: Reader): number | undefined {
  const ages = named(directives, "cacheControl").flatMap((directive): readonly number[] => {
    const age = readArgument(directive, "maxAge");
    // A value for one caller alone must never come from a cache that callers share.
    if (readArgument(directive, "scope") === "PRIVATE") return [0];
    if (age === undefined) return [];
    if (typeof age === "number" && Number.isInteger(age) && age >= 0) return [age];
    report(directive, reader, { code: "MAX_AGE_INVALID", message: "`maxAge` is no number of seconds." });
    return [];
  });
  return ages.length === 0 ? undefined : Math.min(...ages);
}

function report(directive: ConstDirectiveNode, reader: Reader, found: Parameters<typeof problemAt>[2]): void {
  reader.problems.set(directive, problemAt(reader.department, directive, found));
}

function named(directives: readonly ConstDirectiveNode[], name: string): readonly ConstDirectiveNode[] {
  return directives.filter((directive) => directive.name.value === name);
}
