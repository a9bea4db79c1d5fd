import { composeServices } from "@apollo/composition";
import type { DocumentNode } from "graphql";
import { GraphQLError, isNonNullType, isObjectType, Kind, parse, Source } from "graphql";
import type { Ballot, DepartmentDocument } from "./ballot.ts";
import { readBallot } from "./ballot.ts";
import type { Statements } from "./classify.ts";
import { mergeStatements } from "./classify.ts";
import { readDefinitions } from "./definitions.ts";
import { embedStatements } from "./embed.ts";
import { SupergraphError } from "./errors.ts";
import type { HubWords } from "./linkage.ts";
import { linkDepartment, readHubWords } from "./linkage.ts";
import type { Problem } from "./problems.ts";
import { problemAt, problemFrom, sortProblems } from "./problems.ts";
import { readSupergraph } from "./supergraph.ts";

/** What a department publishes. */
export interface DepartmentSchema {
  /** Subgraph name, such as `transport`. */
  readonly name: string;
  /** How problems name the file, such as `schema/departments/transport.graphql`. */
  readonly file: string;
  readonly sdl: string;
  /** Where the subgraph is served. */
  readonly url: string;
}

/** What `composeSupergraph` composes. */
export interface ComposeInput {
  readonly departments: readonly DepartmentSchema[];
  /** Text of `hub.graphql`. */
  readonly hubSdl: string;
}

/** One graph, or everything that stands in its way. */
export type ComposeResult =
  | { readonly ok: true; readonly sdl: string; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Composes departments' schemas into one supergraph that carries their classifications.
 *
 * It uses Apollo's composer, whose licence (Elastic-2.0) keeps it out of the running hub: nothing that serves requests may import this module.
 * The same departments give the same text, in whatever order they come.
 */
export function composeSupergraph(input: ComposeInput): ComposeResult {
  const departments = [...input.departments].sort((left, right) => (left.name < right.name ? -1 : 1));
  const words = readHubWords(parse(new Source(input.hubSdl, "hub.graphql")));
  const read = departments.map((department) => readDepartment(department, words));
  const documents = read.flatMap((one) => one.document ?? []);
  const ballots = documents.map(readBallot);
  const problems = [...findRepeated(departments), ...[...read, ...ballots].flatMap((one) => one.problems)];
  if (problems.length > 0) return { ok: false, problems: sortProblems(problems) };
  const composed = composeServices(documents.map((one) => ({ name: one.name, url: one.url, typeDefs: one.linked })));
  if (composed.supergraphSdl === undefined) {
    return { ok: false, problems: sortProblems((composed.errors ?? []).map((error) => problemFrom(error, departments))) };
  }
  const supergraph = withoutWords(parse(composed.supergraphSdl), words);
  const statements = tryReadStatements(ballots, supergraph);
  if (statements.problems.length > 0) return { ok: false, problems: sortProblems(statements.problems) };
  const warnings = (composed.hints ?? [])
    .filter((hint) => ![...words.keys()].some((word) => hint.message.includes(`"${word}"`)))
    .map((hint) =>
      problemFrom(new GraphQLError(hint.message, { nodes: hint.nodes ?? [], extensions: { code: hint.definition.code } }), departments),
    );
  return { ok: true, sdl: embedStatements(supergraph, statements.byCoordinate), warnings: sortProblems(warnings) };
}

interface LinkedDocument extends DepartmentDocument {
  readonly url: string;
  /** The department's definitions with the hub's. */
  readonly linked: DocumentNode;
}

function readDepartment(
  department: DepartmentSchema,
  words: HubWords,
): { readonly document?: LinkedDocument; readonly problems: readonly Problem[] } {
  try {
    const document = parse(new Source(department.sdl, department.file));
    const linkage = linkDepartment(department, document, words);
    return {
      document: { name: department.name, file: department.file, url: department.url, document, linked: linkage.document },
      problems: linkage.problems,
    };
  } catch (error) {
    if (error instanceof GraphQLError) return { problems: [problemFrom(error, [department], "SYNTAX")] };
    throw error;
  }
}

function findRepeated(departments: readonly DepartmentSchema[]): readonly Problem[] {
  return departments
    .filter((one, index) => departments.some((other, place) => place < index && (other.name === one.name || other.file === one.file)))
    .map((one) =>
      problemAt(one, undefined, { code: "DEPARTMENT_REPEATED", message: `Department ${one.name} or its file stands here twice.` }),
    );
}

/** Takes away the hub's own types: they serve directives that the supergraph carries in another form. */
function withoutWords(document: DocumentNode, words: HubWords): DocumentNode {
  const definitions = document.definitions.filter(
    (definition) => !(definition.kind === Kind.ENUM_TYPE_DEFINITION && words.has(definition.name.value)),
  );
  return { ...document, definitions };
}

function tryReadStatements(ballots: readonly Ballot[], supergraph: DocumentNode): Statements {
  try {
    return readStatements(ballots, supergraph);
  } catch (error) {
    if (!(error instanceof SupergraphError)) throw error;
    // Its line is one of the composed text, which no department has before its eyes.
    const problem = problemFrom(new GraphQLError(error.message), [], "SUPERGRAPH_INVALID");
    return { byCoordinate: new Map(), problems: [problem] };
  }
}

function readStatements(ballots: readonly Ballot[], supergraph: DocumentNode): Statements {
  const { apiSchema } = readSupergraph(embedStatements(supergraph, new Map()));
  const visible = new Map<string, ReadonlyMap<string, { readonly isNonNull: boolean }>>();
  for (const type of Object.values(apiSchema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    const fields = Object.values(type.getFields()).map((field) => [field.name, { isNonNull: isNonNullType(field.type) }] as const);
    visible.set(type.name, new Map(fields));
  }
  return mergeStatements(ballots, readDefinitions(supergraph), visible);
}
