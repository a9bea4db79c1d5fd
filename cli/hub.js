#!/usr/bin/env node
// Starts the `hub` command. The command is TypeScript that Node 24 runs as it is; a shell's own Node may be older, and then this hands over to
// the Node that `npm ci` put into the package.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { constants } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";

const needed = 24;

// The young generation of a hub that serves: what requests bring is to be made and to die there, not in the old one (docs/adr/0016-nothing-of-a-request-grows-old.md).
const youngFlags = ["--min-semi-space-size=32", "--max-semi-space-size=32", "--no-allocation-site-pretenuring"];

// What glibc is to keep of memory that a large answer took, for the next one; other C libraries know no such names.
const keptMemory = { MALLOC_MMAP_THRESHOLD_: "33554432", MALLOC_TRIM_THRESHOLD_: "33554432", MALLOC_ARENA_MAX: "2" };

if (Number(process.versions.node.split(".")[0]) >= needed) {
  if (process.argv[2] === "serve") prepareMemory();
  // Everything loaded after this line keeps its compiled code for the next start, also what type stripping left of a TypeScript file.
  enableCompileCache();
  await import("./hub.ts");
} else {
  handOver(fileURLToPath(new URL("../node_modules/.bin/node", import.meta.url)));
}

/** Puts this process in the place of one with room for what requests bring: V8 and glibc look at their start alone. Whoever sets a size himself keeps it. */
function prepareMemory() {
  const given = [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""];
  // Not every system can do it, and a channel to a parent would be lost. It works without, if slower.
  if (process.execve === undefined || process.channel !== undefined || given.some((flag) => flag.includes("semi-space-size"))) return;
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...youngFlags, ...process.argv.slice(1)], {
    ...keptMemory,
    ...process.env,
  });
}

/** @param {string} node Path of the Node to run the command with. */
function handOver(node) {
  if (!existsSync(node)) {
    console.error(`hub needs Node ${needed} or later; this is Node ${process.versions.node}. Run "npm ci" in the project's folder first.`);
    process.exitCode = 1;
    return;
  }
  const isServing = process.argv[2] === "serve";
  const child = spawn(
    node,
    [...(isServing ? youngFlags : []), fileURLToPath(new URL("hub.ts", import.meta.url)), ...process.argv.slice(2)],
    {
      stdio: "inherit",
      env: { ...(isServing ? keptMemory : {}), ...process.env },
    },
  );
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the child as well; a second one would mean "now, at once".
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("error", (error) => {
    console.error(`hub: ${error.message}`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  });
}
