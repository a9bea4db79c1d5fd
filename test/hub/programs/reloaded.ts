import { readConfig } from "../../../gateway/config.ts";
import { startHub } from "../../../gateway/hub.ts";
import { createRuntime } from "../../../gateway/main.ts";
import { NOW_MS } from "../../identity/issuer.ts";

/*
 * A hub whose memory can be looked at: it is told what to do over its channel, and ends with it. Needs --expose-gc.
 */

const startMs = performance.now();
const runtime = { ...createRuntime(), nowMs: () => NOW_MS + Math.floor(performance.now() - startMs) };
const hub = await startHub({ config: readConfig(process.env), isUnrestricted: false, runtime });

process.on("message", (order) => {
  if (order === "reload") void hub.reload().then((result) => say({ result }));
  else if (order === "sample") say(sample());
});
process.once("disconnect", () => {
  void hub.close().finally(() => process.exit(0));
});
say({ url: hub.url });

function say(message: object): void {
  // Nobody may be listening any more.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function sample(): Record<string, number> {
  // Twice, as what the first collection finalizes only the second frees.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, rss, external } = process.memoryUsage();
  const processes = process.getActiveResourcesInfo().filter((name) => name === "ProcessWrap").length;
  return { heapUsed, rss, external, processes };
}
