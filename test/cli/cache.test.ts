import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runCache } from "../../cli/cache.ts";
import { UsageError } from "../../cli/command.ts";
import { runCommand } from "./shell.ts";

test.each([[["nothing"]], [[]], [["explain"]], [["shred"]], [["shred", "--level", "SECRET"]], [["explain", "--who", "me"]]])(
  "%j is wrong usage",
  async (args) => {
    await expect(runCommand(runCache, ...args)).rejects.toThrow(UsageError);
  },
);

async function explain(operation: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "explain-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "operation.graphql");
  await writeFile(file, operation);
  const { status, output } = await runCommand(runCache, "explain", "--operation", file);
  expect(status).toBe(0);
  return output;
}

test("explain says for how long, for whom and under which tags each call's reply is kept", async () => {
  const output = await explain(`{ carParks(first: 2) { id vacancy { spaces } } }`);
  expect(output).toContain("transport: {carParks(first: 2){");
  expect(output).toContain("  Query.carParks (OPEN), shared by all bureaus\n    carParks: 30 s\n    tags: car-parks, vacancies\n");
});

test("explain says that personal data is kept apart", async () => {
  const output = await explain(`{ person(ref: "p") { name { en } } }`);
  expect(output).toContain("  Query.person (RESTRICTED), apart for each bureau and purpose\n    person: 60 s\n");
});

test("explain says why nothing is kept", async () => {
  expect(await explain(`{ person(ref: "p") { hkid } }`)).toContain("not kept: Person.hkid may not be kept");
  expect(await explain(`{ vehicle(mark: "AA1") { make } }`)).toContain("not kept: no department says how long Query.vehicle may be kept");
});

test("an operation that isn't valid is refused with the reason", async () => {
  await expect(explain(`{ shoe }`)).rejects.toThrow('Cannot query field "shoe" on type "Query".');
});

test("shred says what is missing where there is no Redis", async () => {
  await expect(runCommand(runCache, "shred", "--level", "RESTRICTED")).rejects.toThrow("REDIS_URL isn't set");
});
