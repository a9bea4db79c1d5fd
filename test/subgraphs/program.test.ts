import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { loadPolicies } from "../../policies/engine/load.ts";
import { parseBundle } from "../../policies/engine/parse.ts";
import { createCallSigner, createHubKey } from "../../schema/contract.ts";
import { ANCHOR_MARK } from "../../subgraphs/kit/population/anchors.ts";
import { findFreePort, makeDirectory, removeDirectory } from "../services/process.ts";
import { startServerPlace, type TestPlace } from "./places.ts";

interface Program {
  readonly child: ChildProcess;
  /** Lines of standard output up to now. */
  output(): string;
  errors(): string;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
}

let place: TestPlace;
let directory: string;
let privateJwk: Awaited<ReturnType<typeof createHubKey>>["privateJwk"];
const children: ChildProcess[] = [];

beforeAll(async () => {
  place = await startServerPlace();
  directory = await makeDirectory("program");
  const key = await createHubKey();
  privateJwk = key.privateJwk;
  await writeFile(join(directory, "keys.json"), JSON.stringify(key.jwks));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});
afterAll(async () => {
  await place.stop();
  await removeDirectory(directory);
});

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  const child = spawn(process.execPath, ["subgraphs/main.ts", ...args], {
    env: { PATH: process.env["PATH"], POPULATION: "300", HUB_KEYS_FILE: join(directory, "keys.json"), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  return { child, output: () => output, errors: () => errors, ended: once(child, "close").then(([code]) => code as number | null) };
}

async function urlOf(program: Program): Promise<string> {
  await expect.poll(() => `${program.output()}${program.errors()}`, { timeout: 25_000 }).toMatch(/listens on/);
  return /http:\S+/.exec(program.output())?.[0] ?? expect.unreachable();
}

async function ask(url: string, subgraph: string, query: string): Promise<unknown> {
  const signer = await createCallSigner({ privateJwk, lifetimeMs: 60_000, nowMs: Date.now });
  const bundle = parseBundle(await loadPolicies("policies"));
  const bundleHash = bundle.ok ? bundle.bundle.hash : "broken";
  const call = { subgraph, bureau: "transport", purpose: "vehicle-licensing", entitlementId: "e", bundleHash, casePatterns: [] };
  const headers = { "content-type": "application/json", "hub-call": await signer.sign(call) };
  return await (await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) })).json();
}

