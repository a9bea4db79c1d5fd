import { readFile } from "node:fs/promises";
import { type Config, ConfigError, readConfig } from "../gateway/config.ts";
import { type EarlyPlanner, plannerStartMs, startEarly } from "../gateway/plan/processes.ts";
import { type Command, readOptions, type Shell } from "./command.ts";

const usage = `Usage: hub serve [--supergraph FILE] [--port N] [--host ADDRESS] [--trusted-only] [--unrestricted]

Serves a supergraph. Settings come from the environment (docs/config.md); options win over them.

  --supergraph FILE  any Federation 1 or 2 supergraph; subgraph addresses are those in it
  --port N           0 takes a free one
  --host ADDRESS     127.0.0.1 unless set
  --trusted-only     nothing runs but the documents of the manifest TRUSTED_DOCUMENTS_FILE
  --unrestricted     no identity, no agreements, no audit record: for conformance suites and comparisons.
                     It listens on the loopback interface only.
`;

const warning = "UNRESTRICTED: no identity, no agreements, no audit record. Everybody on this machine reads everything.\n";

/** `hub serve`: the gateway alone. */
export const serveCommand: Command = {
  name: "serve",
  summary: "Serve a supergraph: the gateway alone.",
  run: runServe,
};

/** Runs until SIGTERM or SIGINT, and ends cleanly. */
async function runServe(args: readonly string[], shell: Shell): Promise<number> {
  const options = readOptions(
    args,
    {
      supergraph: { type: "string" },
      port: { type: "string" },
      host: { type: "string" },
      "trusted-only": { type: "boolean" },
      unrestricted: { type: "boolean" },
    },
    usage,
  );
  if (options.help === true) {
    shell.output(usage);
    return 0;
  }
  const given = {
    SUPERGRAPH_FILE: options.supergraph,
    HUB_PORT: options.port,
    HUB_HOST: options.host,
    TRUSTED_ONLY: options["trusted-only"] === true ? "true" : undefined,
  };
  const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  try {
    const config = readConfig({ ...shell.environment, ...settings });
    const isUnrestricted = options.unrestricted === true;
    // The planner's process loads its code while this one loads the hub's.
    const planner = await startPlanner(config);
    const [{ startHub }, { createRuntime }] = await Promise.all([import("../gateway/hub.ts"), import("../gateway/main.ts")]);
    const hub = await startHub({ config, isUnrestricted, runtime: createRuntime(), planner });
    process.on("SIGHUP", () => void hub.reload());
    const stopped = new Promise<void>((resolve) => {
      process.once("SIGTERM", () => resolve());
      process.once("SIGINT", () => resolve());
    });
    // Whoever reads this line may stop the hub at once.
    if (isUnrestricted) shell.errors(warning);
    shell.output(`hub listens on ${hub.url}\n`);
    await stopped;
    await hub.close();
    return 0;
  } catch (error) {
    const { describeStartError } = await import("../gateway/start.ts");
    shell.errors(`hub serve: ${error instanceof ConfigError ? error.message : describeStartError(error)}\n`);
    return 1;
  }
}

/** @returns Undefined when the file can't be read: the hub says what is wrong with it. */
async function startPlanner({ supergraphFile }: Config): Promise<EarlyPlanner | undefined> {
  try {
    return startEarly(await readFile(supergraphFile, "utf8"), plannerStartMs);
  } catch {
    return undefined;
  }
}
