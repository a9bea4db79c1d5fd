import { ensureProgram } from "./install.ts";
import { programs } from "./programs.ts";

/**
 * Runs once before all tests. It installs what is missing here, where no test's time runs out meanwhile; on a machine that has
 * it all it takes milliseconds. What can't be installed is told, and the tests that need it then fail with the same words.
 */
export async function setup(): Promise<void> {
  for (const program of Object.values(programs)) {
    try {
      await ensureProgram(program);
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}
