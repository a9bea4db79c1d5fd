import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { SlowReporter } from "./test/house/slow.ts";

/** Folders whose files take longest. */
const longest = ["/test/interference/", "/test/federation/"];

/** Begins with what takes longest, so that no processor waits for it at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => longest.some((folder) => moduleId.includes(folder));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

// Each file of tests has a process of its own: what one has compiled, the others needn't.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL(".cache/compiled/", import.meta.url));

/** Where the whole check reads the results. */
const resultsFile = process.env["TEST_RESULTS"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    reporters: [
      "default",
      new SlowReporter(),
      ...(resultsFile === undefined ? [] : [["json", { outputFile: resultsFile }] satisfies [string, object]]),
    ],
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
