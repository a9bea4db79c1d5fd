import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    // On a fresh machine a hook may install Redis, PostgreSQL or Chromium with apt (see test/services/install.ts).
    hookTimeout: 420_000,
    teardownTimeout: 20_000,
    experimental: {
      // Node loads the sources as it does in production. Through Vite, two copies of graphql would meet in one process.
      viteModuleRunner: false,
    },
  },
});
