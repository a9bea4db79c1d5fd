import type { Program } from "./install.ts";

/** The programs that tests start. */
export const programs = {
  redis: { names: ["redis-server", "valkey-server"], debianPackage: "redis-server" },
  initdb: { names: ["initdb"], folders: ["/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql/bin"], debianPackage: "postgresql" },
  chromium: { names: ["chromium", "chromium-browser", "google-chrome"], debianPackage: "chromium" },
} as const satisfies Record<string, Program>;
