import { createHash } from "node:crypto";
import { type DocumentNode, GraphQLError, parse } from "graphql";
import { LRUCache } from "lru-cache";
import { HubError } from "../core/errors.ts";
import { type Limits, limitError } from "../core/limits.ts";
import type { GraphqlParams } from "./intake.ts";
import type { TrustedDocuments } from "./manifest.ts";

/** A document, found and parsed. */
export interface FoundDocument {
  readonly text: string;
  readonly document: DocumentNode;
  /** SHA-256 of its text, in hex. */
  readonly hash: string;
}

/** What documents are found by. */
export interface DocumentsOptions {
  readonly limits: Limits;
  /** Bytes of registered documents; 0 switches automatic persisted queries off. */
  readonly apqBytesMax: number;
  /** The trusted documents as they are served now; undefined where there are none. */
  readonly trusted: () => TrustedDocuments | undefined;
  /** Whether nothing but the trusted documents runs. */
  readonly isTrustedOnly: boolean;
}

/** Finds the documents of requests. Finding one says nothing of who may run it: it is judged for each caller anew. */
export interface Documents {
  /**
   * @throws {HubError} BAD_REQUEST without a document; GRAPHQL_PARSE_FAILED; OPERATION_LIMIT; PERSISTED_QUERY_NOT_FOUND and
   * PERSISTED_QUERY_MISMATCH; DOCUMENT_NOT_TRUSTED.
   */
  find(params: Pick<GraphqlParams, "query" | "documentId" | "persistedHash">): FoundDocument;
}

/** Texts that are kept parsed, in bytes of text: a parsed document takes some 30 times its text. */
const parsedBytesMax = 4_194_304;

/** Creates the bounded stores of registered and of parsed documents of one hub. */
export function createDocuments(options: DocumentsOptions): Documents {
  const { limits, apqBytesMax, isTrustedOnly } = options;
  const isApqOn = apqBytesMax > 0 && !isTrustedOnly;
  const registered = isApqOn ? new LRUCache<string, string>({ maxSize: apqBytesMax, sizeCalculation: bytesOf }) : undefined;
  const parsed = new LRUCache<string, FoundDocument>({ maxSize: parsedBytesMax, sizeCalculation: (_found, text) => bytesOf(text) });

  function textOf({ query, documentId, persistedHash }: Parameters<Documents["find"]>[0], trusted: TrustedDocuments | undefined): string {
    if (query !== undefined && query !== "") {
      if (isTrustedOnly && trusted?.has(query) !== true) throw notTrusted("The document is none of the hub's trusted documents.");
      return query;
    }
    const id = documentId ?? persistedHash;
    if (id === undefined || id === "") throw new HubError("BAD_REQUEST", "There is no operation; send an object with a `query`.");
    const bare = id.replace(/^sha256:/, "");
    const text = trusted?.textOf(id) ?? trusted?.textOf(bare) ?? registered?.get(bare);
    if (text !== undefined) return text;
    if (isApqOn) throw new HubError("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound");
    throw notTrusted("No trusted document of the hub has this id.");
  }

  function parseOnce(text: string): FoundDocument {
    let found = parsed.get(text);
    if (found === undefined) {
      found = { text, document: parseDocument(text, limits), hash: createHash("sha256").update(text).digest("hex") };
      parsed.set(text, found);
    }
    return found;
  }

  return {
    find(params): FoundDocument {
      const trusted = options.trusted();
      const text = textOf(params, trusted);
      const found = parseOnce(text);
      const { query, persistedHash } = params;
      if (query === undefined || persistedHash === undefined) return found;
      if (persistedHash !== found.hash && trusted?.textOf(persistedHash) !== text) {
        throw new HubError("PERSISTED_QUERY_MISMATCH", "The hash of `persistedQuery` is not the SHA-256 of the document.");
      }
      // What doesn't parse is never kept, so that the store holds only what can run.
      if (persistedHash === found.hash) registered?.set(persistedHash, text);
      return found;
    },
  };
}

/**
 * Parses a document within the limit on tokens.
 *
 * @throws {HubError} GRAPHQL_PARSE_FAILED with the place; OPERATION_LIMIT.
 */
function parseDocument(text: string, { tokensMax }: Limits): DocumentNode {
  try {
    return parse(text, { maxLexicalTokens: tokensMax });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    // graphql-js tells of its limit in words alone; counting ends at the first token too many.
    if (/more tha[nt] \d+ tokens/.test(error.message)) throw limitError({ limit: "tokensMax", value: tokensMax + 1, max: tokensMax });
    throw new HubError("GRAPHQL_PARSE_FAILED", error.message, { locations: error.locations ?? [] });
  }
}

function notTrusted(message: string): HubError {
  return new HubError("DOCUMENT_NOT_TRUSTED", `${message} The hub runs trusted documents only where it is set to, or by their ids.`);
}

function bytesOf(text: string): number {
  return Math.max(1, Buffer.byteLength(text));
}
