import { parseArgs } from "node:util";
import { ConfigError, readConfig } from "../gateway/config.ts";
import { startHub } from "../gateway/hub.ts";
import { createRuntime } from "../gateway/main.ts";
import { describeStartError } from "../gateway/start.ts";

const usage = `Usage: hub serve [--supergraph FILE] [--port N] [--host ADDRESS] [--unrestricted]

Serves a supergraph. Settings come from the environment (docs/config.md); options win over them.

  --supergraph FILE  any Federation 1 or 2 supergraph; subgraph addresses are those in it
  --port N           0 takes a free one
  --host ADDRESS     127.0.0.1 unless set
  --unrestricted     no identity, no agreements, no audit record: for conformance suites and comparisons.
                     It listens on the loopback interface only.
`;

/** `hub serve`: the gateway alone. */
export const serveCommand = {
  name: "serve",
  summary: "Serve a supergraph: the gateway alone.",
  run: runServe,
} as const;

/**
 * Runs until SIGTERM or SIGINT.
 *
 * @param args What follows `serve` on the command line.
 * @returns The exit status: 0 after a clean end, 1 after a message on standard error, 2 for wrong options.
 */
async function runServe(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === undefined) return 2;
  if (options.isHelp) {
    process.stdout.write(usage);
    return 0;
  }
  try {
    const config = readConfig({ ...process.env, ...options.settings });
    const hub = await startHub({ config, isUnrestricted: options.isUnrestricted, runtime: createRuntime() });
    if (options.isUnrestricted)
      process.stderr.write("UNRESTRICTED: no identity, no agreements, no audit record. Everybody on this machine reads everything.\n");
    process.stdout.write(`hub listens on ${hub.url}\n`);
    await new Promise<void>((resolve) => {
      process.once("SIGTERM", resolve);
      process.once("SIGINT", resolve);
    });
    await hub.close();
    return 0;
  } catch (error) {
    process.stderr.write(`hub serve: ${error instanceof ConfigError ? error.message : describeStartError(error)}\n`);
    return 1;
  }
}

interface ServeOptions {
  readonly settings: Readonly<Record<string, string>>;
  readonly isUnrestricted: boolean;
  readonly isHelp: boolean;
}

function readOptions(args: readonly string[]): ServeOptions | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        supergraph: { type: "string" },
        port: { type: "string" },
        host: { type: "string" },
        unrestricted: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const settings: Record<string, string> = {};
    if (values.supergraph !== undefined) settings["SUPERGRAPH_FILE"] = values.supergraph;
    if (values.port !== undefined) settings["HUB_PORT"] = values.port;
    if (values.host !== undefined) settings["HUB_HOST"] = values.host;
    return { settings, isUnrestricted: values.unrestricted, isHelp: values.help };
  } catch (error) {
    process.stderr.write(`hub serve: ${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return undefined;
  }
}
