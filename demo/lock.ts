import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Makes sure that one demonstration at a time uses a data folder, whose embedded databases would be damaged by two.
 *
 * @returns A function that gives the folder back.
 * @throws {Error} When another one runs there.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const file = join(directory, "supervisor.pid");
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const write = (flag: "wx" | "w"): Promise<void> => writeFile(file, String(process.pid), { flag, mode: 0o600 });
  try {
    await write("wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw error;
    }
    const owner = Number(await readFile(file, "utf8"));
    if (isRunning(owner)) {
      throw new Error(`Another demonstration (process ${owner}) uses ${directory}. End it, or choose another folder with DATA_DIR.`);
    }
    // Its owner was killed and could not give the folder back.
    await write("w");
  }
  return () => rm(file, { force: true });
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) {
    return false;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
