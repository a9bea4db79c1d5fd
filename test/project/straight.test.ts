import { parse } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clearOperation } from "../../gateway/access/clear.ts";
import { createPlanEngine } from "../../gateway/plan/engine.ts";
import { createPlanner } from "../../gateway/plan/plan.ts";
import { type Shape, scanValue } from "../../gateway/project/scan.ts";
import { createSink } from "../../gateway/project/sink.ts";
import { compileStraight, type Straight } from "../../gateway/project/straight.ts";
import type { Decision, Entitlement } from "../../policies/engine/words.ts";
import { startFederation, type TestFederation } from "../federation/harness.ts";
import { agreementRef as by, entitle } from "./entitle.ts";

const plain = { isNullable: false, names: [], item: undefined, fields: [] } as const;
const float: Shape = { ...plain, kind: "float" };
const int: Shape = { ...plain, kind: "int" };
const string: Shape = { ...plain, kind: "string" };

/** Whether a text fits, as the only element of a list. */
function fits(text: string, item: Shape): boolean {
  const bytes = Buffer.from(`[${text}]`);
  return scanValue(bytes, 0, { ...plain, kind: "list", item }) === bytes.length;
}

describe("what fits", () => {
  test.each(["0", "7", "-7", "2147483647", "-2147483648", "999999999"])("the integer %s", (text) => expect(fits(text, int)).toBe(true));
  test.each(["-0", "00", "01", "-", "1.0", "1e3", "2147483648", "-2147483649", "99999999999", "1 ", '"1"', "null", "+1"])(
    "not the integer %s",
    (text) => expect(fits(text, int)).toBe(false),
  );
  test.each(["0", "1.5", "-0.5", "0.000001", "123456789012345", "12345.678901", "100"])("the float %s", (text) => {
    expect(fits(text, float)).toBe(true);
    expect(JSON.stringify(JSON.parse(text))).toBe(text);
  });
  test.each(["-0", "-0.0", "1.0", "1.50", "1e3", "1E3", "0.0000001", ".5", "5.", "01.5", "1.2.3", "1234567890123456", "NaN", "-"])(
    "not the float %s",
    (text) => expect(fits(text, float)).toBe(false),
  );
  test.each(['""', '"a"', '"\\n\\t\\"\\\\"', '"關 é 😀"', '"\u007f\u2028"'])("the string %s", (text) => {
    expect(fits(text, string)).toBe(true);
    expect(JSON.stringify(JSON.parse(text))).toBe(text);
  });
  test.each(['"', '"a', '"\\u0041"', '"\\/"', '"\n"', '"\\"', '"\\x"', "1", "'a'", "null"])("not the string %s", (text) =>
    expect(fits(text, string)).toBe(false),
  );

  test("numbers that fit are written as they stand, whatever they are", () => {
    let passed = 0;
    for (let index = 0; index < 20_000; index += 1) {
      const random = Math.sin(index * 12.9898) * 43_758.5453;
      const value = (random - Math.floor(random) - 0.5) * 10 ** ((index % 40) - 20);
      const texts = [String(value), value.toFixed(index % 12), value.toPrecision(1 + (index % 17))];
      for (const text of texts) {
        if (!fits(text, float)) continue;
        passed += 1;
        expect(JSON.stringify(JSON.parse(text))).toBe(text);
      }
    }
    expect(passed).toBeGreaterThan(5_000);
  });
});

/** One operation, compiled once. */
async function straightOf({ apiSchema, supergraphSdl }: TestFederation, text: string): Promise<Straight | undefined> {
  const engine = createPlanEngine(supergraphSdl);
  const planner = createPlanner({ engine, apiSchema, overrideLabels: [], timeoutMs: 5_000, concurrencyMax: 1, waitingMax: 1 });
  const document = parse(text);
  const cleared = clearOperation({ schema: apiSchema, document, operationName: undefined, entitlement: undefined, onDenied: "withhold" });
  const plan = await planner.plan(cleared, { draw: 0, set: new Set() });
  return compileStraight({ schema: apiSchema, cleared, plan, sink: createSink(), pseudonymSecret: undefined });
}

const data = {
  park: { id: "1", name: "Victoria Park", areas: [1.5, null, 20], kind: "GARDEN", isOpen: true, gates: [{ number: 1 }, { number: 2 }] },
};
const operation = "{ park { id name areas kind isOpen gates { number } } }";
const reply = JSON.stringify({ data });

