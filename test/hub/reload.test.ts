import type { ChildProcess } from "node:child_process";
import { appendFile, link, mkdir, readFile, readlink, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readConfig } from "../../gateway/config.ts";
import { type Hub, startHub } from "../../gateway/hub.ts";
import { createRuntime } from "../../gateway/main.ts";
import { NOW_MS } from "../identity/issuer.ts";
import { startNode } from "../services/child.ts";
import type { Answer } from "./ask.ts";
import { type Licensing, openLicensing } from "./licensing.ts";

const colourOperation = 'query Colour { vehicle(mark: "AB1234") { class colour } }';
const waiting = { timeout: 15_000, interval: 50 };

let licensing: Licensing;
let hub: Hub | undefined;
let nowMs = NOW_MS;

beforeEach(async () => {
  nowMs = NOW_MS;
  licensing = await openLicensing({ RELOAD_WATCH: "false" });
});
afterEach(async () => {
  await hub?.close();
  hub = undefined;
  await licensing.close();
});

async function start(settings: Readonly<Record<string, string>> = {}): Promise<Hub> {
  const runtime = { ...createRuntime(), nowMs: () => nowMs };
  hub = await startHub({ config: readConfig({ ...licensing.environment, ...settings }), isUnrestricted: false, runtime });
  return hub;
}

const ask = (operation?: string): Promise<Answer> => licensing.ask(hub?.url ?? "", operation === undefined ? {} : { operation });
const codesOf = ({ errors }: Answer): readonly string[] => errors.map(({ extensions }) => extensions.code);
const ready = async (): Promise<Record<string, unknown>> => (await (await fetch(`${hub?.url}/ready`)).json()) as Record<string, unknown>;

/** Lets the department wait for whoever calls the function that is returned. */
function holdDepartment(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  licensing.hold = () => promise;
  return resolve;
}

describe("a supergraph that is broken", () => {
  test("is refused: the one before stays, and /ready says where the fault is but not what the file says", async () => {
    await start();
    const before = await ready();
    await writeFile(licensing.supergraphFile, "type Query {\n  secretField(: Int\n}\n");
    expect(await hub?.reload()).toBe("refused");
    const after = await ready();
    expect(after).toMatchObject({ status: "ready", supergraph: before["supergraph"], generation: 1, since: before["since"] });
    expect(after["refused"]).toEqual({ at: new Date(NOW_MS).toISOString(), fault: "SUPERGRAPH_INVALID", places: ["supergraph.graphql:2"] });
    expect(JSON.stringify(after)).not.toMatch(/secretField|licensing-/);
    expect((await ask()).data).toEqual({ vehicle: { class: "TAXI", make: null } });
    await licensing.writeSupergraph({});
    expect(await hub?.reload()).toBe("unchanged");
    expect(await ready()).not.toHaveProperty("refused");
  });

  test.each([
    ["is gone", async () => rename(licensing.supergraphFile, `${licensing.supergraphFile}.old`), "SUPERGRAPH_UNREADABLE"],
    ["is no supergraph", async () => writeFile(licensing.supergraphFile, "type Query { a: Int }"), "SUPERGRAPH_INVALID"],
    [
      "lacks a subgraph whose address is set",
      async () => {
        const sdl = await readFile(licensing.supergraphFile, "utf8");
        await writeFile(licensing.supergraphFile, sdl.replaceAll('name: "transport"', 'name: "traffic"'));
      },
      "ADDRESSES_INVALID|AGREEMENTS_INVALID",
    ],
    [
      "has a field that is not classified",
      async () => {
        const sdl = await readFile(licensing.supergraphFile, "utf8");
        await writeFile(licensing.supergraphFile, sdl.replaceAll(/^( +make: String) @hub__classified.*$/gm, "$1"));
      },
      "FIELDS_UNCLASSIFIED",
    ],
  ])("is refused where it %s", async (_what, breakIt, fault) => {
    await start();
    await breakIt();
    expect(await hub?.reload()).toBe("refused");
    expect((await ready())["refused"]).toMatchObject({ fault: expect.stringMatching(fault) });
    expect((await ask()).data).toEqual({ vehicle: { class: "TAXI", make: null } });
  });
});

