import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Config, readConfig } from "../../gateway/config.ts";
import { type Hub, startHub } from "../../gateway/hub.ts";
import { StartError } from "../../gateway/start.ts";
import { createHubKey } from "../../schema/contract.ts";
import { NOW_MS } from "../identity/issuer.ts";
import { createStillRuntime } from "../services/runtime.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

let folder: string;
let hub: Hub | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "start-"));
  await mkdir(join(folder, "policies"));
  for (const name of ["agreements", "applications.yaml", "purposes.yaml"]) {
    await cp(join(root, "policies", name), join(folder, "policies", name), { recursive: true });
  }
  await writeFile(join(folder, "hub.json"), JSON.stringify((await createHubKey()).privateJwk));
});
afterEach(async () => {
  await hub?.close();
  hub = undefined;
  await rm(folder, { recursive: true });
});

function config(changes: Readonly<Record<string, string>> = {}): Config {
  return readConfig({
    HUB_PORT: "0",
    SUPERGRAPH_FILE: join(root, "schema/supergraph.graphql"),
    POLICIES_DIR: join(folder, "policies"),
    HUB_KEY_FILE: join(folder, "hub.json"),
    JOURNAL_DIR: join(folder, "journal"),
    EXPLORER_DIR: join(folder, "explorer"),
    LOG_LEVEL: "silent",
    ...changes,
  });
}

const runtime = createStillRuntime(() => NOW_MS);

async function start(changes: Readonly<Record<string, string>> = {}, isUnrestricted = false): Promise<Hub> {
  hub = await startHub({ config: config(changes), isUnrestricted, runtime });
  return hub;
}

async function startError(...args: Parameters<typeof start>): Promise<string> {
  const error = await start(...args).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StartError);
  return (error as StartError).message;
}

describe("the hub does not start", () => {
  test("on a port that is in use, and says which", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    try {
      expect(await startError({ HUB_PORT: String(port) })).toMatch(`Port ${port} on 127.0.0.1 is in use`);
    } finally {
      other.close();
    }
    // What it had opened is given back, so that it starts once the cause is gone.
    await start({ HUB_PORT: String(port) });
  });

  test("with a broken agreement, and names its file and line", async () => {
    const file = join(folder, "policies/agreements/housing-lands-prh.yaml");
    const text = await readFile(file, "utf8");
    const line = text.split("\n").findIndex((each) => each.includes("Person.ownsDomesticProperty]")) + 1;
    await writeFile(file, text.replace("Person.ownsDomesticProperty]", "Person.ownsDomestic]"));
    expect(await startError()).toMatch(new RegExp(`housing-lands-prh\\.yaml:${line}: .*Person\\.ownsDomestic\\b`));
  });

  test("with an agreement that is no YAML, and names its file and line", async () => {
    await writeFile(join(folder, "policies/agreements/broken.yaml"), "agreement: A-1\nshare: [\n  fields: ]: x\n");
    expect(await startError()).toMatch(/agreements\/broken\.yaml:[23]: /);
  });

  test("with a supergraph that does not parse, and names its file and place", async () => {
    const file = join(folder, "supergraph.graphql");
    await writeFile(file, "type Query {\n  broken(: Int\n}\n");
    const message = await startError({ SUPERGRAPH_FILE: file });
    expect(message).toContain(file);
    expect(message).toMatch(/doesn't parse.*2/);
  });

  test("with a schema that is no supergraph", async () => {
    const file = join(folder, "supergraph.graphql");
    await writeFile(file, "type Query { a: Int }");
    expect(await startError({ SUPERGRAPH_FILE: file })).toMatch("no supergraph");
  });

  test("without a supergraph or a key", async () => {
    expect(await startError({ SUPERGRAPH_FILE: join(folder, "none.graphql") })).toMatch(/SUPERGRAPH_FILE.*none\.graphql/);
    expect(await startError({ HUB_KEY_FILE: join(folder, "none.json") })).toMatch(/HUB_KEY_FILE.*none\.json/);
  });

  test("with an address of a subgraph that the supergraph does not have", async () => {
    expect(await startError({ SUBGRAPH_URLS: '{"police":"http://127.0.0.1:1/graphql"}' })).toMatch("police");
  });

  test("unrestricted on an address that others reach", async () => {
    expect(await startError({ HUB_HOST: "0.0.0.0" }, true)).toMatch("unrestricted hub listens on 127.0.0.1");
  });

  test("twice on one journal", async () => {
    await start();
    await expect(startHub({ config: config(), isUnrestricted: false, runtime })).rejects.toThrow(/journal|process/);
  });
});
