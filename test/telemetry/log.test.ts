import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { HubError } from "../../gateway/core/errors.ts";
import { flattenFacts } from "../../gateway/telemetry/facts.ts";
import { createLog, type LogOptions } from "../../gateway/telemetry/log.ts";
import { fc } from "../services/fc.ts";

const token = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJvZmZpY2VyIn0.c2lnbmF0dXJl";

function logLines(level: LogOptions["level"]) {
  const lines: string[] = [];
  return { log: createLog({ level, write: (line) => void lines.push(line), nowMs: () => Date.UTC(2026, 10, 24) }), lines };
}

test("tokens, passwords in addresses and identity card numbers are left out wherever they stand", () => {
  expect(
    flattenFacts({
      a: `sent ${token} upstream`,
      b: "Authorization: Bearer abc.def-123 refused",
      c: "redis://hub:s3cret@cache:6379/0 is away",
      d: "key (hkid)=(A123456(7)) exists",
      e: "AB9876543",
      f: `${"x".repeat(290)} A123456(7)`,
    }),
  ).toEqual({
    a: "sent [left out] upstream",
    b: "Authorization: [left out] refused",
    c: "redis://[left out]cache:6379/0 is away",
    d: "key (hkid)=([left out]) exists",
    e: "[left out]",
    f: `${"x".repeat(290)} [left out…`,
  });
});

test("facts with the name of a secret are left out, whatever they hold", () => {
  const facts = { accessToken: "abc", Authorization: "x", variables: "{}", hkid: "A", setCookie: 1, CLIENT_SECRET: null };
  expect(new Set(Object.values(flattenFacts(facts)))).toEqual(new Set(["[left out]"]));
});

test("hashes, request ids and coordinates stay as they are", () => {
  const facts = {
    hash: "b1234567".repeat(8),
    requestId: "0198f3c2-7c1e-7bb1-9d55-3f6f2f6a1b22",
    coordinate: "Person.income",
    agreement: "HD-TD-2026-03@1",
  };
  expect(flattenFacts(facts)).toEqual(facts);
});

test("an error is its name, code and place, never its message", () => {
  const error = new HubError("AUDIT_UNAVAILABLE", "CHAN Tai Man is not to be read");
  const { error: words } = flattenFacts({ error });
  expect(words).toMatch(/^HubError AUDIT_UNAVAILABLE at .*log\.test\.ts/);
  expect(words).not.toContain("CHAN");
  const lines = new Error("first\n    second CHAN\n at third");
  expect(flattenFacts({ lines })["lines"]).not.toContain("CHAN");
});

test("what is not flat is named by its kind only", () => {
  expect(
    flattenFacts({ person: { name: "CHAN" }, list: ["CHAN"], call: () => "CHAN", none: undefined, zero: null, big: 10n, nan: Number.NaN }),
  ).toEqual({
    person: "[object]",
    list: "[list of 1]",
    call: "[function]",
    zero: null,
    big: "10",
    nan: "NaN",
  });
});

test("the number of facts is bounded, and names of Object.prototype are names like others", () => {
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`f${index}`, index]));
  expect(Object.keys(flattenFacts(many))).toHaveLength(31);
  expect(flattenFacts(many)["factsLeftOut"]).toBe(20);
  expect(JSON.stringify(flattenFacts({ ["__proto__"]: "x", constructor: "y" }))).toBe('{"__proto__":"x","constructor":"y"}');
});

test("any fact ends up as one flat value of bounded length", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.anything()), (facts) => {
      for (const value of Object.values(flattenFacts(facts))) {
        expect(value === null || ["string", "number", "boolean"].includes(typeof value)).toBe(true);
        expect(String(value).length).toBeLessThanOrEqual(301);
      }
    }),
  );
});

test("a line holds level, time, event and facts, and a fact can't take another's place or break the line", () => {
  const { log, lines } = logLines("info");
  log.warn({ event: "forged", level: "info", time: 0, text: 'a\n{"level":"error"}' }, "cache.connected");
  expect(lines).toHaveLength(1);
  expect(lines[0]?.split("\n")).toHaveLength(2);
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    level: "warn",
    time: "2026-11-24T00:00:00.000Z",
    event: "cache.connected",
    facts: { event: "forged", level: "info", time: 0, text: 'a\n{"level":"error"}' },
  });
});

test("nothing below the level is written", () => {
  const { log, lines } = logLines("warn");
  log.info({}, "a");
  log.warn({}, "b");
  log.error({}, "c");
  expect(lines.map((line) => JSON.parse(line).event)).toEqual(["b", "c"]);
  const silent = logLines("silent");
  silent.log.error({}, "c");
  expect(silent.lines).toEqual([]);
});

test("lines that wait when the process exits are written to standard output first", () => {
  const source = `
    const { createLog } = await import(${JSON.stringify(new URL("../../gateway/telemetry/log.ts", import.meta.url).href)});
    const log = createLog({ level: "info" });
    for (let index = 0; index < 1000; index += 1) log.info({ index }, "test.line");
    process.exit(0);
  `;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", source], { encoding: "utf8", timeout: 20_000 });
  expect(status).toBe(0);
  expect(
    stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).facts.index),
  ).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
});
