import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { apart, heldFolders, programs, reservedPackages, rooms } from "../floorplan.ts";
import { checkHabits } from "./habits.ts";
import { checkCycles, checkImports, checkLevels, findRoom, findWay } from "./rooms.ts";
import { describeViolations, listFiles, parseSource, readSources, type Violation } from "./source.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const plan = { rooms, reservedPackages };
const sources = readSources(root, heldFolders);

describe("the house", () => {
  test("is seen: every held folder has sources, and every room of the plan is there", () => {
    for (const folder of heldFolders) {
      expect(sources.filter(({ path }) => path.startsWith(`${folder}/`)).length, folder).toBeGreaterThan(0);
    }
    expect(rooms.map(({ path }) => path).filter((path) => !existsSync(`${root}${path.replace("*.ts", "")}`))).toEqual([]);
  });

  test("has a place for every program of the plan", () => {
    const paths = sources.map(({ path }) => path);
    expect(programs.filter((pattern) => !pattern.includes("*") && !paths.includes(pattern))).toEqual([]);
  });

  test("imports downwards only", () => {
    expect(checkLevels(plan)).toEqual([]);
  });

  test("keeps every import within the floor plan", () => {
    expect(describeViolations(checkImports(plan, sources))).toBe("");
  });

  test.each(apart.flatMap(({ programs: starts, file, why }) => starts.map((start) => ({ start, file, why }))))(
    "does not lead from $start to $file: $why",
    ({ start, file }) => {
      expect(sources.map(({ path }) => path)).toEqual(expect.arrayContaining([start, file]));
      expect(findWay(sources, start, file)).toBeUndefined();
    },
  );

  test("has no import cycle", () => {
    expect(describeViolations(checkCycles(sources))).toBe("");
  });

  test("keeps its habits: environment, clock, randomness, state and work at import", () => {
    expect(describeViolations(checkHabits(sources))).toBe("");
  });

  test("has no barrel file", () => {
    expect(listFiles(root).filter((path) => /(?:^|\/)index\.[jt]sx?$/.test(path))).toEqual([]);
  });
});

function importsOf(path: string, text: string): readonly string[] {
  return checkImports(plan, [parseSource(path, text)]).map(place);
}

function habitsOf(path: string, text: string): readonly string[] {
  return checkHabits([parseSource(path, text)]).map(place);
}

function place({ file, line, rule }: Violation): string {
  return `${file}:${line} ${rule}`;
}

