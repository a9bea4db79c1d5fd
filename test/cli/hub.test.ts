import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Ran } from "./shell.ts";
import { root } from "./shell.ts";

/** Every test starts a process or two, which takes its time on a busy machine. */
vi.setConfig({ testTimeout: 120_000 });

interface Launch {
  readonly script?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

function launch(args: readonly string[], { script = join(root, "cli/hub.js"), environment = {} }: Launch = {}): ChildProcess {
  return spawn(process.execPath, [script, ...args], {
    cwd: tmpdir(),
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 110_000,
  });
}

async function outcomeOf(child: ChildProcess): Promise<Ran> {
  if (child.stdout === null || child.stderr === null) throw new Error("The child has no pipes.");
  const [[status], output, errors] = await Promise.all([once(child, "exit"), text(child.stdout), text(child.stderr)]);
  return { status: Number(status), output, errors };
}

/** The launcher alone in a package of its own, whose Node is this one and whose command does what the test needs. */
async function createPackage(command: string, hasNode: boolean): Promise<Launch> {
  const folder = await mkdtemp(join(tmpdir(), "launcher-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "cli"));
  await mkdir(join(folder, "node_modules/.bin"), { recursive: true });
  await cp(join(root, "cli/hub.js"), join(folder, "cli/hub.js"));
  if (hasNode) await symlink(process.execPath, join(folder, "node_modules/.bin/node"));
  await Promise.all([
    writeFile(join(folder, "package.json"), '{ "type": "module" }'),
    writeFile(join(folder, "cli/hub.ts"), command),
    // Makes the launcher believe that it runs on an old Node, and nothing that it starts.
    writeFile(
      join(folder, "old.cjs"),
      'delete process.env.NODE_OPTIONS; Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.1.0" } });',
    ),
  ]);
  return { script: join(folder, "cli/hub.js"), environment: { NODE_OPTIONS: `--require ${join(folder, "old.cjs")}` } };
}

test.each([
  ["no command", [], "hub: name a command."],
  ["an unknown command", ["destroy"], 'hub: there is no command "destroy".'],
  ["an unknown option", ["check", "--everything"], "hub check: Unknown option '--everything'"],
])("hub with %s shows its usage and ends with 2", async (_what, args, message) => {
  const { status, output, errors } = await outcomeOf(launch(args));
  expect({ status, output }).toEqual({ status: 2, output: "" });
  expect(errors).toContain(message);
  expect(errors).toContain("Usage: hub");
});

test("hub ends with 1 and one line when a command can't do its work", async () => {
  const { status, errors } = await outcomeOf(launch(["matrix", "--schema", "/nowhere"]));
  expect(status).toBe(1);
  expect(errors).toMatch(/^hub matrix: ENOENT.*\n$/);
});

test("hub lists its commands", async () => {
  const { status, output } = await outcomeOf(launch(["--help"]));
  expect(status).toBe(0);
  for (const name of ["check", "compose", "explain", "matrix", "serve", "token"]) expect(output).toMatch(new RegExp(`^ {2}${name} `, "m"));
});

test("hub works from any folder", async () => {
  const { status, output } = await outcomeOf(
    launch(["explain", "--bureau", "housing", "--purpose", "prh-eligibility", "--field", "Person.hkid", "--at", "2026-11-24"]),
  );
  expect(status).toBe(0);
  expect(output).toContain("an agreement withholds it, whatever others share.");
});

test("on an old Node the launcher hands arguments, output and status over to the package's own Node", async () => {
  const launcher = await createPackage(
    "const args: string[] = process.argv.slice(2); console.log(process.versions.node, ...args); process.exitCode = 7;",
    true,
  );
  const { status, output } = await outcomeOf(launch(["a b", "--c"], launcher));
  expect({ status, output }).toEqual({ status: 7, output: `${process.versions.node} a b --c\n` });
});

test("on an old Node without the package's own Node the launcher says what to do", async () => {
  const { status, errors } = await outcomeOf(launch(["check"], await createPackage("", false)));
  expect(status).toBe(1);
  expect(errors).toContain('hub needs Node 24 or later; this is Node 20.1.0. Run "npm ci"');
});

test("the launcher hands signals over and waits for a clean end", async () => {
  const command =
    'process.on("SIGTERM", () => { console.log("closing"); process.exit(3); }); setInterval(() => {}, 1000); console.log("ready");';
  const child = launch([], await createPackage(command, true));
  child.stdout?.once("data", () => child.kill("SIGTERM"));
  const { status, output } = await outcomeOf(child);
  expect({ status, output }).toEqual({ status: 3, output: "ready\nclosing\n" });
});

test("a command that a signal ends gives the launcher the status of that signal", async () => {
  const { status } = await outcomeOf(launch([], await createPackage('process.kill(process.pid, "SIGKILL");', true)));
  expect(status).toBe(128 + 9);
});

describe("a hub that serves has room for what requests bring", () => {
  const command =
    "const { execArgv: flags, pid, env, argv } = process; console.log(JSON.stringify({ flags, pid, kept: env.MALLOC_TRIM_THRESHOLD_, args: argv.slice(2) }));";
  const youngFlags = ["--min-semi-space-size=32", "--max-semi-space-size=32", "--no-allocation-site-pretenuring"];
  const kept = "33554432";

  test("and is the process that was started", async () => {
    const { script = "" } = await createPackage(command, true);
    const child = launch(["serve", "--port", "0"], { script });
    const { status, output } = await outcomeOf(child);
    expect({ status, ...JSON.parse(output) }).toEqual({
      status: 0,
      flags: youngFlags,
      kept,
      pid: child.pid,
      args: ["serve", "--port", "0"],
    });
  });

  test.each<[string, string, Readonly<Record<string, string>>]>([
    ["the operator sets a size", "serve", { NODE_OPTIONS: "--max-semi-space-size=8" }],
    ["the command is another", "check", {}],
  ])("unless %s", async (_, name, environment) => {
    const { script = "" } = await createPackage(command, true);
    const { output } = await outcomeOf(launch([name], { script, environment }));
    expect(JSON.parse(output)).toMatchObject({ flags: [], args: [name] });
  });

  test("of which the operator decides how much the C library keeps", async () => {
    const { script = "" } = await createPackage(command, true);
    const { output } = await outcomeOf(launch(["serve"], { script, environment: { MALLOC_TRIM_THRESHOLD_: "131072" } }));
    expect(JSON.parse(output)).toMatchObject({ flags: youngFlags, kept: "131072" });
  });

  test("also on an old Node", async () => {
    const { output } = await outcomeOf(launch(["serve"], await createPackage(command, true)));
    expect(JSON.parse(output)).toMatchObject({ flags: youngFlags, kept, args: ["serve"] });
  });
});
