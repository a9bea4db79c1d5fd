import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { type OwnRedis, startOwnRedis } from "../services/redis.ts";
import { openRedisEngine, waitUntil } from "./replica.ts";
import { buildTown, createFacts } from "./town.ts";

const run = promisify(execFile);
const operation = `{ park(id: "1") { colour } parks(first: 3) { id spaces visitors } }`;

const portOf = ({ url }: OwnRedis): number => Number(new URL(url).port);

/** Starts three masters with a replica each, which take over within a second. */
async function startCluster(): Promise<readonly OwnRedis[]> {
  const settings = {
    "cluster-enabled": "yes",
    "cluster-node-timeout": "1000",
    "cluster-require-full-coverage": "no",
    "repl-diskless-sync-delay": "0",
  };
  const nodes = await Promise.all(Array.from({ length: 6 }, () => startOwnRedis({ settings })));
  onTestFinished(async () => void (await Promise.all(nodes.map((node) => node.stop()))));
  const addresses = nodes.map((node) => `127.0.0.1:${portOf(node)}`);
  await run("redis-cli", ["--cluster", "create", ...addresses, "--cluster-replicas", "1", "--cluster-yes"]);
  await waitUntil(async () => {
    const { stdout } = await run("redis-cli", ["-p", String(portOf(nodes[0] as OwnRedis)), "cluster", "info"]);
    return stdout.includes("cluster_state:ok") && stdout.includes("cluster_known_nodes:6");
  });
  // A replica that hasn't copied its master's data yet doesn't take over.
  await waitUntil(async () => {
    const infos = await Promise.all(nodes.map((node) => run("redis-cli", ["-p", String(portOf(node)), "info", "replication"])));
    return infos.filter(({ stdout }) => stdout.includes("master_link_status:up")).length === 3;
  });
  return nodes;
}

/** The node that holds a key now. */
async function holderOf(nodes: readonly OwnRedis[], key: string): Promise<OwnRedis> {
  for (const node of nodes) {
    const client = new Redis(node.url, { lazyConnect: true, maxRetriesPerRequest: 0 });
    client.on("error", () => undefined);
    try {
      await client.connect();
      const [role] = (await client.role()) as [string];
      if (
        role === "master" &&
        (await client.call("CLUSTER", "COUNTKEYSINSLOT", String(await client.call("CLUSTER", "KEYSLOT", key)))) !== 0
      )
        return node;
    } catch {
      // It is gone.
    } finally {
      client.disconnect();
    }
  }
  throw new Error(`No node holds ${key}.`);
}

test("in a cluster of six nodes records are shared and invalidated, and the loss of the node with the epochs costs misses and nothing else", async () => {
  const nodes = await startCluster();
  const url = nodes[0]?.url ?? "";
  const facts = createFacts();
  const shared = await Promise.all([0, 1].map(() => openRedisEngine({ url, isCluster: true, bytesMax: 0 })));
  const [one, other] = shared.map(({ engine }) => buildTown(engine, facts));
  if (one === undefined || other === undefined) throw new Error("There are two.");
  const { data } = await one.ask(operation);
  await waitUntil(async () => (await other.ask(operation)).calls.length === 0);
  expect((await other.ask(operation)).data).toEqual(data);
  const paint = async (colour: string): Promise<void> => {
    const park = facts.parks.get("1");
    if (park !== undefined) park.colour = colour;
    await waitUntil(async () => (await one.invalidate("parks", { type: "Park", key: { id: "1" } })) !== undefined);
  };
  const colour = async (): Promise<string> => ((await other.ask(operation)).data as { park: { colour: string } }).park.colour;
  await paint("first");
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(await colour()).toBe("first");
  const holder = await holderOf(nodes, "crossharbour:{epochs}:table");
  await holder.kill();
  // Answers come all the same, and what is acknowledged from now on counts.
  expect(await colour()).toBe("first");
  await paint("second");
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(await colour()).toBe("second");
  await waitUntil(async () => (await other.ask(operation)).calls.length === 0);
}, 120_000);
