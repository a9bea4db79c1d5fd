import { createHash } from "node:crypto";
import type { DocumentNode } from "graphql";
import { GraphQLError, parse } from "graphql";
import type { Answer } from "../core/answer.ts";
import { HubError } from "../core/errors.ts";
import { isJsonObject } from "../core/joined.ts";
import type { Limits } from "../core/limits.ts";

/** An operation as a request over a stream or a socket brings it. */
export interface ReadOperation {
  readonly document: DocumentNode;
  /** SHA-256 of the text, in hex. */
  readonly documentHash: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly kind: "query" | "mutation" | "subscription";
}

/** Finds the text of an operation among a request's parameters. */
export type FindText = (params: Readonly<Record<string, unknown>>) => Promise<string>;

/** Takes the text that the parameters hold themselves. @throws {HubError} BAD_REQUEST. */
export async function textOfQuery({ query }: Readonly<Record<string, unknown>>): Promise<string> {
  if (typeof query !== "string" || query === "") throw new HubError("BAD_REQUEST", "There is no operation; send it as `query`.");
  return query;
}

/**
 * Reads the parameters of a GraphQL request.
 *
 * @throws {HubError} BAD_REQUEST or GRAPHQL_PARSE_FAILED.
 * @see https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters
 */
export async function readOperation(params: unknown, limits: Limits, findText: FindText): Promise<ReadOperation> {
  if (!isJsonObject(params)) throw new HubError("BAD_REQUEST", "A request is a JSON object with a `query`.");
  const operationName = params["operationName"] ?? undefined;
  const variables = params["variables"] ?? {};
  if (operationName !== undefined && typeof operationName !== "string")
    throw new HubError("BAD_REQUEST", "`operationName` is a string where it is given.");
  if (!isJsonObject(variables)) throw new HubError("BAD_REQUEST", "`variables` is an object where it is given.");
  const text = await findText(params);
  const document = parseText(text, limits.tokensMax);
  const documentHash = createHash("sha256").update(text).digest("hex");
  return {
    document,
    documentHash,
    operationName: operationName === "" ? undefined : operationName,
    variables,
    kind: kindOf(document, operationName),
  };
}

function parseText(text: string, maxLexicalTokens: number): DocumentNode {
  try {
    return parse(text, { maxLexicalTokens });
  } catch (error) {
    if (error instanceof GraphQLError) throw new HubError("GRAPHQL_PARSE_FAILED", error.message, { locations: error.locations ?? [] });
    throw error;
  }
}

/** What kind of operation is meant. Where none is, the pipeline says so. */
function kindOf(document: DocumentNode, operationName: string | undefined): ReadOperation["kind"] {
  const operations = document.definitions.filter((definition) => definition.kind === "OperationDefinition");
  const named = operations.find(({ name }) => name?.value === operationName);
  return (named ?? operations[0])?.operation ?? "query";
}

/** An answer's text as GraphQL's response format has it. */
export function textOfAnswer(answer: Answer): string {
  return bytesOfAnswer(answer).toString("utf8");
}

/** An answer in UTF-8, as GraphQL's response format has it. */
export function bytesOfAnswer({ data, errors, hub }: Answer): Buffer {
  const head = errors.length === 0 ? "{" : `{"errors":${JSON.stringify(errors)}`;
  const tail = isEmpty(hub) ? "}" : `${data === undefined && errors.length === 0 ? "" : ","}"extensions":${JSON.stringify({ hub })}}`;
  if (data === undefined) return Buffer.from(head + tail);
  const start = `${head}${errors.length === 0 ? "" : ","}"data":`;
  // A UTF-16 unit is three bytes of UTF-8 at most.
  const bytes = Buffer.allocUnsafe(start.length * 3 + data.length + tail.length * 3);
  const dataAt = bytes.write(start, "utf8");
  data.copy(bytes, dataAt);
  const tailAt = dataAt + data.length;
  return bytes.subarray(0, tailAt + bytes.write(tail, tailAt, "utf8"));
}

function isEmpty(record: Readonly<Record<string, unknown>>): boolean {
  for (const _ in record) return false;
  return true;
}
