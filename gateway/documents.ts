import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { Config } from "./config.ts";
import { createDocuments, type Documents } from "./http/documents.ts";
import { ManifestError, readManifest, type TrustedDocuments } from "./http/manifest.ts";
import { SourceError, StartError } from "./start.ts";

/**
 * Opens the stores of documents.
 *
 * @param trusted The trusted documents as they are served now.
 * @throws {StartError} for trusted documents alone without any.
 */
export function openDocuments(config: Config, trusted: () => TrustedDocuments | undefined): Documents {
  const { limits, apqBytesMax, trustedDocumentsFile, isTrustedOnly } = config;
  if (isTrustedOnly && trustedDocumentsFile === undefined)
    throw new StartError("TRUSTED_ONLY (or --trusted-only) needs the manifest of the trusted documents: set TRUSTED_DOCUMENTS_FILE.");
  return createDocuments({ limits, apqBytesMax, trusted, isTrustedOnly });
}

/** Reads the manifest's text. @throws {SourceError} that names the file. */
export async function readManifestText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new SourceError(`Can't read the trusted documents (TRUSTED_DOCUMENTS_FILE) at ${resolve(file)}: ${message}`, {
      fault: "DOCUMENTS_UNREADABLE",
      places: [basename(file)],
      cause,
    });
  }
}

/** Reads the manifest. @throws {SourceError} with file and line for one that can't be used. */
export function parseManifest(file: string, text: string): TrustedDocuments {
  try {
    return readManifest(text);
  } catch (cause) {
    if (!(cause instanceof ManifestError)) throw cause;
    throw new SourceError(`The trusted documents can't be used: ${resolve(file)}:${cause.line}: ${cause.message}`, {
      fault: "DOCUMENTS_INVALID",
      places: [`${basename(file)}:${cause.line}`],
      cause,
    });
  }
}
