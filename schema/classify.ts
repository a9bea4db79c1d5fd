import type { ObjectTypeDefinitionNode } from "graphql";
import { Kind } from "graphql";
import { type Ballot, rootTypes, type Voice } from "./ballot.ts";
import type { Definitions } from "./definitions.ts";
import type { Problem } from "./problems.ts";
import { problemAt } from "./problems.ts";
import type { Statement } from "./statement.ts";
import { CACHE_SCOPES, strictest } from "./statement.ts";

/** What the departments state, by coordinate, and what is wrong with it. */
export interface Statements {
  readonly byCoordinate: ReadonlyMap<string, Statement>;
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
  ballots: readonly Ballot[],
  composed: Definitions,
  visible: ReadonlyMap<string, ReadonlyMap<string, { readonly isNonNull: boolean }>>,
): Statements {
  const byCoordinate = new Map<string, Statement>();
  const problems: Problem[] = [];
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
    staleSeconds: mergeStale(voices),
    cacheScope: CACHE_SCOPES.findLast((scope) => voices.some((voice) => voice.cacheScope === scope)),
    cacheTags: [...new Set(voices.flatMap((voice) => voice.cacheTags))].sort(),
  };
}

/** Departments that give an age and no time beyond it allow none. */
function mergeStale(voices: readonly Voice[]): number | undefined {
  const said = voices.filter((voice) => voice.maxAgeSeconds !== undefined).map((voice) => voice.staleSeconds ?? 0);
  const shortest = Math.min(...said);
  return said.length === 0 || shortest === 0 ? undefined : shortest;
}

const rootNames: ReadonlySet<string> = new Set(Object.values(rootTypes));

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
  if (statement.classification.personal && statement.cacheScope === "PUBLIC") {
    const message = `${coordinate} is personal and would be shared between bureaus by the cache.`;
    const sharing = voices.filter((voice) => voice.cacheScope === "PUBLIC");
    return sharing.map((voice) => problemAt(voice.department, voice.field, { code: "CACHE_SCOPE_PERSONAL", message }));
  }
  if (!found.isNonNull) return [];
  if (statement.classification.level !== "OPEN") {
    const message = `${coordinate} is ${statement.classification.level} and can't be null.`;
    return voices.map((voice) => problemAt(voice.department, voice.field, { code: "GOVERNED_NOT_NULLABLE", message }));
  }
  if (!rootNames.has(coordinate.slice(0, coordinate.indexOf(".")))) return [];
  const message = `${coordinate} can't be null, so that an answer without it would be null as a whole.`;
  return voices.map((voice) => problemAt(voice.department, voice.field, { code: "ROOT_NOT_NULLABLE", message }));
}
