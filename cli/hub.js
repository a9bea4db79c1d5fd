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

if (Number(process.versions.node.split(".")[0]) >= needed) {
  // Everything loaded after this line keeps its compiled code for the next start, also what type stripping left of a TypeScript file.
  enableCompileCache();
  await import("./hub.ts");
} else {
  handOver(fileURLToPath(new URL("../node_modules/.bin/node", import.meta.url)));
}

/** @param {string} node Path of the Node to run the command with. */
function handOver(node) {
  if (!existsSync(node)) {
    console.error(`hub needs Node ${needed} or later; this is Node ${process.versions.node}. Run "npm ci" in the project's folder first.`);
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, [fileURLToPath(new URL("hub.ts", import.meta.url)), ...process.argv.slice(2)], { stdio: "inherit" });
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
