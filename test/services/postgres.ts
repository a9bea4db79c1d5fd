import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { ensureProgram } from "./install.ts";
import { makeDirectory, removeDirectory, startServer, type User, withFreePort } from "./process.ts";
import { programs } from "./programs.ts";

/** A PostgreSQL to test with. */
export interface PostgresService {
  /** URL of a database of the server; not empty where `POSTGRES_URL` names one. */
  readonly url: string;
  /** Makes an empty database for one test and returns its URL; it is dropped by `stop`. */
  createDatabase(): Promise<string>;
  /** Drops the databases made here, and ends the server if this process started it. */
  stop(): Promise<void>;
}

const run = promisify(execFile);
const readyMs = 30_000;
const initMs = 60_000;
const queryMs = 30_000;

/** The PostgreSQL at `POSTGRES_URL` where that is set (its user must be allowed to create databases), else one of its own. */
export async function startPostgres(): Promise<PostgresService> {
  const given = process.env["POSTGRES_URL"];
  const { url, stop } = given === undefined ? await startOwnPostgres() : { url: given, stop: undefined };
  const databases: string[] = [];
  return {
    url,
    createDatabase: async () => {
      const name = `crossharbour_${randomBytes(8).toString("hex")}`;
      await query(url, [`CREATE DATABASE ${name}`]);
      databases.push(name);
      const address = new URL(url);
      address.pathname = `/${name}`;
      return address.href;
    },
    stop: async () => {
      if (stop !== undefined) {
        await stop();
        return;
      }
      await query(
        url,
        databases.splice(0).map((name) => `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
      );
    },
  };
}

/** Starts a PostgreSQL on a free loopback port, without durability, which ends with this process at the latest. */
async function startOwnPostgres(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const initdb = await ensureProgram(programs.initdb);
  // Its own server stands beside it, where PATH may have another version.
  const postgres = join(dirname(await realpath(initdb)), "postgres");
  const user = await findUser();
  return await withFreePort(async (port) => {
    const directory = await makeDirectory("postgres", user);
    try {
      const data = join(directory, "data");
      const init = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"];
      await run(initdb, init, { cwd: directory, timeout: initMs, env: { LC_ALL: "C", PATH: process.env["PATH"] }, ...user });
      const settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "shared_buffers=32MB"];
      const args = ["-D", data, "-p", `${port}`, "-h", "127.0.0.1", "-k", directory, ...settings.flatMap((line) => ["-c", line])];
      const ready = /database system is ready to accept connections/;
      const server = await startServer({ command: postgres, args, directory, ready, stopSignal: "INT", readyMs, user });
      return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop: () => server.stop() };
    } catch (error) {
      await removeDirectory(directory);
      throw error;
    }
  });
}

/** PostgreSQL refuses to run as root; its own user, or else `nobody`, runs it then. */
async function findUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  const entry = lines.find((line) => line[0] === "postgres") ?? lines.find((line) => line[0] === "nobody");
  if (entry === undefined) {
    throw new Error("PostgreSQL can't run as root, and there is no user `postgres` or `nobody`: run the tests as another user.");
  }
  return { uid: Number(entry[2]), gid: Number(entry[3]) };
}

async function query(url: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: queryMs, query_timeout: queryMs });
  await client.connect();
  try {
    for (const statement of statements) {
      await client.query(statement);
    }
  } finally {
    await client.end();
  }
}
