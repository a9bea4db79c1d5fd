import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyInstance } from "fastify";
import { readFeedData } from "../../demo/feeds/data.ts";
import { createFeeds } from "../../demo/feeds/server.ts";
import { createBook } from "../../demo/registry/book.ts";
import { createRegistry } from "../../demo/registry/server.ts";
import { readConfig } from "../../gateway/config.ts";
import { type Hub, startHub } from "../../gateway/hub.ts";
import type { Runtime } from "../../gateway/start.ts";
import { createHubKey } from "../../schema/contract.ts";
import { openAgreements } from "../../subgraphs/kit/agreements.ts";
import type { Department } from "../../subgraphs/kit/department.ts";
import { readVerifier } from "../../subgraphs/kit/fence.ts";
import { createSilentLog } from "../../subgraphs/kit/log.ts";
import { registeredPropertiesOf } from "../../subgraphs/kit/population/holdings.ts";
import type { Population } from "../../subgraphs/kit/population/households.ts";
import { readTypeDefs } from "../../subgraphs/kit/schema.ts";
import { type RunningSubgraph, serveSubgraph } from "../../subgraphs/kit/serve.ts";
import { readSubgraphSettings, type SubgraphSettings } from "../../subgraphs/kit/settings.ts";
import { claims, createKey, type Issuer, type IssuerKey, NOW_MS, sign, startIssuer } from "../identity/issuer.ts";
import { startPostgres } from "../services/postgres.ts";
import { createStillRuntime } from "../services/runtime.ts";
import { type Answer, type Ask, askHub } from "./ask.ts";
import { opens } from "./opens.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The synthetic population, unless an option says otherwise; its anchors are there at any size. */
export const population: Population = { seed: 1, count: 300 };

/** What is counted while requests run. */
export interface Counts {
  /** Departments in the order in which the hub called them. */
  readonly calls: string[];
  /** Departments of each SQL statement. */
  readonly statements: string[];
  /** `METHOD /path` of each call of a REST service. */
  readonly rest: string[];
}

