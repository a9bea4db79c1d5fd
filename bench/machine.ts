import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { cpus, loadavg, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { replaceReport } from "./report.ts";

const documentFile = fileURLToPath(new URL("../docs/performance.md", import.meta.url));
const peersPackage = fileURLToPath(new URL("peers/package.json", import.meta.url));

/** What figures depend on besides the programs: the day, the machine, versions, and whether gateways had a core of their own. One fact a line. */
export function describeMachine(isPinned: boolean): readonly string[] {
  const gigabytes = Math.round(totalmem() / 1_073_741_824);
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(peersPackage, "utf8")) as {
    dependencies?: Record<string, string>;
    optionalDependencies?: Record<string, string>;
  };
  const versions = Object.entries({ ...dependencies, ...optionalDependencies }).map(([name, version]) => `${name} ${version}`);
  return [
    `${new Date().toISOString().slice(0, 10)}; ${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), ${gigabytes} GB, load average at the end ${loadavg()[0]?.toFixed(1) ?? "?"}`,
    `Node ${process.version}; ${versions.join(", ")}`,
    isPinned ? "gateways on core 0, departments and load on core 1" : "nothing pinned to a core",
  ];
}

/** Puts a report between its marks in docs/performance.md. */
export async function keepReport(name: string, report: string): Promise<void> {
  await writeFile(documentFile, replaceReport(await readFile(documentFile, "utf8"), name, report));
}
