import { defineConfig } from "@graphql-hive/gateway";
import { unifiedGraphHandler } from "@graphql-hive/router-runtime";

/* Hive Gateway's settings. PLANNER=rust takes its Rust planner's runtime; SHARING=on shares equal requests and equal calls in flight;
 * CACHE=memory keeps whole answers for an hour, CACHE=redis in the Redis of REDIS_URL. */

const { CACHE, REDIS_URL } = process.env;
const isSharing = process.env.SHARING === "on";
export const gatewayConfig = defineConfig({
  ...(process.env.PLANNER === "rust" ? { unifiedGraphHandler } : {}),
  inboundInflightRequestDeduplication: isSharing,
  transportEntries: { "*.http": { options: { deduplicateInflightRequests: isSharing } } },
  ...(CACHE === undefined ? {} : { responseCaching: { session: () => null, ttl: 3_600_000 } }),
  ...(CACHE === "redis" ? { cache: { type: "redis", url: REDIS_URL } } : {}),
  logging: "error",
});
