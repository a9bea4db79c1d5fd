import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createSilentLog } from "../../subgraphs/kit/log.ts";
import { insertRows, type Migration, type PrepareOptions, prepareTables } from "../../subgraphs/kit/migrate.ts";
import { readSubgraphSettings } from "../../subgraphs/kit/settings.ts";
import { anyOf, openSql, placeOf, type SqlOptions, type SqlSource } from "../../subgraphs/kit/sql.ts";
import { embeddedTimeoutMs, placeKinds, type TestPlace } from "./places.ts";

interface Tables {
  readonly things: {
    readonly id: string;
    readonly amount: bigint;
    readonly day: string;
    readonly price: string;
    readonly bytes: Uint8Array;
    readonly tags: readonly string[];
    readonly small: number;
    readonly missing: string | null;
  };
}

const first: Migration = {
  number: 1,
  name: "things",
  statements: [
    "create table things (id text primary key, amount bigint, day date, price numeric(20, 4), bytes bytea, tags text[], small smallint, missing text)",
    "create index things_by_day on things (day)",
  ],
};
const second: Migration = { number: 2, name: "limits", statements: ["alter table things add constraint positive check (amount >= 0)"] };
const amount = 9_007_199_254_740_993n;
const row = {
  id: "a",
  amount: String(amount),
  day: "2026-02-28",
  price: "12345678901234.5678",
  bytes: "\\x00ff10",
  tags: ["x", 'y,"z'],
  small: 7,
};

function planOf(changes: Partial<PrepareOptions<Tables>> = {}): PrepareOptions<Tables> {
  return {
    migrations: [first],
    seed: { key: "one row", run: (tx) => insertRows(tx, "things", [row]) },
    say: () => undefined,
    ...changes,
  };
}