describe("the import checker", () => {
  test.each([
    ["a static import", 'import { a } from "../plan/plan.ts";'],
    ["a type-only import", 'import type { A } from "../plan/plan.ts";'],
    ["an import for its effect", 'import "../plan/plan.ts";'],
    ["a re-export", 'export { a } from "../plan/plan.ts";'],
    ["a re-export of everything", 'export * from "../plan/plan.ts";'],
    ["a dynamic import", 'export const a = () => import("../plan/plan.ts");'],
    ["a dynamic import of a template", "export const a = () => import(`../plan/plan.ts`);"],
    ["a type query", 'export type A = import("../plan/plan.ts").A;'],
    ["a require", 'const a = require("../plan/plan.ts");'],
    ["a require made on the spot", 'const a = createRequire(import.meta.url)("../plan/plan.ts");'],
    ["an import assignment", 'import a = require("../plan/plan.ts");'],
    ["a resolved path", 'export const a = () => import.meta.resolve("../plan/plan.ts");'],
    ["a worker's address", 'export const a = () => new URL("../plan/plan.ts", import.meta.url);'],
  ])("sees %s between rooms of one level", (_form, text) => {
    expect(importsOf("gateway/cache/memory.ts", `// A line before.\n${text}`)).toEqual(["gateway/cache/memory.ts:2 floor-plan"]);
  });

  test.each([
    ["gateway/pipeline/run.ts", 'import { a } from "../http/server.ts";', "floor-plan"],
    ["gateway/fetch/run.ts", 'import { a } from "../../subgraphs/kit/serve.ts";', "floor-plan"],
    ["subgraphs/transport/resolvers.ts", 'import { a } from "../housing/data.ts";', "floor-plan"],
    ["subgraphs/kit/serve.ts", 'import { a } from "../../gateway/core/errors.ts";', "floor-plan"],
    ["gateway/main.ts", 'import { a } from "../demo/main.ts";', "floor-plan"],
    ["schema/api.ts", 'import { a } from "../test/floorplan.ts";', "no-room"],
    ["gateway/strange/run.ts", "export const a = 1;", "no-room"],
    ["gateway/plan/plan.ts", 'import { Redis } from "ioredis";', "package"],
    ["gateway/main.ts", 'import { compose } from "@apollo/composition/dist/compose.js";', "package"],
    ["schema/api.ts", 'import { compose } from "@apollo/composition";', "reserved-package"],
    ["gateway/plan/plan.ts", "export const a = (name: string) => import(name);", "computed-import"],
    ["gateway/plan/plan.ts", "const load = createRequire(import.meta.url);", "computed-import"],
    ["subgraphs/kit/serve.ts", 'const { shield } = createRequire(import.meta.url)("graphql-shield");', "reserved-package"],
  ])("refuses in %s: %s", (path, text, rule) => {
    expect(importsOf(path, text)).toEqual([`${path}:1 ${rule}`]);
  });

  test.each([
    ["gateway/pipeline/run.ts", 'import { a } from "../plan/plan.ts"; import { b } from "./order.ts"; import { parse } from "graphql";'],
    ["schema/compose.ts", 'import { composeServices } from "@apollo/composition"; import { readFile } from "node:fs/promises";'],
    ["subgraphs/main.ts", "export const a = (name: string) => import(name);"],
    ["schema/api.ts", 'export const a = () => new URL("./hub.graphql", import.meta.url);'],
  ])("lets %s import what its room may", (path, text) => {
    expect(importsOf(path, text)).toEqual([]);
  });

  test("finds a cycle through type imports and re-exports, and only there", () => {
    const ring = [
      parseSource("schema/one.ts", 'import type { B } from "./two.ts";'),
      parseSource("schema/two.ts", 'export { c } from "./three.ts";'),
      parseSource("schema/three.ts", 'export const c = () => import("./one.ts");'),
      parseSource("schema/four.ts", 'import "./one.ts";'),
    ];
    expect(checkCycles(ring).map(({ message }) => message)).toEqual(["schema/one.ts -> schema/two.ts -> schema/three.ts -> schema/one.ts"]);
    expect(checkCycles(ring.slice(0, 2))).toEqual([]);
  });

  test("finds the way from a program to a file through other files, and none where there is none", () => {
    const chain = [
      parseSource("gateway/main.ts", 'import { a } from "./core/a.ts";'),
      parseSource("gateway/core/a.ts", 'export const a = () => import("../../schema/b.ts");'),
      parseSource("schema/b.ts", 'export type { C } from "./compose.ts";'),
    ];
    expect(findWay(chain, "gateway/main.ts", "schema/compose.ts")).toEqual([
      "gateway/main.ts",
      "gateway/core/a.ts",
      "schema/b.ts",
      "schema/compose.ts",
    ]);
    expect(findWay(chain, "schema/b.ts", "gateway/main.ts")).toBeUndefined();
  });

  test("finds a plan that lets imports go sideways, up, or to a room that isn't there", () => {
    const room = { path: "one/", level: 1, imports: ["two/", "three/", "gone/", "below/"], packages: [] };
    const others = [
      { path: "below/", level: 0, imports: [], packages: [] },
      { path: "two/", level: 1, imports: [], packages: [] },
      { path: "three/", level: 2, imports: [], packages: [] },
    ];
    expect(checkLevels({ rooms: [room, ...others], reservedPackages: [] })).toEqual(["one/ -> two/", "one/ -> three/", "one/ -> gone/"]);
  });

  test("gives a file to the longest path that fits", () => {
    expect(findRoom(plan, "console/explorer/app.tsx")?.path).toBe("console/explorer/");
    expect(findRoom(plan, "gateway/config.ts")?.path).toBe("gateway/config.ts");
    expect(findRoom(plan, "gateway/main.ts")?.path).toBe("gateway/*.ts");
    expect(findRoom(plan, "gateway/core.js")).toBeUndefined();
  });
});

