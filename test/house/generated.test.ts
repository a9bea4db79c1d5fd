import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { demoSettingsSchema } from "../../demo/settings.ts";
import { listSettings } from "../../gateway/config.ts";
import { errorTable } from "../../gateway/core/errors.ts";
import { subgraphSettingsSchema } from "../../subgraphs/kit/settings.ts";
import { renderDocuments, renderTable } from "./documents.ts";

test.each(renderDocuments())("$path says what the code says; `npm run generate` writes it", ({ path, text }) => {
  expect(readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8")).toBe(text);
});

test.each([
  ["docs/errors.md", Object.keys(errorTable)],
  [
    "docs/config.md",
    [...listSettings().map(({ name }) => name), ...Object.keys(subgraphSettingsSchema.shape), ...Object.keys(demoSettingsSchema.shape)],
  ],
])("%s has a row for every entry of its table", (path, names) => {
  const text = renderDocuments().find((document) => document.path === path)?.text ?? "";
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  expect(names.length).toBeGreaterThan(10);
  expect(rows.map((row) => row.split("`")[1])).toEqual(names);
});

test("a bar in a table's cell does not make another cell", () => {
  expect(renderTable(["a"], [["withhold|refuse"]])).toEqual(["| a |", "|---|", "| withhold\\|refuse |"]);
});

test("docs/config.md says which settings are needed, and the default of the others", () => {
  const text = renderDocuments().find(({ path }) => path === "docs/config.md")?.text ?? "";
  expect(text).toMatch(/^\| `HUB_KEYS_FILE` \| {2}\| .* Needed\. \|$/m);
  expect(text).toMatch(/^\| `POPULATION` \| `20000` \| .* \|$/m);
});
