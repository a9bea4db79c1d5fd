import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Config } from "./config.ts";
import { createDocuments, type Documents } from "./http/documents.ts";
import { ManifestError, readManifest, type TrustedDocuments } from "./http/manifest.ts";
import { StartError } from "./start.ts";

/**
 * Reads the trusted documents and opens the stores of documents.
 *
 * @throws {StartError} with file and line for a manifest that can't be used, and for trusted documents alone without any.
 */
export async function openDocuments(config: Config): Promise<Documents> {
  const { limits, apqBytesMax, trustedDocumentsFile, isTrustedOnly } = config;
  if (isTrustedOnly && trustedDocumentsFile === undefined)
    throw new StartError("TRUSTED_ONLY (or --trusted-only) needs the manifest of the trusted documents: set TRUSTED_DOCUMENTS_FILE.");
  const trusted = trustedDocumentsFile === undefined ? undefined : await loadManifest(trustedDocumentsFile);
  return createDocuments({ limits, apqBytesMax, trusted, isTrustedOnly });
}

async function loadManifest(file: string): Promise<TrustedDocuments> {
  const path = resolve(file);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new StartError(`Can't read the trusted documents (TRUSTED_DOCUMENTS_FILE) at ${path}: ${message}`, error);
  }
  try {
    return readManifest(text);
  } catch (error) {
    if (error instanceof ManifestError)
      throw new StartError(`The trusted documents can't be used: ${path}:${error.line}: ${error.message}`, error);
    throw error;
  }
}
