import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { ExplorerExample } from "./pages.ts";

const exampleSchema = z.strictObject({
  operation: z.string().min(1),
  variables: z.string().default("{}"),
  purpose: z.string().min(1),
  caseReference: z.string().min(1).optional(),
});

const examplesSchema = z.array(exampleSchema).max(50);

/**
 * Reads the operations that the explorer opens, from a JSON file.
 *
 * @throws {Error} That names the file, when it can't be read or isn't of this shape.
 */
export async function readExamples(file: string): Promise<readonly ExplorerExample[]> {
  try {
    const examples = examplesSchema.parse(JSON.parse(await readFile(file, "utf8")));
    return examples.map(({ caseReference, ...example }) => ({ ...example, caseReference }));
  } catch (cause) {
    throw new Error(`The explorer's examples can't be read from ${file}`, { cause });
  }
}
