import { readFile } from "node:fs/promises";
import { z } from "zod";
import { loadConsoleAssets } from "../console/assets.ts";
import { type ExplorerCaller, type ExplorerExample, explorerPage, explorerPolicy } from "../console/pages.ts";
import type { Bundle } from "../policies/engine/bundle.ts";
import type { Config } from "./config.ts";
import type { Explorer } from "./http/explorer.ts";
import { StartError } from "./start.ts";

const exampleSchema = z.strictObject({
  operation: z.string(),
  variables: z.string(),
  purpose: z.string(),
  caseReference: z.string().optional(),
});

/**
 * Reads the built explorer and makes its page.
 *
 * @param bundleOf The agreements in force, asked each time that the page is.
 * @returns undefined when it was never built: the hub serves without it.
 * @throws {StartError} for an examples file that can't be read.
 */
export async function loadExplorer(config: Config, bundleOf: () => Bundle): Promise<Explorer | undefined> {
  const assets = await loadConsoleAssets(config.explorerDir);
  if (assets === undefined) return undefined;
  const examples = config.explorerExamplesFile === undefined ? [] : await loadExamples(config.explorerExamplesFile);
  return {
    get html() {
      return explorerPage({
        issuer: config.issuer,
        callers: config.explorerClientIds.flatMap((clientId) => callerOf(bundleOf(), clientId)),
        examples,
        graphqlPath: "/graphql",
        build: assets.build,
      });
    },
    policy: explorerPolicy(config.issuer),
    files: assets.files,
  };
}

function callerOf(bundle: Bundle, clientId: string): ExplorerCaller[] {
  const application = bundle.applications.get(clientId);
  if (application === undefined) return [];
  const purposes = application.purposes.map((code) => ({ code, title: bundle.purposes.get(code)?.title ?? code }));
  return [{ clientId, title: application.title, purposes }];
}

async function loadExamples(file: string): Promise<ExplorerExample[]> {
  try {
    const examples = z.array(exampleSchema).parse(JSON.parse(await readFile(file, "utf8")));
    return examples.map((example) => ({ ...example, caseReference: example.caseReference }));
  } catch (error) {
    throw new StartError(
      `The explorer's examples (EXPLORER_EXAMPLES_FILE, ${file}) can't be read: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}
