import { defineConfig } from "@graphql-hive/gateway";
import { unifiedGraphHandler } from "@graphql-hive/router-runtime";

/* Hive Gateway's settings. PLANNER=rust takes its Rust planner's runtime; SHARING=on shares equal requests and equal calls in flight. */

const isSharing = process.env.SHARING === "on";
export const gatewayConfig = defineConfig({
  ...(process.env.PLANNER === "rust" ? { unifiedGraphHandler } : {}),
  inboundInflightRequestDeduplication: isSharing,
  transportEntries: { "*.http": { options: { deduplicateInflightRequests: isSharing } } },
  logging: "error",
});
