import { ensureProgram } from "./install.ts";
import { programs } from "./programs.ts";

/**
 * The path of a Chromium for playwright-core: `CHROMIUM_PATH` where that is set, else from PATH, else installed with apt.
 * As root it has to be launched with `chromiumSandbox: false`.
 *
 * @throws {Error} That says what to install.
 */
export async function findChromium(): Promise<string> {
  const given = process.env["CHROMIUM_PATH"];
  if (given !== undefined) {
    return given;
  }
  return await ensureProgram(programs.chromium);
}
