import { parseArgs } from "node:util";
import { type AgreementsSource, openAgreements } from "./kit/agreements.ts";
import type { OpenDepartment, SharedDatabase } from "./kit/department.ts";
import { createSharedOpener } from "./kit/embedded.ts";
import { readVerifier } from "./kit/fence.ts";
import { createLog, type Log } from "./kit/log.ts";
import { readTypeDefs } from "./kit/schema.ts";
import { type RunningSubgraph, serveSubgraph } from "./kit/serve.ts";
import { readSubgraphSettings, type SubgraphSettings } from "./kit/settings.ts";

/** Each department loads only its own code. */
const departments: Readonly<Record<string, () => Promise<OpenDepartment>>> = {
  census: async () => (await import("./census/department.ts")).openCensus,
  companies: async () => (await import("./companies/department.ts")).openCompanies,
  consent: async () => (await import("./consent/department.ts")).openConsent,
  education: async () => (await import("./education/department.ts")).openEducation,
  environment: async () => (await import("./environment/department.ts")).openEnvironment,
  health: async () => (await import("./health/department.ts")).openHealth,
  housing: async () => (await import("./housing/department.ts")).openHousing,
  immigration: async () => (await import("./immigration/department.ts")).openImmigration,
  lands: async () => (await import("./lands/department.ts")).openLands,
  observatory: async () => (await import("./observatory/department.ts")).openObservatory,
  revenue: async () => (await import("./revenue/department.ts")).openRevenue,
  transport: async () => (await import("./transport/department.ts")).openTransport,
  welfare: async () => (await import("./welfare/department.ts")).openWelfare,
};

const usage = `Usage: node subgraphs/main.ts <department>... [--port N] [--host H]
  <department>  ${Object.keys(departments).join(", ")}; several small ones may share this process
  --port N      port, 1 to 65535; a free one when not given; the other departments get the ports that follow
  --host H      address to listen on; 127.0.0.1 when not given`;

interface Arguments {
  readonly chosen: readonly Choice[];
  readonly host: string;
}

interface Choice {
  readonly name: string;
  readonly open: () => Promise<OpenDepartment>;
  readonly port: number;
}

function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { port: { type: "string", default: "0" }, host: { type: "string", default: "127.0.0.1" } },
  });
  const port = Number(values.port);
  const lastPort = port === 0 ? 0 : port + positionals.length - 1;
  if (!/^\d+$/.test(values.port) || lastPort > 65_535) throw new Error(`--port ${values.port} is no port.\n${usage}`);
  const chosen = positionals.flatMap((name, index): readonly Choice[] => {
    const open = Object.hasOwn(departments, name) ? departments[name] : undefined;
    return open === undefined ? [] : [{ name, open, port: port === 0 ? 0 : port + index }];
  });
  if (chosen.length === 0 || chosen.length < positionals.length || new Set(positionals).size < positionals.length) {
    throw new Error(`Name one department, or several once each.\n${usage}`);
  }
  return { chosen, host: values.host };
}

/** Starts one department after the other, so that all are up when the last one is. Several share an embedded database. */
async function startAll({ chosen, host }: Arguments): Promise<readonly RunningSubgraph[]> {
  const settings = readSubgraphSettings(process.env);
  const name = chosen.map((choice) => choice.name).join("-");
  const place: Place = { settings, host, ...(chosen.length === 1 ? {} : { sharedDatabase: { name, open: createSharedOpener() } }) };
  const running: RunningSubgraph[] = [];
  try {
    // oxlint-disable-next-line no-await-in-loop
    for (const choice of chosen) running.push(await start(choice, place));
    return running;
  } catch (error) {
    await closeAll(running);
    throw error;
  }
}

/** What the departments of one process have in common. */
interface Place {
  readonly settings: SubgraphSettings;
  readonly host: string;
  readonly sharedDatabase?: SharedDatabase;
}

async function start({ name, open, port }: Choice, { settings, host, ...shared }: Place): Promise<RunningSubgraph> {
  const nowMs = Date.now;
  const log = createLog(name);
  const verifier = await readVerifier(settings.HUB_KEYS_FILE, { subgraph: name, nowMs });
  // Before the department, so that broken agreements don't wait for its tables to be filled.
  const agreements = await openOwnAgreements(name, settings, log);
  const openDepartment = await open();
  const department = await openDepartment({ settings, nowMs, log, say, ...shared });
  try {
    const running = await serveSubgraph({ department, typeDefs: await readTypeDefs(name), verifier, agreements, nowMs, port, host, log });
    say(`${name} listens on ${running.url}`);
    return running;
  } catch (error) {
    await department.close();
    throw error;
  }
}

function openOwnAgreements(subgraph: string, settings: SubgraphSettings, log: Log): Promise<AgreementsSource> {
  const { POLICIES_DIR: policiesDir, SUPERGRAPH_FILE: supergraphFile, RELOAD_POLL_MS: pollMs } = settings;
  return openAgreements({ policiesDir, supergraphFile, subgraph, pollMs, log });
}

async function closeAll(running: readonly RunningSubgraph[]): Promise<void> {
  await Promise.all(running.map((each) => each.close()));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Ends the process by itself once everything is closed; a second signal ends it at once. */
function closeOnSignal(running: readonly RunningSubgraph[]): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      process.once(signal, () => process.exit(1));
      closeAll(running).then(
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
  closeOnSignal(await startAll(readArguments(process.argv.slice(2))));
} catch (error) {
  fail(error);
}
