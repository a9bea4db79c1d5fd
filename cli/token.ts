import { join } from "node:path";
import { parseArgs } from "node:util";
import { readDirectory } from "../demo/identity/directory.ts";
import { listDemoClients, obtainToken } from "../demo/identity/obtain.ts";

function describeUsage(): string {
  return `Usage: hub token --client <id> [--data-dir <folder>]

Prints an access token of the running demo identity provider, good for one hour. Demonstration only.
Clients: ${listDemoClients().join(", ")}.
The folder is the demonstration's DATA_DIR (default: DATA_DIR, else .data).
`;
}

/** Where a command writes. */
export interface CommandStreams {
  readonly output: (text: string) => void;
  readonly errors: (text: string) => void;
}

/** `hub token`: a ready-made token of the demonstration's identity provider on standard output. */
export const tokenCommand = {
  name: "token",
  summary: "Print an access token of the demo identity provider (demonstration only).",
  run: runToken,
} as const;

/**
 * @param args What follows `token` on the command line.
 * @returns The exit status: 0, or 1 after a message on standard error.
 */
async function runToken(args: readonly string[], streams: CommandStreams = standardStreams()): Promise<number> {
  try {
    const { client, dataDir, isHelp } = readArguments(args);
    if (isHelp) {
      streams.output(describeUsage());
      return 0;
    }
    if (client === undefined) {
      throw new Error(`Name a client.\n${describeUsage()}`);
    }
    const directory = await readDirectory(join(dataDir, "identity"));
    streams.output(`${await obtainToken(directory, client)}\n`);
    return 0;
  } catch (error) {
    streams.errors(`hub token: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function standardStreams(): CommandStreams {
  return {
    output: (text) => process.stdout.write(text),
    errors: (text) => process.stderr.write(text),
  };
}

function readArguments(args: readonly string[]): {
  readonly client: string | undefined;
  readonly dataDir: string;
  readonly isHelp: boolean;
} {
  const { values } = parseArgs({
    args: [...args],
    options: { client: { type: "string" }, "data-dir": { type: "string" }, help: { type: "boolean", short: "h", default: false } },
  });
  return { client: values.client, dataDir: values["data-dir"] ?? process.env["DATA_DIR"] ?? ".data", isHelp: values.help };
}
