import type { DocumentNode } from "graphql";
import { getOperationAST } from "graphql";
import { type Answer, answerEnd, answerStart, isEmpty } from "../core/answer.ts";
import type { Documents } from "./documents.ts";
import type { GraphqlParams } from "./intake.ts";

/** An operation as a request brings it, by whatever transport. */
export interface ReadOperation {
  readonly document: DocumentNode;
  /** SHA-256 of the text, in hex. */
  readonly documentHash: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Where no one operation is meant it counts as a query, and the pipeline says what is wrong. */
  readonly kind: "query" | "mutation" | "subscription";
}

/** Finds the document that a request's parameters mean. @throws {HubError} as {@link Documents.find} does. */
export function readOperation(params: GraphqlParams, documents: Documents): ReadOperation {
  const { document, hash } = documents.find(params);
  const { operationName, variables } = params;
  const kind = getOperationAST(document, operationName)?.operation ?? "query";
  return { document, documentHash: hash, operationName, variables, kind };
}

/** An answer's text as GraphQL's response format has it. */
export function textOfAnswer(answer: Answer): string {
  return bytesOfAnswer(answer).toString("utf8");
}

/** An answer in UTF-8, as GraphQL's response format has it. */
export function bytesOfAnswer({ data, whole, errors, hub }: Answer): Buffer {
  if (whole !== undefined) return whole;
  const told = errors.length === 0 ? {} : { errors };
  if (data === undefined) return Buffer.from(JSON.stringify(isEmpty(hub) ? told : { ...told, extensions: { hub } }));
  const start = errors.length === 0 ? answerStart : `{"errors":${JSON.stringify(errors)},"data":`;
  const tail = answerEnd(hub);
  // A UTF-16 unit is three bytes of UTF-8 at most.
  const bytes = Buffer.allocUnsafe(start.length * 3 + data.length + tail.length * 3);
  const dataAt = bytes.write(start, "utf8");
  data.copy(bytes, dataAt);
  const tailAt = dataAt + data.length;
  return bytes.subarray(0, tailAt + bytes.write(tail, tailAt, "utf8"));
}
