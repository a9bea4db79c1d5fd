import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSilentLog } from "../../subgraphs/kit/log.ts";
import { prepareTables } from "../../subgraphs/kit/migrate.ts";
import { openSql, type SqlSource } from "../../subgraphs/kit/sql.ts";
import { type PostgresService, startPostgres } from "../services/postgres.ts";
import { findFreePort } from "../services/process.ts";

interface Tables {
  readonly things: { readonly id: number };
}

describe("a PostgreSQL server behind the port", () => {
  let postgres: PostgresService;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  const open = (url: string, statementTimeoutMs = 2_000): Promise<SqlSource<Tables>> =>
    openSql<Tables>({ place: { kind: "postgres", url }, schema: "sample", log: createSilentLog(), statementTimeoutMs });

  test("is prepared by one of several processes that start together", async () => {
    const url = await postgres.createDatabase();
    const sources = await Promise.all([1, 2, 3].map(() => open(url)));
    let runs = 0;
    const said: string[] = [];
    await Promise.all(
      sources.map((source) =>
        prepareTables(source, {
          migrations: [{ number: 1, name: "things", statements: ["create table things (id int primary key)"] }],
          seed: {
            key: "things",
            run: async (tx) => {
              runs += 1;
              await sql`insert into things values (1)`.execute(tx);
              await sql`select pg_sleep(0.3)`.execute(tx);
            },
          },
          say: (line) => said.push(line),
        }),
      ),
    );
    expect(runs).toBe(1);
    expect(said).toContain("waiting for another process that prepares sample");
    expect(await sources[0]?.read(sources[0].db.selectFrom("things").selectAll())).toEqual([{ id: 1 }]);
    await Promise.all(sources.map((source) => source.close()));
  });

  test("has a statement cancelled at the deadline", async () => {
    const source = await open(await postgres.createDatabase());
    await expect(source.read({ execute: (options) => rowsOf(sql`select pg_sleep(20)`.execute(source.db, options)) })).rejects.toThrow(
      "The department's database did not answer in time.",
    );
    const countActive = async (): Promise<unknown> => {
      const text = sql<{ count: bigint }>`select count(*) from pg_stat_activity where query = 'select pg_sleep(20)' and state = 'active'`;
      return (await text.execute(source.db)).rows;
    };
    // The reader gives up at the very deadline at which the server cancels, so the server may be a moment later.
    await expect.poll(countActive, { timeout: 5_000 }).toEqual([{ count: 0n }]);
    await source.close();
  });

  test("that is lost and comes back is unavailable meanwhile", async () => {
    const source = await open(await postgres.createDatabase());
    const ask = (): Promise<unknown> => source.read({ execute: (options) => rowsOf(sql`select 1 as one`.execute(source.db, options)) });
    expect(await ask()).toEqual([{ one: 1 }]);
    const killer = await open(postgres.url);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'crossharbour-sample' and pid <> pg_backend_pid()`.execute(
      killer.db,
    );
    await killer.close();
    await expect.poll(ask, { timeout: 5_000 }).toEqual([{ one: 1 }]);
    await source.close();
  });

  test("that is cut off in the middle of a statement is unavailable for that statement alone", async () => {
    const { hostname, port } = new URL(postgres.url);
    const callers: Socket[] = [];
    const proxy = createServer((caller) => {
      callers.push(caller);
      const server = connect(Number(port), hostname);
      caller.on("error", () => server.destroy()).pipe(server);
      server.on("error", () => caller.destroy()).pipe(caller);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const url = new URL(await postgres.createDatabase());
    url.port = String((proxy.address() as AddressInfo).port);
    const [source, watcher] = await Promise.all([open(url.href, 20_000), open(postgres.url)]);
    const ask = (seconds: number): Promise<unknown> =>
      source.read({
        execute: (options) => rowsOf(sql`select ${sql.lit(seconds)} as seconds, pg_sleep(${sql.lit(seconds)})`.execute(source.db, options)),
      });
    const failure = ask(15).catch((error: unknown) => error);
    const running = sql`select 1 from pg_stat_activity where query like '%pg_sleep(15)' and state = 'active' and pid <> pg_backend_pid()`;
    await expect.poll(async () => (await running.execute(watcher.db)).rows.length, { timeout: 10_000 }).toBe(1);
    // It is reset, not closed, under a caller who waits for it.
    for (const caller of callers) caller.resetAndDestroy();
    expect(await failure).toMatchObject({ code: "SOURCE_UNAVAILABLE" });
    expect(await ask(0)).toMatchObject([{ seconds: 0 }]);
    await Promise.all([source.close(), watcher.close()]);
    await new Promise((resolve) => proxy.close(resolve));
  });

  test("that isn't there is said to be out of reach", async () => {
    const source = await open(`postgres://nobody@127.0.0.1:${await findFreePort()}/none`);
    await expect(source.read(source.db.selectFrom("things").selectAll())).rejects.toMatchObject({
      code: "SOURCE_UNAVAILABLE",
      message: "The department's database can't be reached.",
    });
    await source.close();
  });
});

async function rowsOf<Row>(result: Promise<{ readonly rows: Row[] }>): Promise<Row[]> {
  return (await result).rows;
}
