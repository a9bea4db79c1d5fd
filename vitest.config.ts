import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    globalSetup: ["test/services/setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    experimental: {
      // Node loads the sources as it does in production. Through Vite, two copies of graphql would meet in one process.
      viteModuleRunner: false,
    },
  },
});
