import { once } from "node:events";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { startNode } from "./child.ts";
import { waitUntilGone, withDeadline } from "./process.ts";
import { startOwnRedis, startRedis } from "./redis.ts";

function connect(url: string): Redis {
  const waits = { commandTimeout: 2_000, connectTimeout: 2_000, maxRetriesPerRequest: 0, retryStrategy: () => null };
  const client = new Redis(url, { ...waits, lazyConnect: true });
  client.on("error", () => undefined);
  return client;
}

test("a Redis answers, whether given or started", async () => {
  const service = await startRedis();
  const client = connect(service.url);
  await client.connect();
  expect(await client.ping()).toBe("PONG");
  client.disconnect();
  await service.stop();
});

test("a Redis of one's own takes settings, can be paused, killed and restarted, and is gone after stop", async () => {
  const service = await startOwnRedis({ settings: { maxmemory: "3mb" } });
  const client = connect(service.url);
  await client.connect();
  expect(await client.config("GET", "maxmemory")).toEqual(["maxmemory", `${3 * 1024 * 1024}`]);
  const pid = Number(/process_id:(\d+)/.exec(await client.info("server"))?.[1]);

  service.pause();
  const late = client.ping().then(() => "answered late");
  expect(await Promise.race([late, new Promise((resolve) => setTimeout(resolve, 300, "silent"))])).toBe("silent");
  service.resume();
  expect(await late).toBe("answered late");

  const closed = once(client, "end");
  await service.kill();
  await withDeadline(closed, 5_000, "The connection did not close");
  await service.restart();
  const again = connect(service.url);
  await again.connect();
  expect(await again.ping()).toBe("PONG");
  again.disconnect();
  await service.stop();
  await service.stop();
  await expect(connect(service.url).connect()).rejects.toThrow("Connection is closed");
  await waitUntilGone(pid, 1_000);
});

test("four at once get a port each", async () => {
  const services = await Promise.all([1, 2, 3, 4].map(() => startOwnRedis()));
  expect(new Set(services.map((service) => service.url)).size).toBe(4);
  await Promise.all(services.map((service) => service.stop()));
});

test("a Redis that does not start says what it printed", async () => {
  await expect(startOwnRedis({ settings: { maxmemory: "much" } })).rejects.toThrow("argument must be a memory value");
});

test("a Redis ends when the process that started it is killed", async () => {
  const source = `
    const { startOwnRedis } = await import(${JSON.stringify(new URL("./redis.ts", import.meta.url).href)});
    const service = await startOwnRedis();
    console.log(service.url);
    setInterval(() => undefined, 1_000);
  `;
  const child = startNode(["--input-type=module", "-e", source]);
  const [line] = await withDeadline(once(child.stdout, "data"), 20_000, "The child printed no address");
  const url = String(line).trim();
  const client = connect(url);
  await client.connect();
  const pid = Number(/process_id:(\d+)/.exec(await client.info("server"))?.[1]);
  client.disconnect();
  child.kill("SIGKILL");
  await expect(waitUntilGone(pid, 10_000)).resolves.toBeUndefined();
});
