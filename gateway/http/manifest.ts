import { GraphQLError, parse } from "graphql";

/** Documents that the hub's operators trust. */
export interface TrustedDocuments {
  readonly size: number;
  textOf(id: string): string | undefined;
  /** Whether a text is one of the documents, letter by letter. */
  has(text: string): boolean;
}

/** A manifest that can't be used, and where. */
export class ManifestError extends Error {
  /** From 1. */
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.name = "ManifestError";
    this.line = line;
  }
}

/**
 * Reads a manifest of trusted documents: Apollo's (`{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id", "body"}]}`)
 * or a plain object of ids and texts.
 *
 * @throws {ManifestError} with the line, for text that is no manifest, a document that doesn't parse, or an id of two documents.
 * @see https://www.apollographql.com/docs/graphos/platform/security/persisted-queries
 */
export function readManifest(text: string): TrustedDocuments {
  const manifest = parseManifest(text);
  const isApollo = Object.hasOwn(manifest, "operations") || Object.hasOwn(manifest, "format");
  const byId = new Map<string, string>();
  for (const { id, body, line } of isApollo ? entriesOfApollo(manifest, text) : entriesOfMap(manifest, text)) {
    const known = byId.get(id);
    if (known !== undefined && known !== body) throw new ManifestError(`The id "${id}" stands for two documents.`, line);
    checkDocument(id, body, line);
    byId.set(id, body);
  }
  if (byId.size === 0) throw new ManifestError("The manifest holds no document.", 1);
  const texts = new Set(byId.values());
  return { size: byId.size, textOf: (id) => byId.get(id), has: (document) => texts.has(document) };
}

interface Entry {
  readonly id: string;
  readonly body: string;
  readonly line: number;
}

function parseManifest(text: string): Readonly<Record<string, unknown>> {
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // V8 says where in its message: "at position 12 (line 3 column 4)"; a text that ends too early ends on its last line.
    const line = Number(/line (\d+)/.exec(message)?.[1] ?? text.split("\n").length);
    throw new ManifestError("The manifest is not JSON.", line);
  }
  if (isRecord(manifest)) return manifest;
  throw new ManifestError("The manifest must be an object: Apollo's manifest, or ids and texts of documents.", 1);
}

function entriesOfApollo(manifest: Readonly<Record<string, unknown>>, text: string): readonly Entry[] {
  const { format, version, operations } = manifest;
  if (format !== "apollo-persisted-query-manifest")
    throw new ManifestError('`format` must be "apollo-persisted-query-manifest".', lineOf(text, ["format"]));
  if (version !== 1) throw new ManifestError("`version` must be 1.", lineOf(text, ["version"]));
  if (!Array.isArray(operations)) throw new ManifestError("`operations` must be a list.", lineOf(text, ["operations"]));
  return operations.map((operation: unknown, index) => {
    const line = lineOf(text, ["operations", index]);
    const { id, body } = isRecord(operation) ? operation : {};
    if (typeof id === "string" && id !== "" && typeof body === "string") return { id, body, line };
    throw new ManifestError("An operation must have an `id` and a `body` of text.", line);
  });
}

function entriesOfMap(manifest: Readonly<Record<string, unknown>>, text: string): readonly Entry[] {
  return Object.entries(manifest).map(([id, body]) => {
    const line = lineOf(text, [id]);
    if (typeof body === "string") return { id, body, line };
    throw new ManifestError(`The document of "${id}" must be text.`, line);
  });
}

function checkDocument(id: string, body: string, line: number): void {
  try {
    parse(body);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new ManifestError(`The document of "${id}" doesn't parse: ${error.message}`, line);
  }
}

/** The line on which the value at a path stands, in text that is known to be JSON; 1 where there is none. */
function lineOf(text: string, path: readonly (string | number)[]): number {
  const frames: { readonly isList: boolean; index: number; key: string }[] = [];
  const isThere = (): boolean =>
    frames.length === path.length && frames.every((frame, depth) => path[depth] === (frame.isList ? frame.index : frame.key));
  let isKey = false;
  // Strings, and the characters that open, close and part values, are all that is needed to know the place.
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g)) {
    const frame = frames.at(-1);
    if (token === ":") isKey = false;
    else if (token === ",") {
      if (frame?.isList === true) frame.index += 1;
      isKey = frame?.isList === false;
    } else if (token === "}" || token === "]") {
      frames.pop();
      isKey = false;
    } else if (isKey && frame !== undefined) frame.key = JSON.parse(token) as string;
    else {
      if (isThere()) return text.slice(0, index).split("\n").length;
      if (token === "{" || token === "[") frames.push({ isList: token === "[", index: 0, key: "" });
      isKey = token === "{";
    }
  }
  return 1;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