describe.each(placeKinds)("%s behind the port", { timeout: embeddedTimeoutMs }, (_name, startPlace) => {
  let place: TestPlace;
  const sources: SqlSource<Tables>[] = [];

  beforeAll(async () => {
    place = await startPlace();
  });
  afterEach(async () => {
    await Promise.all(sources.splice(0).map((source) => source.close()));
  });
  afterAll(() => place.stop());

  async function open(settings: Readonly<Record<string, string>>, options: Partial<SqlOptions> = {}): Promise<SqlSource<Tables>> {
    const read = readSubgraphSettings({ HUB_KEYS_FILE: "unused", ...settings });
    const source = await openSql<Tables>({ place: placeOf(read, "sample"), schema: "sample", log: createSilentLog(), ...options });
    sources.push(source);
    return source;
  }

  test("gives values of every type as the port promises, in the department's own schema", async () => {
    const source = await open(await place.newSettings());
    await prepareTables(source, planOf());
    const rows = await source.read(source.db.selectFrom("things").selectAll());
    expect(rows.map(({ bytes, ...others }) => ({ ...others, bytes: [...bytes] }))).toEqual([
      { ...row, amount, bytes: [0, 255, 16], missing: null },
    ]);
    const schemas = await sql<{
      table_schema: string;
    }>`select table_schema from information_schema.tables where table_name = 'things'`.execute(source.db);
    expect(schemas.rows).toEqual([{ table_schema: "sample" }]);
  });

  test("finds a batch of keys of any size by one statement, and reports it without its values", async () => {
    const seen: string[] = [];
    const source = await open(await place.newSettings(), { onStatement: ({ sql: text }) => seen.push(text) });
    await prepareTables(source, planOf());
    seen.length = 0;
    const keys = ["a", "b'); drop table things; --", ...Array.from({ length: 4_998 }, (_, index) => `k${index}`)];
    const rows = await source.read(source.db.selectFrom("things").select("id").where("id", "=", anyOf(keys)));
    expect(rows).toEqual([{ id: "a" }]);
    expect(seen).toEqual(['select "id" from "sample"."things" where "id" = any($1)']);
  });

  test("reports a statement that failed, and the next one works", async () => {
    const seen: boolean[] = [];
    const source = await open(await place.newSettings(), { onStatement: ({ isFailed }) => seen.push(isFailed) });
    await prepareTables(source, planOf());
    seen.length = 0;
    await expect(source.read(source.db.selectFrom("things").select(sql<number>`1 / (small - 7)`.as("one")))).rejects.toThrow(
      "division by zero",
    );
    expect(await source.read(source.db.selectFrom("things").select("id"))).toEqual([{ id: "a" }]);
    expect(seen).toEqual([true, false]);
  });

  test("ends a wait at the deadline", async () => {
    const source = await open(await place.newSettings(), { statementTimeoutMs: 300, connectionsMax: 1 });
    await prepareTables(source, planOf());
    const slow = source.read(source.db.selectFrom("things").select(sql<string>`pg_sleep(1)`.as("slept")));
    const waiting = source.read(source.db.selectFrom("things").select("id"));
    const ended = await Promise.allSettled([slow, waiting]);
    expect(ended.map((result) => (result.status === "rejected" ? result.reason.code : result.status))).toContain("SOURCE_TIMEOUT");
    expect(await source.read(source.db.selectFrom("things").select("id"))).toEqual([{ id: "a" }]);
  });

  test("refuses queries beyond a thousand that wait", async () => {
    const source = await open(await place.newSettings());
    await prepareTables(source, planOf());
    const query = source.db.selectFrom("things").select("id");
    const ended = await Promise.allSettled(Array.from({ length: 1_005 }, () => source.read(query)));
    const codes = ended.flatMap((result) => (result.status === "rejected" ? [result.reason.code] : []));
    expect(codes).toEqual(Array.from({ length: 5 }, () => "SOURCE_UNAVAILABLE"));
    expect(await source.read(query)).toHaveLength(1);
  });

  test("migrates and seeds once, and tells each tenth of the way once", async () => {
    const settings = await place.newSettings();
    const said: string[] = [];
    const seed = {
      key: "one row",
      run: async (tx: Parameters<PrepareOptions<Tables>["seed"]["run"]>[0], progress: (share: number) => void) => {
        for (const share of [0, 0.05, 0.5, 0.51, 1]) progress(share);
        await insertRows(tx, "things", [row]);
      },
    };
    const plan = planOf({ seed, say: (line) => said.push(line) });
    const source = await open(settings);
    await prepareTables(source, plan);
    await prepareTables(source, plan);
    await source.close();
    const again = await open(settings);
    await prepareTables(again, { ...plan, migrations: [first, second] });
    expect(await again.read(again.db.selectFrom("things").select("id"))).toHaveLength(1);
    await expect(insertAgain(again, { ...row, id: "b", amount: "-1" })).rejects.toThrow(/positive/);
    expect(said).toEqual(["seeding sample 0%", "seeding sample 50%", "seeding sample 100%"]);
  });

  test("keeps nothing of a migration or a seed that failed, and succeeds the next time", async () => {
    const source = await open(await place.newSettings());
    const failing = planOf({
      seed: {
        key: "one row",
        run: async (tx) => {
          await insertRows(tx, "things", [row]);
          throw new Error("cut off");
        },
      },
    });
    await expect(prepareTables(source, failing)).rejects.toThrow("cut off");
    const schemas = sql`select 1 from information_schema.schemata where schema_name = 'sample'`;
    expect((await schemas.execute(source.db)).rows).toEqual([]);
    await prepareTables(source, planOf());
    expect(await source.read(source.db.selectFrom("things").select("id"))).toEqual([{ id: "a" }]);
  });

  test("refuses tables that were made by something else", async () => {
    const source = await open(await place.newSettings());
    await prepareTables(source, planOf({ migrations: [first, second] }));
    const changed = { ...first, statements: [...first.statements, "select 1"] };
    await expect(prepareTables(source, planOf({ migrations: [changed, second] }))).rejects.toThrow("Migration 1 (things) was changed");
    await expect(prepareTables(source, planOf())).rejects.toThrow("migration 2, which this program doesn't know");
    const other = planOf({ migrations: [first, second], seed: { key: "two rows", run: () => Promise.resolve() } });
    await expect(prepareTables(source, other)).rejects.toThrow('The tables of sample hold "one row", not "two rows".');
  });

  test("closes once however often it is asked to", async () => {
    const source = await open(await place.newSettings());
    await prepareTables(source, planOf());
    await Promise.all([source.close(), source.close()]);
    await expect(source.read(source.db.selectFrom("things").select("id"))).rejects.toThrow(/closed|end|destroyed/i);
  });
});

function insertAgain(source: SqlSource<Tables>, values: object): Promise<void> {
  return source.db.transaction().execute(async (tx) => {
    await sql`set local search_path to sample`.execute(tx);
    await insertRows(tx, "things", [{ ...values }]);
  });
}