/** How a world differs from the whole one. */
export interface WorldOptions {
  /** Departments that run; the others can't be reached. All when left out. */
  readonly departments?: readonly string[];
  readonly population?: Population;
  /** Files that are written into the copy of the policies folder, by their path there. */
  readonly policies?: Readonly<Record<string, string>>;
  /** Folder of the agreements that departments decide by; the hub's when left out. */
  readonly ownPoliciesDir?: string;
  /** Settings of the hub besides those the world needs. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Everything of a city in one process: REST services, departments, an issuer of tokens and the hub, on free ports. */
export interface World {
  readonly hubUrl: string;
  readonly folder: string;
  readonly policiesDir: string;
  readonly journalDir: string;
  /** The opened departments, as the subgraphs serve them. */
  readonly departments: readonly Department[];
  readonly counts: Counts;
  /** Awaited before a department answers a call, if set. */
  hold: ((department: string) => Promise<void>) | undefined;
  ask(ask: Ask): Promise<Answer>;
  /** A good token of a client; changed claims replace its own, undefined leaves one out. */
  token(changes?: Readonly<Record<string, unknown>>, key?: IssuerKey): Promise<string>;
  clearCounts(): void;
  /** The clock stands still until it is set forward. */
  forward(ms: number): void;
  stop(department: string): Promise<void>;
  /** Starts a stopped department again at the port it had. */
  restart(department: string): Promise<void>;
  close(): Promise<void>;
}

interface Building {
  readonly folder: string;
  readonly ownPoliciesDir: string | undefined;
  readonly counts: Counts;
  readonly nowMs: () => number;
  readonly closers: (() => Promise<unknown>)[];
  readonly state: { hold: World["hold"]; nowMs: number };
}

/** Starts a world. Close it, whatever happened. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const state: Building["state"] = { hold: undefined, nowMs: NOW_MS };
  const building: Building = {
    folder: await mkdtemp(join(tmpdir(), "world-")),
    ownPoliciesDir: options.ownPoliciesDir,
    counts: { calls: [], statements: [], rest: [] },
    nowMs: () => state.nowMs,
    closers: [],
    state,
  };
  building.closers.push(() => rm(building.folder, { recursive: true, force: true }));
  try {
    return await build(building, options);
  } catch (error) {
    await closeAll(building);
    throw error;
  }
}

async function build(building: Building, options: WorldOptions): Promise<World> {
  const { folder, closers, counts, nowMs, state } = building;
  await writeKeys(folder);
  const settings = await startServices(building, options.population ?? population);
  const departments = await openDepartments(building, settings, options.departments ?? Object.keys(opens));
  const policiesDir = join(folder, "policies");
  await copyPolicies(policiesDir, options.policies ?? {});
  const served = await serveAll(building, departments);
  const key = await createKey("world", "ES256");
  const issuer = await startIssuer(key);
  closers.push(() => issuer.close());
  const environment = { ...environmentOf(folder, served, issuer), ...options.settings };
  const runtime = createRuntime(nowMs);
  const hub: Hub = await startHub({ config: readConfig(environment), isUnrestricted: false, runtime });
  closers.push(() => hub.close());
  const token: World["token"] = (changes, signer = key) => sign(signer, claims(changes));
  return {
    hubUrl: hub.url,
    folder,
    policiesDir,
    journalDir: join(folder, "journal"),
    departments,
    counts,
    get hold() {
      return state.hold;
    },
    set hold(hold) {
      state.hold = hold;
    },
    ask: (ask) => askHub({ url: hub.url, token }, ask),
    token,
    clearCounts() {
      for (const list of Object.values(counts) as string[][]) list.length = 0;
    },
    forward(ms) {
      state.nowMs += ms;
    },
    stop: (name) => takeServed(served, name).running.close(),
    async restart(name) {
      const { department, running } = takeServed(served, name);
      served.set(name, { department, running: await serve(building, department, running.port) });
    },
    close: () => closeAll(building),
  };
}

async function closeAll({ closers }: Building): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

async function writeKeys(folder: string): Promise<void> {
  const { privateJwk, jwks } = await createHubKey();
  await writeFile(join(folder, "hub.json"), JSON.stringify(privateJwk), { mode: 0o600 });
  await writeFile(join(folder, "hub.jwks.json"), JSON.stringify(jwks));
}

async function startServices(building: Building, people: Population): Promise<SubgraphSettings> {
  const { folder, nowMs } = building;
  const registry = await listen(building, createRegistry(createBook(registeredPropertiesOf(people))));
  const feeds = await listen(building, createFeeds({ data: await readFeedData(), nowMs }));
  // One server for all departments: making an embedded database for each would take most of a test's time.
  const postgres = await startPostgres();
  building.closers.push(() => postgres.stop());
  return readSubgraphSettings({
    POSTGRES_URL: await postgres.createDatabase(),
    DATA_DIR: join(folder, "data"),
    HUB_KEYS_FILE: join(folder, "hub.jwks.json"),
    LANDS_URL: registry,
    OBSERVATORY_URL: feeds,
    CARPARK_URL: feeds,
    HOSPITALS_URL: feeds,
    POPULATION: String(people.count),
    SEED: String(people.seed),
  });
}

async function listen({ counts, closers }: Building, app: FastifyInstance): Promise<string> {
  app.addHook("onRequest", async (request) => {
    counts.rest.push(`${request.method} ${request.url.split("?")[0]}`);
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  closers.push(() => app.close());
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

async function openDepartments(building: Building, settings: SubgraphSettings, names: readonly string[]): Promise<Department[]> {
  const { counts, nowMs, closers } = building;
  const common = { settings, nowMs, log: createSilentLog(), say: () => undefined };
  const opened = await Promise.allSettled(
    names.map(async (name) => {
      const open = opens[name];
      if (open === undefined) throw new Error(`There is no department ${name}.`);
      const department = await open({ ...common, onStatement: () => counts.statements.push(name) });
      closers.push(() => department.close());
      return department;
    }),
  );
  const failed = opened.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

interface Served {
  readonly department: Department;
  readonly running: RunningSubgraph;
}

async function serveAll(building: Building, departments: readonly Department[]): Promise<Map<string, Served>> {
  const served = new Map<string, Served>();
  building.closers.push(() => Promise.all([...served.values()].map(({ running }) => running.close())));
  for (const department of departments) served.set(department.name, { department, running: await serve(building, department, 0) });
  return served;
}

async function serve(building: Building, department: Department, port: number): Promise<RunningSubgraph> {
  const { folder, nowMs, counts, state } = building;
  const { name } = department;
  const verifier = await readVerifier(join(folder, "hub.jwks.json"), { subgraph: name, nowMs });
  const log = createSilentLog();
  const agreements = await openAgreements({
    policiesDir: building.ownPoliciesDir ?? join(folder, "policies"),
    supergraphFile: join(root, "schema/supergraph.graphql"),
    subgraph: name,
    pollMs: 0,
    log,
  });
  return serveSubgraph({
    // The world closes the department itself, so that a stopped subgraph can be started again on the same sources.
    department: { ...department, close: () => Promise.resolve() },
    typeDefs: await readTypeDefs(name),
    verifier: {
      async verify(header) {
        counts.calls.push(name);
        await state.hold?.(name);
        return verifier.verify(header);
      },
    },
    agreements,
    nowMs,
    port,
    log,
  });
}

function takeServed(served: ReadonlyMap<string, Served>, name: string): Served {
  const found = served.get(name);
  if (found === undefined) throw new Error(`${name} does not run in this world.`);
  return found;
}

async function copyPolicies(directory: string, changes: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(directory);
  for (const name of ["agreements", "applications.yaml", "purposes.yaml"]) {
    await cp(join(root, "policies", name), join(directory, name), { recursive: true });
  }
  for (const [path, text] of Object.entries(changes)) await writeFile(join(directory, path), text);
}

/** Where nothing listens: a call fails at once. */
const nowhere = "http://127.0.0.1:1/graphql";

function environmentOf(folder: string, served: ReadonlyMap<string, Served>, issuer: Issuer): Readonly<Record<string, string>> {
  return {
    HUB_PORT: "0",
    SUPERGRAPH_FILE: join(root, "schema/supergraph.graphql"),
    SUBGRAPH_URLS: JSON.stringify(Object.fromEntries(Object.keys(opens).map((name) => [name, served.get(name)?.running.url ?? nowhere]))),
    POLICIES_DIR: join(folder, "policies"),
    HUB_KEY_FILE: join(folder, "hub.json"),
    JOURNAL_DIR: join(folder, "journal"),
    ISSUER: "https://issuer.example",
    JWKS_URL: issuer.url,
    EXPLORER_DIR: join(folder, "explorer"),
    LOG_LEVEL: "silent",
  };
}

function createRuntime(nowMs: () => number): Runtime {
  let requests = 0;
  return {
    ...createStillRuntime(nowMs),
    monotonicMs: () => performance.now(),
    newRequestId() {
      requests += 1;
      return `request-${requests}`;
    },
  };
}
