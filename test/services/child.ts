import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** A process of a test, whose output can be read. */
export interface Child extends ChildProcess {
  readonly stdout: Readable;
}

const tetherUrl = new URL("../../demo/tether.ts", import.meta.url).href;

/**
 * Starts a Node process that ends when this one does, in whatever way, so that a test that fails in the middle leaves none behind.
 *
 * @param args What follows `node`.
 */
export function startNode(args: readonly string[], env: Readonly<NodeJS.ProcessEnv> = process.env): Child {
  const child = spawn(process.execPath, ["--import", tetherUrl, ...args], { env, stdio: ["ignore", "pipe", "pipe", "ipc"] });
  passErrorsOn(child);
  if (!hasOutput(child)) throw new TypeError("The process has no output.");
  return child;
}

/**
 * Shows what a process says is wrong. It must not inherit this process's own stream for that: whoever reads the stream waits until the last one that has it is gone,
 * and the test runner waits for ever.
 */
export function passErrorsOn(child: ChildProcess): void {
  child.stderr?.pipe(process.stderr, { end: false });
}

function hasOutput(child: ChildProcess): child is Child {
  return child.stdout !== null;
}
