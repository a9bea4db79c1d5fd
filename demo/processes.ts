import { join } from "node:path";
import { demoDesks } from "./identity/clients.ts";
import { departmentKeysFile, privateKeyFile, publicKeysFile } from "./keys.ts";
import type { DemoSettings } from "./settings.ts";

/** One process of the demonstration. */
export interface ProcessPlan {
  readonly name: string;
  /** Arguments of node: the program's file first. */
  readonly args: readonly string[];
  /** Bound of its JavaScript heap, in MB: a machine with 4 GB runs them all. */
  readonly heapMb: number;
  /** What it gets besides the supervisor's own environment; undefined takes a variable away. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly port: number;
  /** Further ports on which it listens. */
  readonly otherPorts?: readonly number[];
  /** The setting that moves the ports. */
  readonly portSetting: string;
  /** Answers 200 once the process is ready. */
  readonly readyUrl: string;
}

/** Departments that share a process, which saves the time and memory of starting one for each. Their ports follow each other. */
const smallDepartments = ["welfare", "companies", "education", "consent", "health", "environment"] as const;

/** The departments, in the order of their ports. */
export const departments = [
  "census",
  "immigration",
  "transport",
  "lands",
  "housing",
  "revenue",
  "observatory",
  ...smallDepartments,
] as const;

/** Every process: the hub, and all that has to be ready before it starts. */
export interface DemoPlan {
  readonly sources: readonly ProcessPlan[];
  readonly hub: ProcessPlan;
}

const host = "127.0.0.1";

/** Says what to run, from the settings alone. */
export function planProcesses(settings: DemoSettings): DemoPlan {
  return { sources: [planIdentity(settings), ...planServices(settings), ...planDepartments(settings)], hub: planHub(settings) };
}

/** The hub's own address without a path. */
export function hubUrl(settings: DemoSettings): string {
  return `http://${host}:${settings.HUB_PORT}`;
}

/** Folder of the hub's signing key. */
export function keysDirectory(settings: DemoSettings): string {
  return join(settings.DATA_DIR, "keys");
}

/** File of the operations that the explorer opens. */
export function examplesFile(settings: DemoSettings): string {
  return join(settings.DATA_DIR, "explorer.json");
}

function planIdentity(settings: DemoSettings): ProcessPlan {
  const { IDENTITY_PORT: port, DATA_DIR } = settings;
  return {
    name: "identity",
    args: ["demo/identity/main.ts", "--port", String(port)],
    heapMb: 128,
    env: { DATA_DIR, HUB_URL: hubUrl(settings) },
    port,
    portSetting: "IDENTITY_PORT",
    readyUrl: `http://${host}:${port}/health`,
  };
}

function planServices({ REGISTRY_PORT, FEEDS_PORT, POPULATION, SEED }: DemoSettings): readonly ProcessPlan[] {
  const services = [
    { name: "registry", port: REGISTRY_PORT, portSetting: "REGISTRY_PORT" },
    { name: "feeds", port: FEEDS_PORT, portSetting: "FEEDS_PORT" },
  ];
  return services.map(({ name, port, portSetting }) => ({
    name,
    args: [`demo/${name}/main.ts`, "--port", String(port)],
    heapMb: heapFor(POPULATION),
    env: { POPULATION: String(POPULATION), SEED: String(SEED) },
    port,
    portSetting,
    readyUrl: `http://${host}:${port}/health`,
  }));
}

function planDepartments(settings: DemoSettings): readonly ProcessPlan[] {
  const feedsUrl = `http://${host}:${settings.FEEDS_PORT}`;
  const env = {
    DATA_DIR: settings.DATA_DIR,
    POPULATION: String(settings.POPULATION),
    SEED: String(settings.SEED),
    POSTGRES_URL: settings.POSTGRES_URL,
    HUB_KEYS_FILE: join(keysDirectory(settings), publicKeysFile),
    LANDS_URL: `http://${host}:${settings.REGISTRY_PORT}`,
    OBSERVATORY_URL: feedsUrl,
    CARPARK_URL: feedsUrl,
    HOSPITALS_URL: feedsUrl,
  };
  const firstPort = settings.DEPARTMENTS_PORT;
  const plan = (name: string, served: readonly string[], port: number): ProcessPlan => ({
    name,
    args: ["subgraphs/main.ts", ...served, "--port", String(port)],
    heapMb: heapFor(settings.POPULATION),
    env,
    port,
    otherPorts: served.slice(1).map((_, index) => port + index + 1),
    portSetting: "DEPARTMENTS_PORT",
    // The departments of one process start one after the other.
    readyUrl: `http://${host}:${port + served.length - 1}/health`,
  });
  const large = departments.slice(0, departments.length - smallDepartments.length);
  return [
    ...large.map((name, index) => plan(name, [name], firstPort + index)),
    plan("departments", smallDepartments, firstPort + large.length),
  ];
}

function planHub(settings: DemoSettings): ProcessPlan {
  const { HUB_PORT: port, DATA_DIR, DEPARTMENTS_PORT, REDIS_URL } = settings;
  const issuer = `http://${host}:${settings.IDENTITY_PORT}`;
  const addresses = departments.map((name, index) => [name, `http://${host}:${DEPARTMENTS_PORT + index}/graphql`]);
  return {
    name: "hub",
    args: ["gateway/main.ts"],
    heapMb: 512,
    env: {
      HUB_PORT: String(port),
      HUB_HOST: host,
      SUPERGRAPH_FILE: "schema/supergraph.graphql",
      SUBGRAPH_URLS: JSON.stringify(Object.fromEntries(addresses)),
      POLICIES_DIR: "policies",
      JOURNAL_DIR: join(DATA_DIR, "journal"),
      HUB_KEY_FILE: join(keysDirectory(settings), privateKeyFile),
      DEPARTMENT_KEYS_FILE: join(keysDirectory(settings), departmentKeysFile),
      ISSUER: issuer,
      AUDIENCE: "crossharbour",
      JWKS_URL: `${issuer}/jwks`,
      REDIS_URL,
      EXPLORER_CLIENT_ID: demoDesks.map(({ clientId }) => clientId).join(","),
      EXPLORER_EXAMPLES_FILE: examplesFile(settings),
    },
    port,
    portSetting: "HUB_PORT",
    readyUrl: `http://${host}:${port}/ready`,
  };
}

/** A population is held in memory while it is made. */
function heapFor(population: number): number {
  return Math.max(384, Math.ceil(population / 150));
}
