import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

/** What a program printed and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** A started program. */
export interface Program {
  /** The address it printed. */
  readonly url: string;
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<Ended>;
}

/** Patience for a busy machine; a program alone needs less than a second. */
const readyMs = 60_000;

/** Time limit for tests that run programs, in milliseconds. */
export const programTestMs = 90_000;

/** Starts a program of the repository and waits until it prints where it listens. */
export async function startProgram(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Program> {
  const { child, output } = launch(file, args, env);
  const ended = once(child, "exit").then(([code]) => code as number | null);
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${file} was not up in time: ${output()}`));
    }, readyMs);
    child.once("exit", () => reject(new Error(`${file} ended: ${output()}`)));
    child.stdout?.on("data", () => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output());
      if (found === null) return;
      clearTimeout(timer);
      resolve(found[0]);
    });
  });
  return {
    url,
    stop: async () => {
      child.kill("SIGTERM");
      return { code: await ended, output: output() };
    },
  };
}

/** Runs a program that is expected to end by itself. */
export async function runProgram(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const { child, output } = launch(file, args, env);
  const timer = setTimeout(() => child.kill("SIGKILL"), readyMs);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(timer);
  if (code === null) throw new Error(`${file} did not end in time: ${output()}`);
  return { code, output: output() };
}

/** Holds a free port of 127.0.0.1 until `release` is called. */
export async function holdPort(): Promise<{ readonly port: number; release(): Promise<void> }> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("A listening server has an address.");
  return {
    port: address.port,
    release: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

function launch(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): { child: ChildProcess; output: () => string } {
  let text = "";
  const child = spawn(process.execPath, [file, ...args], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  return { child, output: () => text };
}
