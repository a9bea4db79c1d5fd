import { createHash } from "node:crypto";
import type { PolicyFile } from "../policies/engine/bundle.ts";
import type { Policy } from "../policies/engine/policy.ts";
import { hashSchema, type Supergraph } from "../schema/supergraph.ts";
import type { Config } from "./config.ts";
import { parseManifest, readManifestText } from "./documents.ts";
import type { TrustedDocuments } from "./http/manifest.ts";
import { parseSupergraph, readSupergraphText } from "./start.ts";

/** The files that the hub serves, as read at one time. */
export interface SourceText {
  readonly sdl: string;
  /** Undefined when the hub runs unrestricted. */
  readonly policies: readonly PolicyFile[] | undefined;
  /** The manifest of the trusted documents; undefined where there is none. */
  readonly manifest: string | undefined;
  /** Equal hashes mean that every file is the same. */
  readonly hash: string;
}

/** A supergraph, read. */
export interface Graph {
  readonly supergraph: Supergraph;
  readonly schemaHash: string;
}

/** A supergraph, the agreements that were held against it, and the trusted documents: they change together. */
export interface Source extends Graph {
  readonly hash: string;
  /** Undefined when the hub runs unrestricted. */
  readonly policy: Policy | undefined;
  /** Undefined where there is no manifest. */
  readonly trusted: TrustedDocuments | undefined;
}

/** Reads the files. @throws {SourceError} for a file that can't be read. */
export async function readSource(config: Config, isUnrestricted: boolean): Promise<SourceText> {
  const { supergraphFile, trustedDocumentsFile } = config;
  const [sdl, policies, manifest] = await Promise.all([
    readSupergraphText(supergraphFile),
    isUnrestricted ? undefined : readPolicies(config),
    trustedDocumentsFile === undefined ? undefined : readManifestText(trustedDocumentsFile),
  ]);
  const hash = createHash("sha256").update(JSON.stringify([sdl, policies?.map(({ path, text }) => [path, text]), manifest]));
  return { sdl, policies, manifest, hash: hash.digest("hex") };
}

async function readPolicies({ policiesDir }: Config): Promise<readonly PolicyFile[]> {
  // An unrestricted hub doesn't load what it does without.
  return (await import("./agreements.ts")).readPolicyFiles(policiesDir);
}

/**
 * Reads the supergraph; not again if it is `known`'s.
 *
 * @throws {SourceError} that says what is wrong with it.
 */
export function readGraph({ supergraphFile }: Config, { sdl }: SourceText, known?: Graph): Graph {
  const schemaHash = hashSchema(sdl);
  return known?.schemaHash === schemaHash ? known : { schemaHash, supergraph: parseSupergraph(supergraphFile, sdl) };
}

/**
 * Makes of the files what requests are answered with.
 *
 * @param known A supergraph that was read before, and isn't read again if it is the same.
 * @throws {SourceError} that says what is wrong with which file.
 */
export async function compileSource(config: Config, text: SourceText, known?: Graph): Promise<Source> {
  const { supergraph, schemaHash } = readGraph(config, text, known);
  const { policies, manifest, hash } = text;
  const trusted = manifest === undefined ? undefined : parseManifest(config.trustedDocumentsFile ?? "", manifest);
  if (policies === undefined) return { hash, supergraph, schemaHash, policy: undefined, trusted };
  const { compilePolicy } = await import("./agreements.ts");
  return { hash, supergraph, schemaHash, policy: compilePolicy(config.policiesDir, policies, supergraph), trusted };
}