describe("agreements that are broken", () => {
  test("are refused as a whole, and the next good ones are taken", async () => {
    await start();
    const { bundle } = await ready();
    await licensing.writeAgreement(2);
    await licensing.write("agreements/broken.yaml", "agreement: A-1\nshare: [\n");
    expect(await hub?.reload()).toBe("refused");
    expect(await ready()).toMatchObject({
      bundle,
      refused: { fault: "AGREEMENTS_INVALID", places: [expect.stringMatching("broken.yaml:")] },
    });
    expect(codesOf(await ask())).toEqual(["UNAUTHORIZED_FIELD_OR_TYPE"]);
    await rename(join(licensing.folder, "policies/agreements/broken.yaml"), join(licensing.folder, "broken"));
    expect(await hub?.reload()).toBe("switched");
    expect(codesOf(await ask())).toEqual([]);
  });
});

describe("a change", () => {
  test("of an agreement decides the next request, also where the operation was compiled before", async () => {
    await start();
    const seen: unknown[] = [];
    for (const version of [1, 2, 1, 2] as const) {
      await licensing.writeAgreement(version);
      await hub?.reload();
      const answers = [await ask(), await ask()];
      seen.push(...answers.map(({ data, extensions }) => [data, (extensions["hub"] as { agreements: unknown }).agreements]));
    }
    const without = [{ vehicle: { class: "TAXI", make: null } }, ["TD-OWN-2026-00@1"]];
    const whole = [{ vehicle: { class: "TAXI", make: "Acme" } }, ["TD-OWN-2026-00@2"]];
    expect(seen).toEqual([without, without, whole, whole, without, without, whole, whole]);
  });

  test("of the list of applications refuses a client at once that is no longer on it", async () => {
    await start();
    expect((await ask()).status).toBe(200);
    const text = await readFile(join(licensing.folder, "policies/applications.yaml"), "utf8");
    await licensing.write("applications.yaml", text.replace("transport-licensing", "transport-other"));
    expect(await hub?.reload()).toBe("switched");
    expect(codesOf(await ask())).toEqual(["FORBIDDEN"]);
  });

  test("of the supergraph adds its field to the next request, and takes it away again", async () => {
    await start();
    expect((await ask(colourOperation)).status).toBe(400);
    await licensing.writeSupergraph({ field: "colour" });
    expect(await hub?.reload()).toBe("switched");
    // It is in no agreement yet.
    expect(codesOf(await ask(colourOperation))).toEqual(["UNAUTHORIZED_FIELD_OR_TYPE"]);
    await licensing.writeSupergraph({});
    expect(await hub?.reload()).toBe("switched");
    expect((await ask(colourOperation)).status).toBe(400);
  });

  test("leaves a request that is under way on what it began with, and the next ones on what is new", async () => {
    await start();
    await licensing.writeAgreement(2);
    await hub?.reload();
    const release = holdDepartment();
    const old = ask();
    await vi.waitFor(() => expect(licensing.calls()).toBe(1), waiting);
    await licensing.writeAgreement(1);
    await licensing.writeSupergraph({ comment: "other" });
    expect(await hub?.reload()).toBe("switched");
    const fresh = ask();
    await vi.waitFor(() => expect(licensing.calls()).toBe(2), waiting);
    expect(await (await fetch(`${hub?.url}/metrics`)).text()).toMatch(/^hub_generations_open 2$/m);
    release();
    expect([(await old).data, (await fresh).data]).toEqual([
      { vehicle: { class: "TAXI", make: "Acme" } },
      { vehicle: { class: "TAXI", make: null } },
    ]);
    await vi.waitFor(async () => expect(await (await fetch(`${hub?.url}/metrics`)).text()).toMatch(/^hub_generations_open 1$/m), waiting);
  });

  test("is shown by /ready and the metrics", async () => {
    await start();
    const before = await ready();
    nowMs += 60_000;
    await licensing.writeAgreement(2);
    await hub?.reload();
    const after = await ready();
    expect(after).toMatchObject({ generation: 2, since: new Date(nowMs).toISOString(), supergraph: before["supergraph"] });
    expect(after["bundle"]).not.toBe(before["bundle"]);
    const metrics = await (await fetch(`${hub?.url}/metrics`)).text();
    expect(metrics).toMatch(/^hub_reloads_total\{result="switched"\} 1$/m);
    expect(metrics.match(/^hub_generation_info\{.*$/gm)).toEqual([expect.stringContaining(String(after["bundle"]))]);
  });

  test("of a date takes effect without a reload", async () => {
    await start();
    expect((await ask()).data).toEqual({ vehicle: { class: "TAXI", make: null } });
    nowMs = Date.parse("2027-03-31T16:00:00Z");
    const { data, errors } = await licensing.ask(hub?.url ?? "", { authorization: await tokenOf(nowMs) });
    expect(data).toBeUndefined();
    expect(errors.map(({ extensions }) => [extensions.code, extensions["denied"]])).toEqual([
      ["OPERATION_EMPTY", [{ coordinate: "Query.vehicle", reason: "EXPIRED" }]],
    ]);
    expect(await ready()).toMatchObject({ generation: 1 });
  });
});

const tokenOf = async (atMs: number): Promise<string> => `Bearer ${await licensing.token({ exp: Math.floor(atMs / 1000) + 600 })}`;

describe("files that are watched", () => {
  const watching = { RELOAD_WATCH: "true", RELOAD_DEBOUNCE_MS: "20", RELOAD_POLL_MS: "0" };
  const becomes = (facts: Record<string, unknown>): Promise<void> =>
    vi.waitFor(async () => expect(await ready()).toMatchObject(facts), waiting);

  test("are taken up when they are written over, renamed over and added", async () => {
    await start(watching);
    await licensing.writeAgreement(2);
    await becomes({ generation: 2 });
    const sdl = await readFile(licensing.supergraphFile, "utf8");
    await writeFile(licensing.supergraphFile, `${sdl}\n# In place.\n`);
    await becomes({ generation: 3 });
    await licensing.write("agreements/broken.yaml", "share: [");
    await becomes({ generation: 3, refused: { fault: "AGREEMENTS_INVALID" } });
    expect(codesOf(await ask())).toEqual([]);
  });

  test("are taken up when a link leads elsewhere, as Kubernetes mounts them", async () => {
    const mount = join(licensing.folder, "mount");
    const sdl = await readFile(licensing.supergraphFile, "utf8");
    for (const version of ["..1", "..2"]) {
      await mkdir(join(mount, version), { recursive: true });
      await writeFile(join(mount, version, "supergraph.graphql"), `${sdl}\n# ${version}\n`);
    }
    await symlink("..1", join(mount, "..data"));
    await symlink("..data/supergraph.graphql", join(mount, "supergraph.graphql"));
    await start({ ...watching, SUPERGRAPH_FILE: join(mount, "supergraph.graphql") });
    await symlink("..2", join(mount, "..next"));
    await rename(join(mount, "..next"), join(mount, "..data"));
    expect(await readlink(join(mount, "..data"))).toBe("..2");
    await becomes({ generation: 2 });
  });

  test("are found by looking from time to time where there is no sign of a change", async () => {
    await start({ ...watching, RELOAD_POLL_MS: "100" });
    const before = await ready();
    // The folder that is watched hears nothing of what is written under another name of the file in another folder.
    const other = join(licensing.folder, "journal", "supergraph.graphql");
    await link(licensing.supergraphFile, other);
    await appendFile(other, "\n# Longer.\n");
    await becomes({ generation: 2 });
    expect((await ready())["supergraph"]).not.toBe(before["supergraph"]);
  });
});

describe("the signal SIGHUP", () => {
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill("SIGKILL"));

  test("makes the hub's process take up what is new, with what was asked before compiled, and does not end it", async () => {
    child = startNode([fileURLToPath(new URL("../../gateway/main.ts", import.meta.url))], {
      PATH: process.env["PATH"],
      ...licensing.environment,
      LOG_LEVEL: "info",
    });
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      output += String(chunk);
    });
    const url = await vi.waitFor(() => /hub listens on (\S+)/.exec(output)?.[1] ?? Promise.reject(new Error(`Not yet: ${output}`)), {
      ...waiting,
      timeout: 25_000,
    });
    // This process has the machine's clock.
    const { status } = await licensing.ask(url, { operation: "{ __typename }", authorization: await tokenOf(Date.now()) });
    expect(status).toBe(200);
    await licensing.writeAgreement(2);
    child.kill("SIGHUP");
    await vi.waitFor(async () => expect(await (await fetch(`${url}/ready`)).json()).toMatchObject({ generation: 2 }), waiting);
    expect(child.exitCode).toBeNull();
    await vi.waitFor(() => expect(output).toMatch(/"facts":\{"generation":2,.*"prepared":1\},"event":"reload.switched"/), waiting);
  });
});
