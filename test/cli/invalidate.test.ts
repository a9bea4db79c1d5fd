import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { UsageError } from "../../cli/command.ts";
import { runInvalidate } from "../../cli/invalidate.ts";
import { createHubKey } from "../../schema/contract.ts";
import { createInvalidationVerifier, type InvalidationOrder } from "../../schema/invalidation.ts";
import { runCommand } from "./shell.ts";

let folder: string;
let key: Awaited<ReturnType<typeof createHubKey>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "invalidate-"));
  key = await createHubKey();
  await writeFile(join(folder, "key.json"), JSON.stringify(key.privateJwk));
  await writeFile(join(folder, "public.json"), JSON.stringify(key.jwks.keys[0]));
});
afterAll(() => rm(folder, { recursive: true }));

const sign = (...args: readonly string[]): ReturnType<typeof runCommand> =>
  runCommand(runInvalidate, "--subgraph", "transport", "--key", join(folder, "key.json"), ...args);

test.each<[readonly string[], InvalidationOrder["items"]]>([
  [["--all"], [{ all: true }]],
  [["--type", "CarPark"], [{ type: "CarPark" }]],
  [["--type", "CarPark", "--entity", '{"id":"tdc1p1"}'], [{ type: "CarPark", key: { id: "tdc1p1" } }]],
  [["--tag", "car-parks"], [{ tag: "car-parks" }]],
])("%j is signed as the hub takes it", async (args, items) => {
  const { status, output } = await sign(...args);
  const nowMs = (): number => Date.parse("2026-11-24T12:00:00+08:00");
  const verifier = await createInvalidationVerifier({ keys: new Map([["transport", key.jwks]]), nowMs });
  const { token } = JSON.parse(output) as { token: string };
  expect({ status, order: await verifier.verify(token) }).toMatchObject({ status: 0, order: { subgraph: "transport", items } });
});

test.each([
  [[]],
  [["--all", "--tag", "car-parks"]],
  [["--entity", "{}"]],
  [["--tag", "car-parks", "--entity", "{}"]],
  [["--type", "CarPark", "--entity", "[1]"]],
  [["--type", "CarPark", "--entity", "tdc1p1"]],
])("%j is wrong usage", async (args) => {
  await expect(sign(...args)).rejects.toThrow(UsageError);
});

test("without a department or a key it says what is needed", async () => {
  await expect(runCommand(runInvalidate, "--all")).rejects.toThrow("--subgraph and --key are needed");
});

test("a file that is no private key is named", async () => {
  const file = join(folder, "public.json");
  await expect(runCommand(runInvalidate, "--subgraph", "transport", "--key", file, "--all")).rejects.toThrow(`${file} is no private key`);
});
