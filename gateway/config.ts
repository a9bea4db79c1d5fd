import { z } from "zod";
import { type LimitName, type Limits, limitTable } from "./core/limits.ts";

/** One setting of the hub, for the check and for docs/config.md. */
export interface Setting {
  readonly name: string;
  readonly description: string;
  /** As written in the environment; undefined when the setting is left out. */
  readonly default: string | undefined;
  readonly schema: z.ZodType;
}

const text = z.string().min(1);
const flag = z.enum(["true", "false"]).transform((value) => value === "true");
const url = z.url({ protocol: /^(https?|rediss?)$/ });

function count(min: number, max: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,15}$/, "must be a whole number")
    .transform(Number)
    .pipe(z.number().min(min).max(max));
}

const urlMap = z.string().transform((value, context): Record<string, string> => {
  try {
    return z.record(z.string(), z.string().min(1)).parse(JSON.parse(value));
  } catch {
    context.addIssue({ code: "custom", message: "must be a JSON object of subgraph names and URLs" });
    return z.NEVER;
  }
});

// biome-ignore lint/complexity/useMaxParams: the settings below are a table, and these are its columns.
function setting(name: string, schema: z.ZodType, fallback: string | undefined, description: string): Setting {
  return { name, schema, default: fallback, description };
}

const fixedSettings = [
  setting("HUB_HOST", text, "127.0.0.1", "Address to listen on."),
  setting("HUB_PORT", count(0, 65_535), "4000", "Port to listen on; 0 takes a free one."),
  setting("SUPERGRAPH_FILE", text, "schema/supergraph.graphql", "The composed supergraph."),
  setting(
    "SUBGRAPH_URLS",
    urlMap,
    "{}",
    "JSON object of subgraph names and URLs that replace the addresses in the supergraph. `unix:/path.sock:/graphql` goes over a socket file.",
  ),
  setting("POLICIES_DIR", text, "policies", "Folder of agreements, purposes and applications."),
  setting("HUB_KEY_FILE", text, ".data/keys/hub.json", "The hub's Ed25519 key as a private JWK; signs the header that subgraphs check."),
  setting("JOURNAL_DIR", text, ".data/journal", "Folder of the audit journal. One process at a time."),
  setting("ISSUER", url, "http://127.0.0.1:4300", "Issuer of access tokens, as in their `iss` claim."),
  setting("JWKS_URL", url.optional(), undefined, "Where the issuer's keys are; the issuer's address with `/jwks` when left out."),
  setting("AUDIENCE", text, "crossharbour", "What access tokens must name as their audience."),
  setting(
    "OFFICER_SECRET",
    text.min(16).optional(),
    undefined,
    "Key of the officers' pseudonyms in the record; derived from the hub's key when left out.",
  ),
  setting("REDIS_URL", url.optional(), undefined, "Redis for the cache; memory of the process when left out."),
  setting("CACHE_ENABLED", flag, "true", "Whether replies of OPEN data are kept at all."),
  setting("CACHE_BYTES_MAX", count(1_048_576, 17_179_869_184), "67108864", "Bytes of the memory cache."),
  setting("CACHE_TIMEOUT_MS", count(1, 10_000), "25", "How long a read of the cache may take before it counts as a miss."),
  setting("EXPLORER_CLIENT_ID", text, "stats-analyst", "OAuth clients with which the explorer signs in, separated by commas."),
  setting("EXPLORER_EXAMPLES_FILE", text.optional(), undefined, "JSON file of operations that the explorer opens with."),
  setting("EXPLORER_DIR", text, "console/dist", "Folder of the explorer's built files."),
  setting("REQUEST_TIMEOUT_MS", count(10, 600_000), "10000", "Deadline of a whole request."),
  setting("SUBGRAPH_TIMEOUT_MS", count(10, 600_000), "5000", "Deadline of one call of a subgraph."),
  setting("SUBGRAPH_CONNECT_TIMEOUT_MS", count(10, 60_000), "1000", "Deadline of connecting to a subgraph."),
  setting("SUBGRAPH_CONNECTIONS_MAX", count(1, 10_000), "64", "Calls of one subgraph at a time."),
  setting("SUBGRAPH_WAITING_MAX", count(0, 100_000), "512", "Calls that may wait for one subgraph; one more fails at once."),
  setting("SUBGRAPH_RESPONSE_BYTES_MAX", count(1_024, 1_073_741_824), "33554432", "Largest reply of a subgraph."),
  setting("SUBGRAPH_RETRIES_MAX", count(0, 5), "1", "How often a failed query is tried again; mutations never are."),
  setting("SUBGRAPH_BREAKER_FAILURES", count(1, 10_000), "20", "Failures in a row after which a subgraph is left alone for a while."),
  setting("SUBGRAPH_BREAKER_PAUSE_MS", count(1, 600_000), "2000", "How long it is left alone before one call tries again."),
  setting("SHARING_ENABLED", flag, "true", "Whether equal fetches in flight share one call."),
  setting("PREPARED_MAX", count(1, 1_000_000), "2000", "Compiled operations that are kept."),
  setting("PLAN_TIMEOUT_MS", count(10, 60_000), "2000", "Deadline of planning one operation."),
  setting("PLAN_CONCURRENCY_MAX", count(1, 64), "2", "Operations planned at a time."),
  setting("PLAN_WAITING_MAX", count(0, 100_000), "256", "Operations that may wait to be planned."),
  setting("LOG_LEVEL", z.enum(["silent", "error", "warn", "info", "debug"]), "info", "Least level that is logged."),
] satisfies readonly Setting[];

