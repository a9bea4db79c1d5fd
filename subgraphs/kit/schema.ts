import { readFile } from "node:fs/promises";
import { buildSubgraphSchema, type GraphQLResolverMap } from "@apollo/subgraph";
import { type DocumentNode, type GraphQLSchema, parse } from "graphql";
import type { Department } from "./department.ts";
import { applyShield } from "./shield.ts";

/**
 * Reads a department's SDL with the definitions of the hub's own directives.
 *
 * @param folder The schema folder, with "/" at its end.
 * @throws {Error} When a file can't be read.
 */
export async function readTypeDefs(name: string, folder: URL = new URL("../../schema/", import.meta.url)): Promise<DocumentNode> {
  const files = [new URL(`departments/${name}.graphql`, folder), new URL("hub.graphql", folder)];
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return parse(texts.join("\n"), { noLocation: true });
}

/**
 * Builds the subgraph's executable schema behind its shield.
 *
 * @param isOpen Whether a coordinate is readable by every caller; all others are governed.
 * @throws {Error} When resolvers and SDL don't fit.
 */
export function buildDepartmentSchema(
  department: Department,
  typeDefs: DocumentNode,
  isOpen: (coordinate: string) => boolean,
): GraphQLSchema {
  // An array: a lone object would be taken for a document.
  return applyShield(buildSubgraphSchema([{ typeDefs, resolvers: department.resolvers as GraphQLResolverMap<unknown> }]), isOpen);
}
