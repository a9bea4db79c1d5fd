import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { maskPhones, prepareGovernment } from "../../bench/bundle.ts";
import { createCanned } from "../../bench/canned.ts";
import { type Departments, startDepartments } from "../../bench/departments.ts";
import { writeAnswer } from "../../bench/floor.ts";
import { answerAlone } from "../../bench/graph/schemas.ts";
import { bodyOf, nonceAt, workloads } from "../../bench/graph/workloads.ts";
import { composeMarket } from "../../bench/supergraph.ts";
import { readConfig } from "../../gateway/config.ts";
import { type Hub, startHub } from "../../gateway/hub.ts";
import { createRuntime } from "../../gateway/main.ts";

const closers: (() => Promise<unknown>)[] = [];
let departments: Departments;
let hub: Hub;
let governed: { readonly hub: Hub; readonly headers: Readonly<Record<string, string>> };

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "market-"));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  departments = await startDepartments();
  closers.push(() => departments.close());
  const file = join(folder, "supergraph.graphql");
  await writeFile(file, await composeMarket(departments.port));
  const environment = { HUB_PORT: "0", SUPERGRAPH_FILE: file, LOG_LEVEL: "silent", SHARING_ENABLED: "false" };
  hub = await startHub({ config: readConfig(environment), isUnrestricted: true, runtime: createRuntime() });
  closers.push(() => hub.close());
  const government = await prepareGovernment(folder, Date.now());
  closers.push(() => government.close());
  const config = readConfig({ ...environment, ...government.environment });
  governed = { hub: await startHub({ config, isUnrestricted: false, runtime: createRuntime() }), headers: government.headersAt(0) };
  closers.push(() => governed.hub.close());
});

afterAll(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function ask(url: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown };
  return errors === undefined ? data : { errors };
}

const alone = (query: string): Promise<unknown> => answerAlone({ query, variables: { nonce: nonceAt(1) } });

describe.each(workloads.map((workload) => [workload.name, workload] as const))("workload (%s)", (_name, workload) => {
  test("is answered by the hub as by one plain schema, whatever the nonce", async () => {
    const expected = await alone(workload.query);
    for (const number of [1, 2]) expect(await ask(`${hub.url}/graphql`, bodyOf(workload, nonceAt(number)))).toEqual(expected);
  });

  test("is answered under agreements with phones masked and nothing else changed", async () => {
    const expected = maskPhones(await alone(workload.query));
    expect(await ask(`${governed.hub.url}/graphql`, bodyOf(workload, nonceAt(3)), governed.headers)).toEqual(expected);
  });

  test("is answered by the hand-written script with no more calls than the hub makes", async () => {
    const before = departments.calls();
    await ask(`${hub.url}/graphql`, bodyOf(workload, nonceAt(4)));
    const hubCalls = departments.calls() - before;
    const text = await writeAnswer(bodyOf(workload, nonceAt(5)), (name, body) =>
      fetch(`http://127.0.0.1:${departments.port}/${name}`, { method: "POST", body }).then((response) => response.json()),
    );
    expect((JSON.parse(text) as { data: unknown }).data).toEqual(await alone(workload.query));
    expect(departments.calls() - before - hubCalls).toBeLessThanOrEqual(hubCalls);
  });
});

describe("the workloads", () => {
  test("are as large as they say", async () => {
    const sizes = await Promise.all(workloads.map(async ({ query }) => JSON.stringify(await alone(query)).length));
    expect(sizes.map((size, index) => [workloads[index]?.name, Math.round(size / 10_000)])).toEqual([
      ["a", 9],
      ["b", 0],
      ["c", 104],
      ["d", 5],
    ]);
  });

  test("make (a) seven calls, one after the other", async () => {
    const [workload] = workloads;
    const before = departments.calls();
    if (workload !== undefined) await ask(`${hub.url}/graphql`, bodyOf(workload, nonceAt(6)));
    expect(departments.calls() - before).toBe(7);
  });
});

describe("canned replies", () => {
  test("are worked out once for each question, nonces apart", async () => {
    const asked: string[] = [];
    const canned = createCanned(async (body) => {
      asked.push(body);
      return `answer ${asked.length}`;
    }, 2);
    const bodies = [`one ${nonceAt(1)}`, `one ${nonceAt(2)}`, `two ${nonceAt(1)}`, `one ${nonceAt(3)}`];
    const replies: string[] = [];
    for (const body of bodies) replies.push((await canned.reply(body)).toString());
    expect(replies).toEqual(["answer 1", "answer 1", "answer 2", "answer 1"]);
    expect(asked).toEqual([bodies[0], bodies[2]]);
  });

  test("are bounded", async () => {
    const canned = createCanned(async () => "", 1);
    await canned.reply("one");
    expect(() => canned.reply("two")).toThrow(/More than 1/);
  });
});
