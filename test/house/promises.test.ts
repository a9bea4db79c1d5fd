import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { z } from "zod";
import { checkPromises, type Ground } from "./promises.ts";
import { describeViolations, listFiles, skippedPaths } from "./source.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8");

test("no document names a link, path, script, test or command that isn't there", () => {
  const paths = [...listFiles(root), ...[...skippedPaths].map((path) => `${path}/`)];
  const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read("package.json")));
  const commands = [...read("cli/hub.ts").matchAll(/^ {4}name: "([a-z]+)"/gm)].flatMap(([, name]) => name ?? []);
  const documents = paths.filter((path) => path.endsWith(".md")).map((path) => ({ path, text: read(path) }));
  expect(documents.map(({ path }) => path)).toEqual(expect.arrayContaining(["README.md", "CONTRIBUTING.md", "docs/architecture.md"]));
  expect(commands).toContain("check");
  const ground = {
    paths,
    scripts: new Set(Object.keys(scripts)),
    commands: new Set(commands),
    tops: new Set(paths.map((path) => path.split("/")[0] ?? "")),
  };
  expect(describeViolations(checkPromises(documents, ground))).toBe("");
});

const ground: Ground = {
  paths: ["README.md", "docs/a.md", "docs/adr/b.md", "test/audit/journal.test.ts", "test/audit/record.ts"],
  scripts: new Set(["check", "test"]),
  commands: new Set(["check"]),
  tops: new Set(["README.md", "docs", "test"]),
};

function brokenIn(line: string, path = "docs/a.md"): readonly string[] {
  return checkPromises([{ path, text: `A line before.\n${line}` }], ground).map(({ file, line: at, rule }) => `${file}:${at} ${rule}`);
}

test.each([
  ["link", "[gone](gone.md)"],
  ["link", "[from the wrong folder](docs/adr/b.md)"],
  ["path", "`test/gone/`"],
  ["path", "`docs/gone.md`"],
  ["script", "`npm run gone`"],
  ["script", "`npm start`"],
  ["tests", "`npm test -- gone`"],
  ["tests", "`npm test -- journal gone`"],
  ["tests", "`npm test -- record`"],
  ["command", "`npx hub gone`"],
  ["command", "`hub gone --all`"],
])("a %s that isn't there is found in: %s", (rule, line) => {
  expect(brokenIn(line)).toEqual([`docs/a.md:2 ${rule}`]);
});

test.each([
  "[here](adr/b.md) and [its part](adr/b.md#part), [up](../README.md), [a folder](adr/), [far](https://a.example/b), [above](#top)",
  "`test/audit/`, `docs/adr/b.md`, `adr/b.md`, `other/place`, `node_modules/.bin`",
  '`npm run check`, `npm test`, `npm test -- journal audit`, `npm test -- -t "a name"`, `npx hub check --at DAY`',
])("what is there is accepted: %s", (line) => {
  expect(brokenIn(line)).toEqual([]);
});