describe("an answer that is one reply", () => {
  let federation: TestFederation;

  beforeAll(async () => {
    federation = await startFederation({
      parks: {
        sdl: `type Query { park: Park } enum Kind { GARDEN SQUARE } scalar Any interface Sized { areas: [Float] } type Gate { number: Int! }
          type Park implements Sized { id: ID! name: String areas: [Float] kind: Kind isOpen: Boolean gates: [Gate!]! notes: Any twin: Sized }`,
      },
    });
  });
  afterAll(() => federation.close());

  const ask = async (text: string | Buffer, entitlement?: Entitlement, asked = operation): ReturnType<TestFederation["ask"]> => {
    federation.disturb("parks", () => ({ text }));
    return await federation.ask(asked, {}, entitlement);
  };

  test("is passed on unread", async () => {
    expect(await ask(reply)).toMatchObject({ data, problems: [], isPassed: true });
    expect(await ask(`${reply}\n`)).toMatchObject({ data, isPassed: true });
    expect(await ask('{"data":{"park":null}}')).toMatchObject({ data: { park: null }, isPassed: true });
  });

  const read: [string, string | Buffer, unknown, number][] = [
    ["has an error", reply.replace(/\}$/, ',"errors":[{"message":"Secret.","path":["park","name"]}]}'), data, 1],
    ["has more than was asked for", reply.replace('"name"', '"secret":1,"name"'), data, 0],
    ["has keys in another order", JSON.stringify({ data: { park: Object.fromEntries(Object.entries(data.park).toReversed()) } }), data, 0],
    ["has space in it", JSON.stringify({ data }, null, 1), data, 0],
    ["has a key twice", reply.replace('"name":"Victoria Park"', '"name":"Other","name":"Victoria Park"'), data, 0],
    ["has a number for an ID", reply.replace('"1"', "1"), data, 0],
    ["has an integer in another form", reply.replace('"number":2', '"number":2.0'), data, 0],
    ["has letters escaped", reply.replace("Victoria", "\\u0056ictoria"), data, 0],
    ["has a value that an enum lacks", reply.replace("GARDEN", "FIELD"), { park: { ...data.park, kind: null } }, 1],
    ["lacks what may not be null", reply.replace('{"number":2}', '{"number":null}'), { park: null }, 1],
    ["has a word for a number", reply.replace("1.5", '"1.5"'), { park: { ...data.park, areas: [null, null, 20] } }, 1],
    ["is cut off", reply.slice(0, -1), { park: null }, 1],
    ["has a byte behind it that is no space", `${reply}\u0000`, { park: null }, 1],
    ["goes on", `${reply}{}`, { park: null }, 1],
    ["is no UTF-8", Buffer.from(reply.replace("Victoria", "\u00ff"), "latin1"), { park: { ...data.park, name: "\ufffd Park" } }, 0],
  ];
  test.each(read)("is read where it %s", async (_what, text, expected, problems) => {
    const answer = await ask(text);
    expect(answer).toMatchObject({ data: expected, isPassed: false });
    expect(answer.problems.length).toBe(problems);
    expect(JSON.stringify(answer.problems)).not.toContain("Secret");
  });

  test("is tried again now and then after a department has written its replies otherwise for long", async () => {
    const text = '{"data":{"park":{"id":"1"}}}';
    const straight = await straightOf(federation, "{ park { id } }");
    for (let index = 0; index < 20; index += 1) expect(straight?.(Buffer.from(text.replace(/\}$/, ',"errors":[]}')))).toBeUndefined();
    const passed = Array.from({ length: 64 }, () => straight?.(Buffer.from(text)) !== undefined);
    expect(passed.slice(0, 40)).toEqual(passed.slice(0, 40).map(() => false));
    expect(passed.slice(-10)).toEqual(passed.slice(-10).map(() => true));
  });

  test("is read where a type is told by the objects, and where a scalar is the department's own", async () => {
    expect(await ask('{"data":{"park":{"notes":{"a":1}}}}', undefined, "{ park { notes } }")).toMatchObject({
      data: { park: { notes: { a: 1 } } },
      isPassed: false,
    });
    const twin = '{"data":{"park":{"twin":{"__typename":"Park","areas":[]}}}}';
    expect((await ask(twin, undefined, "{ park { twin { areas } } }")).isPassed).toBe(false);
  });

  const masked: Decision = { kind: "mask", mask: { kind: "keep", first: 1, last: 0 }, by };
  const denied: Decision = { kind: "deny", reason: "NOT_IN_AGREEMENT" };
  test("is read where an agreement masks or withholds any of it", async () => {
    const asked = "{ park { id name } }";
    const text = '{"data":{"park":{"id":"1","name":"Victoria Park"}}}';
    expect(await ask(text, entitle(federation.apiSchema, {}), asked)).toMatchObject({
      data: { park: { name: "Victoria Park" } },
      isPassed: true,
    });
    expect(await ask(text, entitle(federation.apiSchema, { "Park.name": masked }), asked)).toMatchObject({
      data: { park: { name: "V************" } },
      isPassed: false,
    });
    expect(await ask('{"data":{"park":{"id":"1"}}}', entitle(federation.apiSchema, { "Park.name": denied }), asked)).toMatchObject({
      data: { park: { name: null } },
      isPassed: false,
    });
  });
});
