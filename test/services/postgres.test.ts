import { once } from "node:events";
import { Client } from "pg";
import { expect, test } from "vitest";
import { startNode } from "./child.ts";
import { startPostgres } from "./postgres.ts";
import { waitUntilGone, withDeadline } from "./process.ts";

/** A server takes a second or two to make, and many times that on a machine where much else runs. */
const startMs = 90_000;

async function readOne(url: string, statement: string): Promise<unknown> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  await client.connect();
  try {
    const result = await client.query(statement);
    return result.rows[0];
  } finally {
    await client.end();
  }
}

test(
  "a PostgreSQL gives each test an empty database and is gone after stop",
  async () => {
    const service = await startPostgres();
    const [first, second] = await Promise.all([service.createDatabase(), service.createDatabase()]);
    await readOne(first, "CREATE TABLE note (words text)");
    expect(await readOne(first, "SELECT to_regclass('note')::text AS found, getdatabaseencoding() AS encoding")).toEqual({
      found: "note",
      encoding: "UTF8",
    });
    expect(await readOne(second, "SELECT to_regclass('note')::text AS found")).toEqual({ found: null });
    await service.stop();
    await expect(readOne(first, "SELECT 1")).rejects.toThrow(/ECONNREFUSED|does not exist/);
  },
  startMs,
);

test(
  "two at once don't meet",
  async () => {
    const services = await Promise.all([startPostgres(), startPostgres()]);
    const names = await Promise.all(
      services.map(async (service) => readOne(await service.createDatabase(), "SELECT current_database() AS name")),
    );
    expect(new Set(names.map((row) => JSON.stringify(row))).size).toBe(2);
    await Promise.all(services.map((service) => service.stop()));
  },
  startMs,
);

test(
  "a PostgreSQL ends when the process that started it is killed",
  async () => {
    const source = `
    const { startPostgres } = await import(${JSON.stringify(new URL("./postgres.ts", import.meta.url).href)});
    const service = await startPostgres();
    console.log(service.url);
    setInterval(() => undefined, 1_000);
  `;
    const env = { ...process.env };
    delete env["POSTGRES_URL"];
    const child = startNode(["--input-type=module", "-e", source], env);
    const [line] = await withDeadline(once(child.stdout, "data"), 60_000, "The child printed no address");
    const row = await readOne(String(line).trim(), "SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int AS pid");
    child.kill("SIGKILL");
    await expect(waitUntilGone((row as { readonly pid: number }).pid, 10_000)).resolves.toBeUndefined();
  },
  startMs,
);
