import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isAlive } from "../services/process.ts";
import { type Demo, startDemo, stopAndRemove } from "./stack.ts";

const run = promisify(execFile);
const longMs = 300_000;

let demo: Demo;

beforeAll(async () => {
  demo = await startDemo({ env: { POPULATION: "1000" } });
}, longMs);

afterAll(async () => {
  await stopAndRemove(demo);
}, longMs);

/** The `curl` commands that the welcome prints, each as one line for a shell. */
function printedCommands(): readonly string[] {
  return demo
    .output()
    .split("\n")
    .filter((line) => line.startsWith("curl "));
}

async function runCommand(command: string | undefined): Promise<Record<string, unknown>> {
  const { stdout } = await run("sh", ["-c", command ?? "false"]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe("npm start", () => {
  it("says what comes up, shows progress while the departments seed, and hands three tokens out", () => {
    const output = demo.output();
    expect(output).toMatch(/^transport +seeding \d+%/m);
    expect(output).toMatch(/^hub +is ready on port \d+$/m);
    expect(output).toContain(`Explorer  ${demo.hubUrl}/explorer`);
    expect(output.match(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/gm)).toHaveLength(3);
  });

  it("prints a command that answers case 1 from six departments, one field masked and one withheld with its reason", async () => {
    const { data, errors, extensions } = await runCommand(printedCommands()[0]);
    expect(data).toMatchObject({ prhApplication: { number: "HD-PRH-0000123" } });
    expect(errors).toMatchObject([{ extensions: { coordinate: "Person.income", reason: "NOT_IN_AGREEMENT" } }]);
    expect(extensions).toMatchObject({ hub: { masks: ["Vehicle.mark"] } });
    const application = JSON.stringify(data);
    expect(application).toMatch(/"residentStatus":"[A-Z_]+"/);
    expect(application).toMatch(/"ownsDomesticProperty":(true|false)/);
    expect(application).toMatch(/"directorships":\[\{"role":"DIRECTOR","company":\{"ubi":"70000123"/);
    expect(application).toMatch(/"incomeBand":"[A-Z0-9_]+"/);
    expect(application).not.toMatch(/"income":[^n]/);
  });

  it("prints a command that answers case 7 for the analyst", async () => {
    const { data, errors } = await runCommand(printedCommands()[1]);
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({ district: { code: "R", name: { en: "Sha Tin" }, schoolCount: 194, aqhiStations: [{ id: "sha-tin" }] } });
    expect(JSON.stringify(data)).toMatch(/"hasEmergency":true,"emergencyWaiting":\{"updatedAt":"\d{4}-/);
  });

  it("serves the analyst's question from the cache until the printed order of the department says otherwise", async () => {
    const question = printedCommands()[1] ?? "";
    const ask = async (): Promise<string> => (await run("sh", ["-c", `${question} -o /dev/null -D -`])).stdout.toLowerCase();
    await ask();
    const hit = await ask();
    expect(hit).toMatch(/^cache-status: crossharbour; hit; ttl=\d+\r$/m);
    expect(hit).toMatch(/^age: \d+\r$/m);
    expect(await runCommand(printedCommands()[7])).toEqual({ epoch: expect.stringMatching(/^[0-9a-f]{16}\.\d+$/) });
    expect(await ask()).toMatch(/^cache-status: crossharbour; fwd=/m);
  });

  it("prints a command that answers each further case under its own agreements", async () => {
    const answers = await Promise.all(printedCommands().slice(2, 7).map(runCommand));
    const agreements = answers.map(
      ({ extensions }) => (extensions as { readonly hub?: { readonly agreements?: readonly string[] } }).hub?.agreements,
    );
    expect(agreements).toEqual([
      ["HD-LR-2026-07@1", "HD-OWN-2026-06@1"],
      ["TD-IMMD-2026-05@1", "TD-OWN-2026-00@1"],
      ["ED-IMMD-2026-01@1", "ED-IRD-2026-02@1", "ED-OWN-2026-00@1"],
      ["FE-CR-2026-02@1", "FE-LR-2026-01@1"],
      ["SW-IMMD-2026-01@1", "SW-OWN-2026-00@1"],
    ]);
    expect(JSON.stringify(answers[0]?.["data"]).match(/"HD-PRH-\d{7}"/g)?.length).toBeGreaterThan(50);
  });

  it(
    "stops every process, and starts again from what it kept",
    async () => {
      const pids = await childPids(demo.pid);
      // The hub, three services, seven departments, and one process for the six small ones.
      expect(pids).toHaveLength(12);
      const keyFile = `${demo.dataDirectory}/keys/hub.json`;
      const key = await readFile(keyFile, "utf8");
      expect(await demo.stop()).toBe(0);
      expect(pids.filter(isAlive)).toEqual([]);
      demo = await startDemo({ dataDirectory: demo.dataDirectory, env: { POPULATION: "1000" } });
      expect(demo.output()).not.toContain("seeding");
      expect(await readFile(keyFile, "utf8")).toBe(key);
      expect((await runCommand(printedCommands()[0]))["data"]).toMatchObject({ prhApplication: { number: "HD-PRH-0000123" } });
    },
    longMs,
  );
});

/** The explorer's bundler may be there besides, when the explorer had to be built. */
async function childPids(pid: number): Promise<readonly number[]> {
  const { stdout } = await run("ps", ["-o", "pid=,args=", "--ppid", String(pid)]);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim());
  return lines.filter((line) => line.includes("/demo/tether.ts")).map((line) => Number(line.split(" ")[0]));
}
