import { z } from "zod";

/** One setting of the hub, for the check and for docs/config.md. */
export interface Setting<T = unknown> {
  readonly name: string;
  readonly description: string;
  /** As written in the environment; undefined when the setting is left out. */
  readonly default: string | undefined;
  readonly schema: z.ZodType<T>;
}

const text = z.string().min(1);
const flag = z.enum(["true", "false"]).transform((value) => value === "true");
const list = z.string().transform((value) => value.split(",").flatMap((item) => item.trim() || []));
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
function setting<T>(name: string, schema: z.ZodType<T>, fallback: string | undefined, description: string): Setting<T> {
  return { name, schema, default: fallback, description };
}

/** The hub's settings but for its limits, by the names that its code knows them by. */
export const settingTable = {
  host: setting("HUB_HOST", text, "127.0.0.1", "Address to listen on."),
  port: setting("HUB_PORT", count(0, 65_535), "4000", "Port to listen on; 0 takes a free one."),
  supergraphFile: setting("SUPERGRAPH_FILE", text, "schema/supergraph.graphql", "The composed supergraph."),
  subgraphUrls: setting(
    "SUBGRAPH_URLS",
    urlMap,
    "{}",
    "JSON object of subgraph names and URLs that replace the addresses in the supergraph. `unix:/path.sock:/graphql` goes over a socket file.",
  ),
  policiesDir: setting("POLICIES_DIR", text, "policies", "Folder of agreements, purposes and applications."),
  hubKeyFile: setting(
    "HUB_KEY_FILE",
    text,
    ".data/keys/hub.json",
    "The hub's Ed25519 key as a private JWK; signs the header that subgraphs check.",
  ),
  journalDir: setting("JOURNAL_DIR", text, ".data/journal", "Folder of the audit journal. One process at a time."),
  issuer: setting("ISSUER", url, "http://127.0.0.1:4300", "Issuer of access tokens, as in their `iss` claim."),
  jwksUrl: setting("JWKS_URL", url.optional(), undefined, "Where the issuer's keys are; the issuer's address with `/jwks` when left out."),
  audience: setting("AUDIENCE", text, "crossharbour", "What access tokens must name as their audience."),
  officerSecret: setting(
    "OFFICER_SECRET",
    text.min(16).optional(),
    undefined,
    "Key of the officers' pseudonyms in the record; derived from the hub's key when left out.",
  ),
  redisUrl: setting("REDIS_URL", url.optional(), undefined, "Redis for the cache; memory of the process when left out."),
  isRedisCluster: setting("REDIS_CLUSTER", flag, "false", "Whether `REDIS_URL` is a node of a Redis Cluster."),
  isCacheEnabled: setting(
    "CACHE_ENABLED",
    flag,
    "true",
    "Whether anything that departments answer is kept; [cache.md](cache.md) tells what.",
  ),
  cacheBytesMax: setting(
    "CACHE_BYTES_MAX",
    count(0, 17_179_869_184),
    "67108864",
    "Bytes of what the hub keeps in its own memory, before Redis where there is one; 0 keeps nothing there.",
  ),
  isCacheStrict: setting(
    "CACHE_STRICT",
    flag,
    "false",
    "Whether every lookup asks Redis for invalidations, so that one counts for all hubs at once and not within 250 ms.",
  ),
  cacheNegativeMs: setting("CACHE_NEGATIVE_MS", count(0, 3_600_000), "5000", "How long it is remembered that an entity doesn't exist."),
  cacheLeaseWaitMs: setting(
    "CACHE_LEASE_WAIT_MS",
    count(0, 10_000),
    "100",
    "How long a hub waits for another one that is fetching the same OPEN data; 0 switches that off.",
  ),
  cachePreviousKeyFile: setting(
    "CACHE_PREVIOUS_KEY_FILE",
    text.optional(),
    undefined,
    "The hub's key before it was changed, while what was kept under it is to be found.",
  ),
  departmentKeysFile: setting(
    "DEPARTMENT_KEYS_FILE",
    text.optional(),
    undefined,
    "JSON object of subgraph names and the key sets (JWKS) with which departments sign invalidations; without it none is accepted.",
  ),
  cacheTimeoutMs: setting("CACHE_TIMEOUT_MS", count(1, 10_000), "25", "How long a read of the cache may take before it counts as a miss."),
  explorerClientIds: setting(
    "EXPLORER_CLIENT_ID",
    list,
    "stats-analyst",
    "OAuth clients with which the explorer signs in, separated by commas.",
  ),
  explorerExamplesFile: setting(
    "EXPLORER_EXAMPLES_FILE",
    text.optional(),
    undefined,
    "JSON file of operations that the explorer opens with.",
  ),
  explorerDir: setting("EXPLORER_DIR", text, "console/dist", "Folder of the explorer's built files."),
  requestTimeoutMs: setting("REQUEST_TIMEOUT_MS", count(10, 600_000), "10000", "Deadline of a whole request."),
  subgraphTimeoutMs: setting("SUBGRAPH_TIMEOUT_MS", count(10, 600_000), "5000", "Deadline of one call of a subgraph."),
  subgraphConnectTimeoutMs: setting("SUBGRAPH_CONNECT_TIMEOUT_MS", count(10, 60_000), "1000", "Deadline of connecting to a subgraph."),
  subgraphConnectionsMax: setting(
    "SUBGRAPH_CONNECTIONS_MAX",
    count(1, 10_000),
    "64",
    "Calls of one subgraph at a time. More than 8 are made only where calls wait for it while the hub has time, or for 50 ms.",
  ),
  subgraphWaitingMax: setting(
    "SUBGRAPH_WAITING_MAX",
    count(0, 100_000),
    "512",
    "Calls that may wait for one subgraph; one more fails at once.",
  ),
  subgraphResponseBytesMax: setting("SUBGRAPH_RESPONSE_BYTES_MAX", count(1_024, 1_073_741_824), "33554432", "Largest reply of a subgraph."),
  subgraphRetriesMax: setting("SUBGRAPH_RETRIES_MAX", count(0, 5), "1", "How often a failed query is tried again; mutations never are."),
  subgraphBreakerFailures: setting(
    "SUBGRAPH_BREAKER_FAILURES",
    count(1, 10_000),
    "20",
    "Failures in a row after which a subgraph is left alone for a while.",
  ),
  subgraphBreakerPauseMs: setting(
    "SUBGRAPH_BREAKER_PAUSE_MS",
    count(1, 600_000),
    "2000",
    "How long it is left alone before one call tries again.",
  ),
  subgraphSubscriptions: setting(
    "SUBGRAPH_SUBSCRIPTIONS",
    urlMap,
    "{}",
    "JSON object of subgraph names and how their subscriptions are opened: `sse` (when left out), `ws`, or the address of a WebSocket.",
  ),
  subscriptionsMax: setting(
    "SUBSCRIPTIONS_MAX",
    count(0, 1_000_000),
    "1000",
    "Subscriptions of all callers at a time; each has a connection to a subgraph of its own.",
  ),
  subscriptionEventBytesMax: setting("SUBSCRIPTION_EVENT_BYTES_MAX", count(1_024, 268_435_456), "1048576", "Largest event of a subgraph."),
  subscriptionWaitingMax: setting(
    "SUBSCRIPTION_WAITING_MAX",
    count(1, 100_000),
    "64",
    "Events of one subscription that may wait for a slow caller; one more ends it.",
  ),
  subscriptionWaitingBytesMax: setting(
    "SUBSCRIPTION_WAITING_BYTES_MAX",
    count(1_024, 1_073_741_824),
    "4194304",
    "Bytes of events that may wait for a slow caller.",
  ),
  subscriptionSendTimeoutMs: setting(
    "SUBSCRIPTION_SEND_TIMEOUT_MS",
    count(10, 600_000),
    "30000",
    "How long a caller may take to accept one event.",
  ),
  subscriptionIdleTimeoutMs: setting(
    "SUBSCRIPTION_IDLE_TIMEOUT_MS",
    count(100, 3_600_000),
    "60000",
    "Silence of a subgraph, without even a sign of life, that ends a subscription.",
  ),
  subscriptionKeepaliveMs: setting(
    "SUBSCRIPTION_KEEPALIVE_MS",
    count(20, 600_000),
    "12000",
    "How often callers get a sign of life, and how often agreements and tokens are judged between events.",
  ),
  socketsMax: setting("SOCKETS_MAX", count(0, 1_000_000), "1000", "WebSockets of callers at a time."),
  socketOperationsMax: setting("SOCKET_OPERATIONS_MAX", count(1, 10_000), "20", "Operations of one WebSocket at a time."),
  socketInitTimeoutMs: setting(
    "SOCKET_INIT_TIMEOUT_MS",
    count(10, 60_000),
    "3000",
    "How long a WebSocket may be open before its `connection_init`.",
  ),
  socketOrigins: setting(
    "SOCKET_ORIGINS",
    list,
    "",
    "Origins of web pages that may open a WebSocket besides the hub's own, with commas between them.",
  ),
  isSharing: setting("SHARING_ENABLED", flag, "true", "Whether equal fetches in flight share one call."),
  preparedMax: setting(
    "PREPARED_MAX",
    count(1, 1_000_000),
    "2000",
    "Compiled operations that are kept: one for each combination of what `@skip` and `@include` exclude.",
  ),
  listSizeDefault: setting(
    "LIST_SIZE_DEFAULT",
    count(1, 1_000_000),
    "10",
    "Items that a list counts as in an operation's cost where neither `@listSize` nor an argument says how many it has. Lists of the graph are mostly shorter.",
  ),
  apqBytesMax: setting(
    "APQ_BYTES_MAX",
    count(0, 17_179_869_184),
    "16777216",
    "Bytes of documents that callers have registered by their hash (automatic persisted queries); 0 switches that off. Some 10,000 documents fit the default.",
  ),
  trustedDocumentsFile: setting(
    "TRUSTED_DOCUMENTS_FILE",
    text.optional(),
    undefined,
    "Manifest of trusted documents, which callers may run by their id; docs/http.md tells its forms.",
  ),
  isTrustedOnly: setting("TRUSTED_ONLY", flag, "false", "Whether documents that the manifest doesn't hold are refused."),
  overrideLabels: setting(
    "OVERRIDE_LABELS",
    list,
    "",
    "Labels of `@override` that are on, with commas between them; `percent(n)` needs none.",
  ),
  planTimeoutMs: setting(
    "PLAN_TIMEOUT_MS",
    count(10, 60_000),
    "2000",
    "Deadline of planning one operation; half of it for each of two tries.",
  ),
  planConcurrencyMax: setting(
    "PLAN_CONCURRENCY_MAX",
    count(1, 64),
    "2",
    "Operations planned at a time, each in a process of its own that is killed when it is late.",
  ),
  planWaitingMax: setting("PLAN_WAITING_MAX", count(0, 100_000), "256", "Operations that may wait to be planned."),
  isReloadWatching: setting(
    "RELOAD_WATCH",
    flag,
    "true",
    "Whether a change of the supergraph or the agreements is taken up without a signal; SIGHUP always does it.",
  ),
  reloadDebounceMs: setting(
    "RELOAD_DEBOUNCE_MS",
    count(1, 60_000),
    "200",
    "How long files must stay as they are before they are taken up.",
  ),
  reloadPollMs: setting(
    "RELOAD_POLL_MS",
    count(0, 86_400_000),
    "60000",
    "How often the files are looked at without a sign of a change, for file systems that give none; 0 never does.",
  ),
  reloadPrepareMax: setting(
    "RELOAD_PREPARE_MAX",
    count(0, 1_000_000),
    "200",
    "Operations, those used last, that are compiled before what is new is switched to.",
  ),
  reloadPrepareMs: setting(
    "RELOAD_PREPARE_MS",
    count(1, 600_000),
    "5000",
    "How long that may take; the switch is made then, whatever is ready.",
  ),
  logLevel: setting("LOG_LEVEL", z.enum(["silent", "error", "warn", "info", "debug"]), "info", "Least level that is logged."),
};