describe("the subgraph program", () => {
  test.each([
    ["no department", [], {}, "Name one department, or several once each."],
    ["a department that isn't there", ["__proto__"], {}, "Name one department, or several once each."],
    ["one department twice", ["census", "lands", "census"], {}, "Name one department, or several once each."],
    ["a wrong port", ["census", "--port", "4101x"], {}, "--port 4101x is no port."],
    ["a port that is too high", ["census", "--port", "65536"], {}, "--port 65536 is no port."],
    ["a last port that is too high", ["census", "lands", "--port", "65535"], {}, "--port 65535 is no port."],
    ["an option that isn't there", ["census", "--prot", "4101"], {}, "--prot"],
    ["no key file", ["census"], { HUB_KEYS_FILE: "" }, "HUB_KEYS_FILE"],
    ["a key file that isn't there", ["census"], { HUB_KEYS_FILE: "nowhere.json" }, "HUB_KEYS_FILE nowhere.json can't be used"],
    ["no agreements", ["census"], { POLICIES_DIR: "nowhere" }, "POLICIES_DIR nowhere can't be used"],
    ["no supergraph", ["census"], { SUPERGRAPH_FILE: "nowhere.graphql" }, "SUPERGRAPH_FILE nowhere.graphql can't be used"],
    ["a wrong setting", ["census"], { POPULATION: "many", POSTGRES_URL: "mysql://x" }, "POPULATION"],
  ])("given %s ends with 1 and says why", async (_name, args, env, message) => {
    const program = run(args, env);
    expect(await program.ended).toBe(1);
    expect(program.errors()).toContain(message);
    expect(program.output()).toBe("");
  });

  test("names a port that is in use and ends with 1", async () => {
    const port = await findFreePort();
    const other = createServer().listen(port, "127.0.0.1");
    await once(other, "listening");
    const program = run(["census", "--port", String(port)]);
    expect(await program.ended).toBe(1);
    expect(program.errors()).toContain(`Port ${port} on 127.0.0.1 is in use.`);
    other.close();
  });

  test("seeds, tells how far it is, answers the hub, and ends cleanly on SIGTERM", async () => {
    const settings = await place.newSettings();
    const program = run(["transport"], settings);
    const url = await urlOf(program);
    expect(program.output()).toMatch(/^seeding transport 0%\nseeding transport 100%\ntransport listens on http:/);
    expect(await (await fetch(new URL("/health", url))).json()).toEqual({ status: "ok", department: "transport" });
    expect(await ask(url, "transport", `{ vehicle(mark: "${ANCHOR_MARK}") { mark class } }`)).toEqual({
      data: { vehicle: { mark: ANCHOR_MARK, class: "PRIVATE_CAR" } },
    });
    program.child.kill("SIGTERM");
    expect(await program.ended).toBe(0);
    expect(program.errors()).toBe("");

    const refused = run(["transport"], settings);
    const ownUrl = await urlOf(refused);
    expect(await ask(ownUrl, "transport", `{ vehicle(mark: "${ANCHOR_MARK}") { valueBand } }`)).toMatchObject({
      errors: [{ extensions: { code: "FORBIDDEN", coordinate: "Vehicle.valueBand" } }],
    });
    refused.child.kill("SIGTERM");
    await refused.ended;
    expect(refused.errors()).toContain("operation-refused");

    const again = run(["transport"], settings);
    await urlOf(again);
    expect(again.output()).toMatch(/^transport listens on/);
    again.child.kill("SIGINT");
    expect(await again.ended).toBe(0);
  });

  test("refuses tables of another population", async () => {
    const settings = await place.newSettings();
    const program = run(["revenue"], settings);
    await urlOf(program);
    program.child.kill("SIGTERM");
    await program.ended;
    const other = run(["revenue"], { ...settings, SEED: "2" });
    expect(await other.ended).toBe(1);
    expect(other.errors()).toContain(
      'The tables of revenue hold "synthetic population 1: 300 persons, seed 1", not "synthetic population 1: 300 persons, seed 2".',
    );
  });

  test.each(["census", "lands", "observatory"])("serves %s, which has no database", async (name) => {
    const program = run([name]);
    const url = await urlOf(program);
    expect(await ask(url, name, "{ __typename }")).toEqual({ data: { __typename: "Query" } });
  });

  test("serves several departments in one process, each at a port and for calls of its own, and ends cleanly", async () => {
    const program = run(["welfare", "consent"], await place.newSettings());
    await expect.poll(() => `${program.output()}${program.errors()}`, { timeout: 25_000 }).toMatch(/consent listens on/);
    const [welfare = "", consent = ""] = program.output().match(/http:\S+/g) ?? [];
    expect(await ask(welfare, "welfare", "{ __typename }")).toEqual({ data: { __typename: "Query" } });
    expect(await (await fetch(new URL("/health", consent))).json()).toEqual({ status: "ok", department: "consent" });
    expect(await ask(consent, "welfare", "{ __typename }")).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
    program.child.kill("SIGTERM");
    expect(await program.ended).toBe(0);
  });

  test("lets nothing run when one of several departments can't start", async () => {
    const port = await findFreePort();
    const other = createServer().listen(port + 1, "127.0.0.1");
    await once(other, "listening");
    const program = run(["census", "observatory", "--port", String(port)]);
    expect(await program.ended).toBe(1);
    expect(program.errors()).toContain(`Port ${port + 1} on 127.0.0.1 is in use.`);
    other.close();
  });

  test("says that its database can't be reached and ends with 1", async () => {
    const program = run(["housing"], { POSTGRES_URL: `postgres://nobody@127.0.0.1:${await findFreePort()}/none` });
    expect(await program.ended).toBe(1);
    expect(program.errors()).toContain("The department's database can't be reached.");
  });
});
