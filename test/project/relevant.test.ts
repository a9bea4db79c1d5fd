import { expect, test } from "vitest";
import type { Problem } from "../../gateway/core/problem.ts";
import { relevantProblems } from "../../gateway/project/relevant.ts";

function relevant(answer: unknown, ...paths: string[]): string[] {
  const problems = paths.map((path): Problem => ({ code: "SUBGRAPH_ERROR", path: path.split("/"), subgraph: "a" }));
  return relevantProblems(problems, Buffer.from(JSON.stringify(answer))).map(({ path }) => path.join("/"));
}

test("a problem of a field that the answer does not have is left out", () => {
  expect(relevant({ flat: { id: "1" } }, "flat/rent", "shop")).toEqual([]);
  expect(relevant({ flats: [{ id: "1" }, { id: "2" }] }, "flats/@/rent")).toEqual([]);
});

test("a problem is kept where a null stands for what failed, at or above its path", () => {
  expect(relevant({ flat: { rent: null }, shop: null }, "flat/rent", "shop/trade")).toEqual(["flat/rent", "shop/trade"]);
  expect(relevant(null, "flat/rent")).toEqual(["flat/rent"]);
});

test("in lists one object that has the field is enough", () => {
  expect(relevant({ things: [{ id: "1" }, { rent: null }] }, "things/@/rent")).toEqual(["things/@/rent"]);
  expect(relevant({ rows: [[{ rent: 1 }], null] }, "rows/@/@/rent")).toEqual(["rows/@/@/rent"]);
});

test("an inherited name is no field", () => {
  expect(relevant({ flat: { id: "1" } }, "flat/constructor")).toEqual([]);
});
