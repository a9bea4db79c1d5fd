import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { heldFolders } from "../floorplan.ts";
import { listDependents, listUnfreePackages } from "./licences.ts";
import { checkNames, checkSizes } from "./sizes.ts";
import { describeViolations, listFiles, parseSource, readSources } from "./source.ts";
import { checkWords } from "./words.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8");
const sources = readSources(root, [...heldFolders, "bench", "test"]);

/** The files that hold the banned words because they ban them. */
const wordKeepers: ReadonlySet<string> = new Set(["test/house/words.ts", "test/house/tidy.test.ts"]);
/** Looked at one by one: the composer and its two parts, which only publishing loads. See docs/adr/0004-planner-and-composer.md. */
const composerPackages = ["@apollo/composition", "@apollo/federation-internals", "@apollo/query-graphs"];

describe("the house", () => {
  test("is seen", () => {
    expect(sources.length).toBeGreaterThan(100);
  });

  test("has short files and short functions", () => {
    expect(describeViolations(checkSizes(sources))).toBe("");
  });

  test("names its source files and their folders with one lower-case word", () => {
    expect(describeViolations(checkNames(sources.map(({ path }) => path)))).toBe("");
  });

  test("holds no banned word in any text", () => {
    const files = listFiles(root)
      .filter((path) => !wordKeepers.has(path))
      .map((path) => ({ path, text: read(path) }))
      .filter(({ text }) => !text.includes("\0"));
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(["README.md", "package-lock.json", ".ci/run", "gateway/main.ts"]));
    expect(describeViolations(checkWords(files))).toBe("");
  });
});

describe("the licence", () => {
  test("is MIT wherever it is stated", () => {
    expect(read("LICENSE")).toMatch(/^MIT License\n\nCopyright \(c\) \d{4} Crossharbour contributors\n/);
    expect(JSON.parse(read("package.json"))).toMatchObject({ license: "MIT" });
    expect(JSON.parse(read("package-lock.json"))).toMatchObject({ packages: { "": { license: "MIT" } } });
    expect(parse(read("publiccode.yml"))).toMatchObject({ legal: { license: "MIT" } });
  });

  test("of every package that is installed with the hub is a free one, but for the composer's", () => {
    expect(listUnfreePackages(read("package-lock.json"), new Set(composerPackages))).toEqual([]);
  });

  test("of the composer binds nothing else: only the hub's publishing asks for it", () => {
    const dependents = composerPackages.flatMap((name) => listDependents(read("package-lock.json"), name));
    expect(dependents.filter((name) => !composerPackages.includes(name))).toEqual([""]);
  });
});

function wordsOf(text: string, path = "a.md"): readonly string[] {
  return checkWords([{ path, text }]).map(({ file, line }) => `${file}:${line}`);
}

describe("the size checker", () => {
  const lines = (count: number, line: string): string => `${line}\n`.repeat(count);

  test("refuses a file of 301 lines and accepts one of 300", () => {
    const files = [parseSource("a.ts", lines(301, "// A line.")), parseSource("b.ts", lines(300, "// A line."))];
    expect(checkSizes(files).map(({ file, rule }) => `${file} ${rule}`)).toEqual(["a.ts file-length"]);
  });

  test.each([
    ["a function", "export function a() {\n", "}\n"],
    ["an arrow function", "export const a = () => {\n", "};\n"],
    ["a method", "export class A { a() {\n", "} }\n"],
    ["a getter", "export const a = { get b() {\n", "return 1; } };\n"],
    ["a test", 'test("is long", () => {\n', "});\n"],
  ])("refuses %s of 61 lines and accepts one of 60", (_kind, head, tail) => {
    const build = (inner: number): string => `\n${head}${lines(inner, "f();")}${tail}`;
    const found = [59, 58].map((inner) => checkSizes([parseSource("a.ts", build(inner))]).map(({ line, rule }) => `${line} ${rule}`));
    expect(found).toEqual([["2 function-length"], []]);
  });

  test("lets a group of tests be long, not a function in it", () => {
    const group = (inner: string): string => `describe.skipIf(a)("many", () => {\n${inner}});\n`;
    expect(checkSizes([parseSource("a.ts", group(lines(100, "f();")))])).toEqual([]);
    expect(checkSizes([parseSource("a.ts", group(`const b = () => {\n${lines(100, "f();")}};\n`))]).map(({ line }) => line)).toEqual([2]);
  });
});

describe("the name checker", () => {
  test.each([
    "gateway/core/twoWords.ts",
    "gateway/core/two-words.ts",
    "gateway/twoWords/a.ts",
    "gateway/core/a.spec.ts",
    "gateway/core/a.b.test.ts",
  ])("refuses %s", (path) => {
    expect(checkNames([path]).map(({ rule }) => rule)).toEqual(["file-name"]);
  });

  test("accepts words, tests and declarations", () => {
    expect(
      checkNames(["gateway/core/clear.ts", "test/access/clear.test.ts", "demo/identity/oidc.d.ts", "console/explorer/app.tsx"]),
    ).toEqual([]);
  });
});

describe("the word checker", () => {
  test.each([
    "TODO later",
    "FIXME",
    "throw new Error('not implemented')",
    "Not yet implemented.",
    ["https://registry", "npmjs.org/a"].join("."),
    ["see ", "work/main/a.ts"].join("/"),
    ["in ", "root/.npmrc"].join("/"),
    ["at ", "home/someone/a"].join("/"),
    "see issue #12",
    "the issue on access",
    "in a later session",
    "written with Copilot",
    "a language model",
    "shared/design/style.md",
  ])("refuses: %s", (text) => {
    expect(wordsOf(`A line before.\n${text}`)).toEqual(["a.md:2"]);
  });

  test.each([
    "the OIDC session cookie",
    "issues tokens",
    "the issuer",
    "gateway/work/plan",
    "https://a.example/home/",
    "domain registry",
    "The hack was contained",
  ])("accepts: %s", (text) => {
    expect(wordsOf(text)).toEqual([]);
  });

  test("looks in a lock file for addresses alone", () => {
    expect(wordsOf("sha512-a+TODO/b", "package-lock.json")).toEqual([]);
    expect(wordsOf(["https://registry", "npmjs.org/a"].join("."), "package-lock.json")).toEqual(["package-lock.json:1"]);
  });
});

describe("the licence checker", () => {
  const lock = (packages: Readonly<Record<string, unknown>>): string =>
    JSON.stringify({ packages: { "": { license: "MIT" }, ...packages } });

  test("refuses what is not free, not stated, or free on one side of an AND only", () => {
    const text = lock({
      "node_modules/free": { license: "MIT" },
      "node_modules/choice": { license: "(GPL-3.0 OR MIT)" },
      "node_modules/closed": { license: "Elastic-2.0" },
      "node_modules/a/node_modules/half": { license: "MIT AND GPL-3.0" },
      "node_modules/silent": {},
      "node_modules/tool": { license: "GPL-3.0", dev: true },
      "node_modules/seen": { license: "SSPL-1.0" },
    });
    expect(listUnfreePackages(text, new Set(["seen"]))).toEqual(["closed Elastic-2.0", "half MIT AND GPL-3.0", "silent none"]);
  });

  test("sees who asks for a package", () => {
    const text = lock({
      "node_modules/a": { dependencies: { b: "1" } },
      "node_modules/c": { dev: true, dependencies: { b: "1" } },
      "node_modules/b": {},
    });
    expect(listDependents(text, "b")).toEqual(["a"]);
  });
});
