import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ReloadResult } from "../../gateway/reload.ts";
import { passErrorsOn } from "../services/child.ts";

/** Memory of a hub's process after a garbage collection, in bytes, and the processes that it has started. */
export interface Sample {
  readonly heapUsed: number;
  readonly rss: number;
  readonly external: number;
  readonly processes: number;
}

/** A hub in a process of its own. */
export interface InspectedHub {
  readonly url: string;
  reload(): Promise<ReloadResult>;
  sample(): Promise<Sample>;
  close(): Promise<void>;
}

const answerMs = 60_000;

/** Starts a hub that can be looked into. */
export async function startInspected(environment: Readonly<Record<string, string>>): Promise<InspectedHub> {
  const child = fork(fileURLToPath(new URL("programs/reloaded.ts", import.meta.url)), [], {
    env: { PATH: process.env["PATH"], ...environment },
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  passErrorsOn(child);
  const { url } = (await answerOf(child)) as { readonly url: string };
  return {
    url,
    async reload(): Promise<ReloadResult> {
      child.send("reload");
      return ((await answerOf(child)) as { readonly result: ReloadResult }).result;
    },
    async sample(): Promise<Sample> {
      child.send("sample");
      return (await answerOf(child)) as Sample;
    },
    async close(): Promise<void> {
      if (child.exitCode !== null) return;
      const ended = once(child, "exit", { signal: AbortSignal.timeout(answerMs) });
      child.disconnect();
      await ended;
    },
  };
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const control = new AbortController();
  const signal = AbortSignal.any([control.signal, AbortSignal.timeout(answerMs)]);
  const ended = once(child, "exit", { signal }).then(() => {
    throw new Error("The hub's process has ended.");
  });
  ended.catch(() => undefined);
  try {
    const [answer] = (await Promise.race([once(child, "message", { signal }), ended])) as [unknown];
    return answer;
  } finally {
    control.abort();
  }
}
