import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writePrivately } from "./secrets.ts";

const fileName = "clients.json";

const directorySchema = z.strictObject({
  issuer: z.url(),
  explorerUrl: z.url(),
  clientSecrets: z.record(z.string(), z.string()),
});

/** Where the demo identity provider is and the secrets of its applications, for whoever fetches demo tokens. */
export type IdentityDirectory = z.infer<typeof directorySchema>;

/** Leaves the facts in `directory` (file mode 0600) for {@link readDirectory}. */
export async function writeDirectory(directory: string, facts: IdentityDirectory): Promise<void> {
  await writePrivately(directory, join(directory, fileName), JSON.stringify(facts, undefined, 2));
}

/**
 * Reads what the demo identity provider left at its last start.
 *
 * @throws {Error} When it never ran with this folder.
 */
export async function readDirectory(directory: string): Promise<IdentityDirectory> {
  const file = join(directory, fileName);
  try {
    return directorySchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    throw new Error(`No demo identity provider has run here (${file} can't be read). Start one with \`npm start\`.`, { cause });
  }
}
