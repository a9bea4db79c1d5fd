import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { startFederation } from "../federation/harness.ts";
import { root } from "./shell.ts";

interface LogLine {
  readonly event: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A running `hub serve --unrestricted`, with what it logs. It ends with the test. */
async function serve(supergraphSdl: string): Promise<{ readonly url: string; next(event: string): Promise<LogLine> }> {
  const folder = await mkdtemp(join(tmpdir(), "serve-"));
  const supergraphFile = join(folder, "supergraph.graphql");
  await writeFile(supergraphFile, supergraphSdl);
  const args = [join(root, "cli/hub.js"), "serve", "--supergraph", supergraphFile, "--port", "0", "--unrestricted"];
  const child: ChildProcess = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"], timeout: 60_000 });
  const ended = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true });
  });
  if (child.stdout === null) throw new Error("The hub has no output.");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (event: string): Promise<LogLine> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`The hub ended before it logged ${event}.`);
    const line = value.startsWith("{") ? (JSON.parse(value) as LogLine) : undefined;
    return line?.event === event ? line : next(event);
  };
  return { url: `${String((await next("hub.listening")).facts["url"])}/graphql`, next };
}

test("an operation for which the planner has no plan is refused with what to do, and the log has the planner's words", async () => {
  const federation = await startFederation({
    library: {
      sdl: `type Query { item: Item @shareable } interface Item @key(fields: "id") { id: ID! title: String } type Book implements Item @key(fields: "id") { id: ID! title: String }`,
    },
    shelves: {
      sdl: `type Query { item: Item @shareable } type Item @key(fields: "id", resolvable: false) @interfaceObject { id: ID! shelf: String @shareable }`,
    },
  });
  onTestFinished(() => federation.close());
  const hub = await serve(federation.supergraphSdl);
  const response = await fetch(hub.url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ item { ... on Book { id shelf } } }" }),
  });
  const text = await response.text();
  const { errors } = JSON.parse(text) as {
    readonly errors: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
  };
  expect(response.status).toBe(400);
  expect(errors.map(({ extensions }) => extensions.code)).toEqual(["OPERATION_NOT_SUPPORTED"]);
  expect(text).not.toContain("Failed to plan");
  const logged = await hub.next("request.unplanned");
  expect(logged.facts["error"]).toContain("Failed to plan");
});