function limitSettings(): Setting[] {
  return Object.entries(limitTable).map(([name, limit]) =>
    setting(limitSettingName(name), count(1, 1_000_000_000), String(limit.default), `${limit.counts} ${limit.why}`),
  );
}

function limitSettingName(name: string): string {
  return `LIMIT_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** Every setting of the hub. Names are environment variables; sizes are in bytes, times in milliseconds. */
export function listSettings(): readonly Setting[] {
  return [...fixedSettings, ...limitSettings()];
}

/** The hub's settings, checked. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly supergraphFile: string;
  readonly subgraphUrls: Readonly<Record<string, string>>;
  readonly policiesDir: string;
  readonly hubKeyFile: string;
  readonly journalDir: string;
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly audience: string;
  readonly officerSecret: string | undefined;
  readonly redisUrl: string | undefined;
  readonly isCacheEnabled: boolean;
  readonly cacheBytesMax: number;
  readonly cacheTimeoutMs: number;
  readonly explorerClientIds: readonly string[];
  readonly explorerExamplesFile: string | undefined;
  readonly explorerDir: string;
  readonly requestTimeoutMs: number;
  readonly subgraphTimeoutMs: number;
  readonly subgraphConnectTimeoutMs: number;
  readonly subgraphConnectionsMax: number;
  readonly subgraphWaitingMax: number;
  readonly subgraphResponseBytesMax: number;
  readonly subgraphRetriesMax: number;
  readonly subgraphBreakerFailures: number;
  readonly subgraphBreakerPauseMs: number;
  readonly isSharing: boolean;
  readonly preparedMax: number;
  readonly planTimeoutMs: number;
  readonly planConcurrencyMax: number;
  readonly planWaitingMax: number;
  readonly limits: Limits;
  readonly logLevel: "silent" | "error" | "warn" | "info" | "debug";
}

/** A setting that can't be used, and what to do. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The settings can't be used:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/**
 * Reads the settings from an environment.
 *
 * @throws {ConfigError} for a value that doesn't fit, and for a variable `HUB_…` that is no setting.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const settings = listSettings();
  const known: ReadonlySet<string> = new Set(settings.map(({ name }) => name));
  for (const name of Object.keys(environment)) {
    if (name.startsWith("HUB_") && !known.has(name)) problems.push(`${name} is not a setting of the hub; see docs/config.md.`);
  }
  const values = new Map<string, unknown>();
  for (const { name, schema, default: fallback } of settings) {
    const given = environment[name];
    const result = schema.safeParse(given === undefined || given === "" ? fallback : given);
    if (result.success) values.set(name, result.data);
    else problems.push(`${name}: ${result.error.issues.map((issue) => issue.message).join("; ")}`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return configOf(values);
}

function configOf(values: ReadonlyMap<string, unknown>): Config {
  // Each value was checked by its own schema above; the names are those of the table.
  const get = <T>(name: string): T => values.get(name) as T;
  const limits = Object.keys(limitTable).map((name) => [name, get<number>(limitSettingName(name))] as const);
  const issuer = get<string>("ISSUER");
  return {
    host: get("HUB_HOST"),
    port: get("HUB_PORT"),
    supergraphFile: get("SUPERGRAPH_FILE"),
    subgraphUrls: get("SUBGRAPH_URLS"),
    policiesDir: get("POLICIES_DIR"),
    hubKeyFile: get("HUB_KEY_FILE"),
    journalDir: get("JOURNAL_DIR"),
    issuer,
    jwksUrl: get<string | undefined>("JWKS_URL") ?? `${issuer.replace(/\/$/, "")}/jwks`,
    audience: get("AUDIENCE"),
    officerSecret: get("OFFICER_SECRET"),
    redisUrl: get("REDIS_URL"),
    isCacheEnabled: get("CACHE_ENABLED"),
    cacheBytesMax: get("CACHE_BYTES_MAX"),
    cacheTimeoutMs: get("CACHE_TIMEOUT_MS"),
    explorerClientIds: get<string>("EXPLORER_CLIENT_ID").split(","),
    explorerExamplesFile: get("EXPLORER_EXAMPLES_FILE"),
    explorerDir: get("EXPLORER_DIR"),
    requestTimeoutMs: get("REQUEST_TIMEOUT_MS"),
    subgraphTimeoutMs: get("SUBGRAPH_TIMEOUT_MS"),
    subgraphConnectTimeoutMs: get("SUBGRAPH_CONNECT_TIMEOUT_MS"),
    subgraphConnectionsMax: get("SUBGRAPH_CONNECTIONS_MAX"),
    subgraphWaitingMax: get("SUBGRAPH_WAITING_MAX"),
    subgraphResponseBytesMax: get("SUBGRAPH_RESPONSE_BYTES_MAX"),
    subgraphRetriesMax: get("SUBGRAPH_RETRIES_MAX"),
    subgraphBreakerFailures: get("SUBGRAPH_BREAKER_FAILURES"),
    subgraphBreakerPauseMs: get("SUBGRAPH_BREAKER_PAUSE_MS"),
    isSharing: get("SHARING_ENABLED"),
    preparedMax: get("PREPARED_MAX"),
    planTimeoutMs: get("PLAN_TIMEOUT_MS"),
    planConcurrencyMax: get("PLAN_CONCURRENCY_MAX"),
    planWaitingMax: get("PLAN_WAITING_MAX"),
    limits: Object.fromEntries(limits) as Record<LimitName, number>,
    logLevel: get("LOG_LEVEL"),
  };
}
