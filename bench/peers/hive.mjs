import { defineConfig } from "@graphql-hive/gateway";
import { unifiedGraphHandler } from "@graphql-hive/router-runtime";

/* Hive Gateway's settings. PLANNER=rust takes its Rust planner's runtime; SHARING=on shares equal requests and equal calls in flight;
 * CACHE=on keeps whole answers in memory for an hour. */

const isSharing = process.env.SHARING === "on";
export const gatewayConfig = defineConfig({
  ...(process.env.PLANNER === "rust" ? { unifiedGraphHandler } : {}),
  inboundInflightRequestDeduplication: isSharing,
  transportEntries: { "*.http": { options: { deduplicateInflightRequests: isSharing } } },
  ...(process.env.CACHE === "on" ? { responseCaching: { session: () => null, ttl: 3_600_000 } } : {}),
  logging: "error",
});
