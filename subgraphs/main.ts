import { parseArgs } from "node:util";
import type { OpenDepartment } from "./kit/department.ts";
import { readVerifier } from "./kit/fence.ts";
import { createLog } from "./kit/log.ts";
import { readTypeDefs } from "./kit/schema.ts";
import { type RunningSubgraph, serveSubgraph } from "./kit/serve.ts";
import { readSubgraphSettings } from "./kit/settings.ts";

/** Each department loads only its own code. */
const departments: Readonly<Record<string, () => Promise<OpenDepartment>>> = {
  census: async () => (await import("./census/department.ts")).openCensus,
  housing: async () => (await import("./housing/department.ts")).openHousing,
  immigration: async () => (await import("./immigration/department.ts")).openImmigration,
  lands: async () => (await import("./lands/department.ts")).openLands,
  observatory: async () => (await import("./observatory/department.ts")).openObservatory,
  revenue: async () => (await import("./revenue/department.ts")).openRevenue,
  transport: async () => (await import("./transport/department.ts")).openTransport,
};

const usage = `Usage: node subgraphs/main.ts <department> [--port N] [--host H]
  <department>  ${Object.keys(departments).join(", ")}
  --port N      port, 1 to 65535; a free one when not given
  --host H      address to listen on; 127.0.0.1 when not given`;

interface Arguments {
  readonly name: string;
  readonly open: () => Promise<OpenDepartment>;
  readonly port: number;
  readonly host: string;
}

function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { port: { type: "string", default: "0" }, host: { type: "string", default: "127.0.0.1" } },
  });
  const [name = "", ...more] = positionals;
  const open = Object.hasOwn(departments, name) ? departments[name] : undefined;
  if (open === undefined || more.length > 0) throw new Error(`Name one department.\n${usage}`);
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) throw new Error(`--port ${values.port} is no port.\n${usage}`);
  return { name, open, port, host: values.host };
}

async function start({ name, open, port, host }: Arguments): Promise<RunningSubgraph> {
  const settings = readSubgraphSettings(process.env);
  const nowMs = Date.now;
  const log = createLog(name);
  const verifier = await readVerifier(settings.HUB_KEYS_FILE, { subgraph: name, nowMs });
  const openDepartment = await open();
  const department = await openDepartment({ settings, nowMs, log, say });
  try {
    return await serveSubgraph({ department, typeDefs: await readTypeDefs(name), verifier, port, host, log });
  } catch (error) {
    await department.close();
    throw error;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Ends the process by itself once everything is closed; a second signal ends it at once. */
function closeOnSignal(running: RunningSubgraph): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      process.once(signal, () => process.exit(1));
      running.close().then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
    });
  }
}

function fail(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : "";
  process.stderr.write(`${message}${cause}\n`);
  process.exit(1);
}

try {
  const args = readArguments(process.argv.slice(2));
  const running = await start(args);
  closeOnSignal(running);
  say(`${args.name} listens on ${running.url}`);
} catch (error) {
  fail(error);
}
