import { join } from "node:path";
import { readDirectory } from "../demo/identity/directory.ts";
import { listDemoClients, obtainToken } from "../demo/identity/obtain.ts";
import { readOptions, type Shell, UsageError } from "./command.ts";

/** `hub token`: a ready-made token of the demonstration's identity provider on standard output. */
export const tokenCommand = {
  name: "token",
  summary: "Print an access token of the demo identity provider (demonstration only).",
  run: runToken,
} as const;

/**
 * @param args What follows `token` on the command line.
 * @returns The exit status: 0, or 1 after a message on standard error.
 * @throws {UsageError} When the arguments are wrong.
 */
async function runToken(args: readonly string[], shell: Shell): Promise<number> {
  const usage = describeUsage();
  const options = readOptions(args, { client: { type: "string" }, "data-dir": { type: "string" } }, usage);
  if (options.help === true) {
    shell.output(usage);
    return 0;
  }
  if (options.client === undefined) {
    throw new UsageError("name a client.", usage);
  }
  try {
    const directory = await readDirectory(join(options["data-dir"] ?? shell.environment["DATA_DIR"] ?? ".data", "identity"));
    shell.output(`${await obtainToken(directory, options.client)}\n`);
    return 0;
  } catch (error) {
    shell.errors(`hub token: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function describeUsage(): string {
  return `Usage: hub token --client ID [--data-dir FOLDER]

Prints an access token of the running demo identity provider, good for one hour. Demonstration only.

  --client ID        one of ${listDemoClients().join(", ")}
  --data-dir FOLDER  the demonstration's DATA_DIR; unless given, that of the environment, else .data
`;
}
