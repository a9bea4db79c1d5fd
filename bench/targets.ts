import { fileURLToPath } from "node:url";

/** Whether equal work in flight is shared; `none` where a server knows no such thing. */
export type Sharing = "on" | "off" | "none";

/** A server that is measured. */
export interface Target {
  /** Its name for `--peers` and in tables; targets of one name differ in sharing. */
  readonly name: string;
  readonly sharing: Sharing;
  /** Whether agreements, masks and the record are on. */
  readonly isGoverned: boolean;
  /** Whether it comes from `bench/peers`. */
  readonly isPeer: boolean;
  readonly command: (place: Place) => readonly string[];
  readonly environment: (place: Place) => Readonly<Record<string, string>>;
}

/** Where a target is to run. */
export interface Place {
  readonly port: number;
  readonly departmentsPort: number;
  readonly supergraphFile: string;
  /** Finished answers, for the raw server. */
  readonly answersFile: string;
  /** Grafbase's settings, by whether calls are shared. */
  readonly grafbaseFile: (isSharing: boolean) => string;
  /** Settings of a governed hub with its journal in a folder of its own. */
  readonly government: (name: string) => Readonly<Record<string, string>>;
}

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));
const peersFolder = `${here}peers/`;
const grafbasePath = `${peersFolder}node_modules/@grafbase/cli-x86_64-unknown-linux-musl/grafbase`;
const production = { NODE_ENV: "production" };
const node = process.execPath;

/** Everything that can be measured, in the order of tables. */
export const targets: readonly Target[] = [
  ...switched((sharing) => hub("hub", sharing, false)),
  ...switched((sharing) => hub("hub-governed", sharing, true)),
  {
    ...peer("apollo", "none"),
    command: ({ port, supergraphFile }) => [node, `${peersFolder}apollo.mjs`, String(port), supergraphFile],
  },
  ...switched((sharing) => hive("hive", "js", sharing)),
  ...switched((sharing) => hive("hive-rust", "rust", sharing)),
  {
    ...peer("mercurius", "none"),
    command: ({ port, departmentsPort }) => [node, `${peersFolder}mercurius.mjs`, String(port), String(departmentsPort)],
  },
  ...switched((sharing) => ({
    ...peer("grafbase", sharing),
    command: ({ port, grafbaseFile }: Place) => [grafbasePath, "dev", "--port", String(port), "--config", grafbaseFile(sharing === "on")],
    environment: () => ({ HOME: "/tmp" }),
  })),
  {
    ...floor("script-undici"),
    command: ({ port, departmentsPort }) => [node, `${here}script.ts`, String(port), String(departmentsPort), "undici"],
  },
  {
    ...floor("script-sockets"),
    command: ({ port, departmentsPort }) => [node, `${here}script.ts`, String(port), String(departmentsPort), "sockets"],
  },
  { ...floor("raw"), command: ({ port, answersFile }) => [node, `${here}raw.ts`, String(port), answersFile] },
];

function switched(build: (sharing: "on" | "off") => Target): readonly Target[] {
  return [build("off"), build("on")];
}

function hub(name: string, sharing: "on" | "off", isGoverned: boolean): Target {
  return {
    name,
    sharing,
    isGoverned,
    isPeer: false,
    command: ({ port, supergraphFile }) => [
      node,
      `${root}cli/hub.js`,
      "serve",
      "--supergraph",
      supergraphFile,
      "--port",
      String(port),
      ...(isGoverned ? [] : ["--unrestricted"]),
    ],
    environment: ({ government }) => ({
      ...production,
      LOG_LEVEL: "error",
      // As long as the load waits: the benchmark's departments are slow when other programs hold their core, and no peer has a deadline.
      REQUEST_TIMEOUT_MS: "30000",
      SUBGRAPH_TIMEOUT_MS: "30000",
      SHARING_ENABLED: String(sharing === "on"),
      ...(isGoverned ? government(`${name}-${sharing}`) : {}),
    }),
  };
}

function hive(name: string, planner: "js" | "rust", sharing: "on" | "off"): Target {
  return {
    ...peer(name, sharing),
    command: ({ port, supergraphFile }) => [
      node,
      `${peersFolder}node_modules/@graphql-hive/gateway/dist/bin.js`,
      "supergraph",
      supergraphFile,
      "--fork",
      "1",
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
      "--config-path",
      `${peersFolder}hive.mjs`,
    ],
    environment: () => ({ ...production, PLANNER: planner, SHARING: sharing }),
  };
}

function peer(name: string, sharing: Sharing): Omit<Target, "command"> {
  return { name, sharing, isGoverned: false, isPeer: true, environment: () => production };
}

function floor(name: string): Omit<Target, "command"> {
  return { ...peer(name, "none"), isPeer: false };
}

/** A target's name in lines and file names. */
export function labelOf({ name, sharing }: Pick<Target, "name" | "sharing">): string {
  return sharing === "none" ? name : `${name}, sharing ${sharing}`;
}
