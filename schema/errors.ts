import type { ASTNode } from "graphql";

/** A supergraph file that can't be served, with the place in it that is wrong. */
export class SupergraphError extends Error {
  /** Line in the supergraph's SDL, from 1; undefined where the fault has no single place. */
  readonly line: number | undefined;
  /** Column in the supergraph's SDL, from 1; undefined where the fault has no single place. */
  readonly column: number | undefined;

  constructor(message: string, place: { readonly line: number; readonly column: number } | undefined, cause?: unknown) {
    const where = place === undefined ? "" : ` (line ${place.line}, column ${place.column})`;
    super(`${message}${where}`, cause === undefined ? undefined : { cause });
    this.name = "SupergraphError";
    this.line = place?.line;
    this.column = place?.column;
  }
}

/** Line and column at which a node begins; undefined for a node that was not parsed from text. */
export function placeOf(node: ASTNode | undefined): { readonly line: number; readonly column: number } | undefined {
  const token = node?.loc?.startToken;
  return token === undefined ? undefined : { line: token.line, column: token.column };
}
