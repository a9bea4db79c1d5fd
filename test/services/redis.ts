import { ensureProgram } from "./install.ts";
import { makeDirectory, removeDirectory, type Server, startServer, waitUntilGone, withFreePort } from "./process.ts";
import { programs } from "./programs.ts";

/** A Redis to test with. Others may use it at the same time unless it is an `OwnRedis`: use a random key prefix. */
export interface RedisService {
  readonly url: string;
  /** Ends the server if this process started it. */
  stop(): Promise<void>;
}

/** A Redis that nobody else uses, so that a test may break it. */
export interface OwnRedis extends RedisService {
  /** Stops it from running without closing its connections. */
  pause(): void;
  resume(): void;
  /** Kills it as a crash would; its data is lost. */
  kill(): Promise<void>;
  /** Starts it again, empty, on the same port. */
  restart(): Promise<void>;
}

export interface RedisOptions {
  /** Lines of redis.conf, such as `{ maxmemory: "2mb" }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

const readyMs = 20_000;
const goneMs = 5_000;

/** The Redis at `REDIS_URL` where that is set, else one of its own. */
export async function startRedis(): Promise<RedisService> {
  const url = process.env["REDIS_URL"];
  return url === undefined ? await startOwnRedis() : { url, stop: async () => undefined };
}

/** Starts a Redis on a free loopback port, without persistence, which ends with this process at the latest. */
export async function startOwnRedis(options: RedisOptions = {}): Promise<OwnRedis> {
  const command = await ensureProgram(programs.redis);
  const settings = Object.entries(options.settings ?? {}).flatMap(([name, value]) => [`--${name}`, value]);
  const launch = async (port: number): Promise<{ readonly port: number; readonly server: Server }> => {
    const directory = await makeDirectory("redis");
    const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", directory, "--save", "", "--appendonly", "no", ...settings];
    try {
      return { port, server: await startServer({ command, args, directory, ready: /ready to accept/i, stopSignal: "TERM", readyMs }) };
    } catch (error) {
      await removeDirectory(directory);
      throw error;
    }
  };
  const { port, server } = await withFreePort(launch);
  let current = server;
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: () => current.stop(),
    pause: () => void process.kill(current.pid, "SIGSTOP"),
    resume: () => void process.kill(current.pid, "SIGCONT"),
    kill: async () => {
      process.kill(current.pid, "SIGKILL");
      await waitUntilGone(current.pid, goneMs);
    },
    restart: async () => {
      await current.stop();
      current = (await launch(port)).server;
    },
  };
}