describe("the habit checker", () => {
  test.each([
    ["environment", "export const a = () => process.env;"],
    ["environment", 'export const a = () => process["env"].HOME;'],
    ["environment", "export const a = () => globalThis.process.env;"],
    ["environment", 'import { env as surroundings } from "node:process";'],
    ["clock", "export const a = () => Date.now();"],
    ["clock", "export const a = (clock = Date.now) => clock();"],
    ["clock", "export const a = () => new Date();"],
    ["clock", "export const a = () => Date();"],
    ["clock", "export const a = () => performance.now();"],
    ["clock", "export const a = () => process.hrtime.bigint();"],
    ["randomness", "export const a = () => Math.random();"],
    ["randomness", "export const a = () => crypto.randomUUID();"],
    ["randomness", 'import { randomUUID } from "node:crypto";'],
    ["randomness", 'import { randomBytes as bytes } from "crypto";'],
    ["default-export", "export default 1;"],
    ["default-export", "export default function a() {}"],
    ["default-export", "const a = 1; export { a as default };"],
    ["module-state", "let a = 1; export const b = () => a++;"],
    ["module-state", "export var a = 1;"],
    ["module-state", "const a = new Map<string, number>();"],
    ["module-state", "const a: number[] = [];"],
    ["work-at-import", "console.log(1);"],
    ["work-at-import", "await Promise.resolve();"],
    ["work-at-import", "if (globalThis.a) { globalThis.b = 1; }"],
    ["work-at-import", "for (const a of [1]) { globalThis.b = a; }"],
  ])("sees %s in: %s", (rule, text) => {
    expect(habitsOf("gateway/core/a.ts", `\n${text}`)).toEqual([`gateway/core/a.ts:2 ${rule}`]);
  });

  test.each([
    "export const a = (instant: number) => new Date(instant);",
    "export function a() { let count = 0; const seen = new Map(); seen.set(count++, 1); return seen; }",
    "export const names: ReadonlySet<string> = new Set(['a']);",
    "const none: readonly string[] = [];",
    "export const a = { env: 1, now: 2 }; export const b = a.env + a.now;",
    'import type { randomUUID } from "node:crypto";',
  ])("accepts: %s", (text) => {
    expect(habitsOf("gateway/core/a.ts", text)).toEqual([]);
  });

  test("lets a free room read its surroundings, but keep no state and do no work", () => {
    expect(habitsOf("demo/identity/secrets.ts", "export const a = () => [process.env, Date.now(), Math.random()];")).toEqual([]);
    expect(habitsOf("demo/identity/secrets.ts", "let a = 1;\nawait a;")).toEqual([
      "demo/identity/secrets.ts:1 module-state",
      "demo/identity/secrets.ts:2 work-at-import",
    ]);
  });

  test("leaves a declaration file alone, which only describes", () => {
    expect(habitsOf("demo/identity/other.d.ts", "declare const a: number; export default a;")).toEqual([]);
  });

  test("lets a program read its surroundings and do work, but export no default", () => {
    expect(habitsOf("gateway/main.ts", "console.log(process.env, Date.now(), Math.random());")).toEqual([]);
    expect(habitsOf("gateway/main.ts", "export default 1;")).toEqual(["gateway/main.ts:1 default-export"]);
  });
});
