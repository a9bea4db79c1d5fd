import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { type OwnRedis, startOwnRedis } from "../services/redis.ts";
import { startRedisEngine, waitUntil } from "./replica.ts";
import { buildTown, createFacts } from "./town.ts";

/** What stands between a hub and its Redis. */
interface Between {
  readonly url: string;
  delayMs: number;
  isBlackhole: boolean;
  reset(): void;
}

/** Opens a proxy that can be slow, swallow everything, and reset its connections. */
async function openBetween(target: number): Promise<Between> {
  const sockets = new Set<Socket>();
  const between = {
    url: "",
    delayMs: 0,
    isBlackhole: false,
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
  };
  const server = createServer((client) => {
    const redis = connect(target, "127.0.0.1");
    for (const [from, to] of [
      [client, redis],
      [redis, client],
    ] as const) {
      sockets.add(from);
      from
        .on("error", () => to.destroy())
        .on("close", () => {
          sockets.delete(from);
          to.destroy();
        });
      from.on("data", (chunk) => {
        const pass = (): void => void (!between.isBlackhole && !to.destroyed && to.write(chunk));
        if (between.delayMs === 0) pass();
        else setTimeout(pass, between.delayMs);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    between.reset();
    server.close();
  });
  const address = server.address();
  between.url = `redis://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  return between;
}

interface Scene {
  readonly redis: OwnRedis;
  readonly between: Between;
  readonly client: Redis;
}

const harms: readonly (readonly [string, (scene: Scene) => Promise<void>, (scene: Scene) => Promise<void>])[] = [
  [
    "slow by 200 ms",
    async ({ between }) => {
      between.delayMs = 200;
    },
    async ({ between }) => {
      between.delayMs = 0;
    },
  ],
  [
    "a black hole",
    async ({ between }) => {
      between.isBlackhole = true;
    },
    async ({ between }) => {
      between.isBlackhole = false;
    },
  ],
  [
    "reset again and again",
    async ({ between }) => {
      for (let times = 0; times < 10; times += 1) {
        between.reset();
        await sleep(100);
      }
    },
    async () => undefined,
  ],
  [
    "out of memory",
    async ({ client }) => void (await client.config("SET", "maxmemory", "1")),
    async ({ client }) => void (await client.config("SET", "maxmemory", "0")),
  ],
  ["stopped and started anew", async ({ redis }) => await redis.kill(), async ({ redis }) => await redis.restart()],
];

test.each(harms)(
  "under load, with a Redis that is %s, no answer is wrong, none fails, and it is used again afterwards",
  async (_what, harm, mend) => {
    const redis = await startOwnRedis();
    const between = await openBetween(Number(new URL(redis.url).port));
    const client = new Redis(redis.url, { retryStrategy: () => 50 });
    client.on("error", () => undefined);
    onTestFinished(async () => {
      client.disconnect();
      await redis.stop();
    });
    const scene: Scene = { redis, between, client };
    const facts = createFacts();
    const towns = [0, 1].map(() => {
      const { engine, table } = startRedisEngine({ url: between.url, readMs: 25, leaseWaitMs: 20 });
      return { town: buildTown(engine, facts), table };
    });
    await waitUntil(() => towns.every(({ table }) => table.isFresh()));
    const wrongs: string[] = [];
    let isOver = false;
    let answers = 0;
    /** What was acknowledged, and when: 250 ms later nobody may be served anything older, with a margin for a test machine's timers. */
    let acknowledged = { colour: 0, atMs: performance.now() };
    const read = async ({ town }: (typeof towns)[number]): Promise<void> => {
      while (!isOver) {
        const { colour: least, atMs } = acknowledged;
        const isDue = performance.now() - atMs > 250;
        const { data, problems } = await town.ask(`{ park(id: "1") { colour } parks(first: 3) { id spaces } }`);
        const { park, parks } = data as { park: { colour: string }; parks: { spaces: number }[] };
        answers += 1;
        if (problems.length > 0 || parks.map(({ spaces }) => spaces).join() !== "10,20,30") wrongs.push(JSON.stringify([data, problems]));
        if (isDue && Number(park.colour.replace("green", "0")) < least) wrongs.push(`${park.colour} after ${least}`);
        await sleep(2);
      }
    };
    const change = async (): Promise<void> => {
      for (let colour = 1; !isOver; colour += 1) {
        const park = facts.parks.get("1");
        if (park !== undefined) park.colour = String(colour);
        const mark = await towns[colour % 2]?.town.invalidate("parks", { type: "Park", key: { id: "1" } });
        if (mark !== undefined) acknowledged = { colour, atMs: performance.now() };
        await sleep(30);
      }
    };
    const load = Promise.all([...towns.flatMap((town) => [read(town), read(town), read(town)]), change()]);
    await sleep(300);
    await harm(scene);
    await sleep(1_500);
    const during = answers;
    await mend(scene);
    await waitUntil(() => towns.every(({ table }) => table.isFresh()));
    await sleep(500);
    isOver = true;
    await load;
    expect(wrongs).toEqual([]);
    expect(during).toBeGreaterThan(10);
    await waitUntil(async () => {
      await towns[0]?.town.ask(`{ park(id: "2") { colour } }`);
      return (await towns[0]?.town.ask(`{ park(id: "2") { colour } }`))?.calls.length === 0;
    });
  },
  60_000,
);
