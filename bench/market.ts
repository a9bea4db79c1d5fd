import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Governed, prepareGovernment } from "./bundle.ts";
import { answerAlone } from "./graph/schemas.ts";
import { departmentNames, plainSdlOf } from "./graph/sdl.ts";
import { nonceAt, workloads } from "./graph/workloads.ts";
import { findPort, type Program, startProgram } from "./process.ts";
import { composeMarket } from "./supergraph.ts";
import { labelOf, type Place, type Target } from "./targets.ts";

/** The departments, and all that is needed to put gateways before them. */
export interface Market {
  readonly folder: string;
  readonly governed: Governed;
  /** Right answers' data by workload. */
  readonly answers: ReadonlyMap<string, unknown>;
  /** Calls of departments so far. */
  countCalls(): Promise<number>;
  start(target: Target): Promise<Program>;
  close(): Promise<void>;
}

/** How programs of a market run. */
export interface MarketOptions {
  /** Core of the gateways and core of the departments and the load; undefined when there is but one. */
  readonly cores: { readonly gateway: number; readonly rest: number } | undefined;
  /** Options of Node for the hub, such as those of a profiler. */
  readonly nodeOptions: readonly string[];
  readonly signal: AbortSignal;
}

const startTimeoutMs = 60_000;
const stepTimeoutMs = 20_000;

/** Starts the departments and prepares everything else. Close it, whatever happened. */
export async function openMarket(options: MarketOptions): Promise<Market> {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  const departments = startDepartments(options);
  const programs = new Set<Program>();
  let governed: Governed | undefined;
  const close = async (): Promise<void> => {
    await Promise.all([...programs].map((program) => program.stop()));
    await governed?.close();
    if (departments.connected) departments.disconnect();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const { port: departmentsPort = 0 } = await nextMessage(departments);
    governed = await prepareGovernment(folder, Date.now());
    const { environment } = governed;
    const files = await writeFiles(folder, departmentsPort);
    const place = (port: number): Place => ({
      port,
      departmentsPort,
      supergraphFile: files.supergraph,
      answersFile: files.answers,
      grafbaseFile: (isSharing) => join(folder, `grafbase-${isSharing ? "on" : "off"}.toml`),
      government: (name) => ({ ...environment, JOURNAL_DIR: join(folder, `journal-${name}`), CACHE_ENABLED: "false" }),
    });
    return {
      folder,
      governed,
      answers: files.data,
      async countCalls(): Promise<number> {
        departments.send("count");
        return (await nextMessage(departments)).calls ?? 0;
      },
      async start(target): Promise<Program> {
        const program = await startTarget(options, target, { folder, place: place(await findPort()) });
        programs.add(program);
        return program;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function startTarget(options: MarketOptions, target: Target, { folder, place }: { folder: string; place: Place }): Promise<Program> {
  const [file = "", ...args] = target.command(place);
  const isHub = target.name.startsWith("hub");
  return startProgram({
    name: labelOf(target),
    command: [file, ...(isHub ? options.nodeOptions : []), ...args],
    folder,
    environment: target.environment(place),
    port: place.port,
    core: options.cores?.gateway,
    logsFolder: join(folder, "logs"),
    startTimeoutMs,
    signal: options.signal,
  });
}

function startDepartments({ cores }: MarketOptions): ChildProcess {
  const program = new URL("departments.ts", import.meta.url);
  if (cores === undefined) return fork(program);
  return fork("-c", [String(cores.rest), process.execPath, program.pathname], { execPath: "taskset", execArgv: [] });
}

function nextMessage(child: ChildProcess): Promise<{ readonly port?: number; readonly calls?: number }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("The departments don't answer.")), stepTimeoutMs);
    const fail = (): void => reject(new Error("The departments have ended."));
    child.once("exit", fail);
    child.once("message", (message) => {
      clearTimeout(timer);
      child.off("exit", fail);
      resolve(message as { port?: number; calls?: number });
    });
  });
}

interface Files {
  readonly supergraph: string;
  readonly answers: string;
  readonly data: ReadonlyMap<string, unknown>;
}

async function writeFiles(folder: string, departmentsPort: number): Promise<Files> {
  const supergraph = join(folder, "supergraph.graphql");
  await writeFile(supergraph, await composeMarket(departmentsPort));
  const data = new Map<string, unknown>();
  const finished: Record<string, string> = {};
  for (const { name, query } of workloads) {
    const answer = await answerAlone({ query, variables: { nonce: nonceAt(0) } });
    data.set(name, answer);
    finished[/query (\w+)/.exec(query)?.[1] ?? ""] = JSON.stringify({ data: answer });
  }
  const answers = join(folder, "answers.json");
  await writeFile(answers, JSON.stringify(finished));
  await writeGrafbase(folder, departmentsPort);
  return { supergraph, answers, data };
}

/** Grafbase composes for itself, from the same departments' schemas. */
async function writeGrafbase(folder: string, departmentsPort: number): Promise<void> {
  const lines: string[] = [];
  for (const name of departmentNames) {
    const file = join(folder, `${name}.graphql`);
    await writeFile(file, plainSdlOf(name));
    lines.push(`[subgraphs.${name}]`, `schema_path = "${file}"`, `url = "http://127.0.0.1:${departmentsPort}/${name}"`, "");
  }
  for (const sharing of ["on", "off"]) {
    const shaping = `[traffic_shaping]\ninflight_deduplication = ${sharing === "on"}\n`;
    await writeFile(join(folder, `grafbase-${sharing}.toml`), `${lines.join("\n")}\n${shaping}`);
  }
}
