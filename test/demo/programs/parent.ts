import { createSupervisor } from "../../../demo/supervisor.ts";

/* A supervisor of one child, to be killed. Arguments: log folder, port. It prints the child's pid and waits. */

const [, , logDirectory = "", port = ""] = process.argv;
const supervisor = createSupervisor({ logDirectory, readyTimeoutMs: 10_000, stopMs: 1_000, backoffMs: 10, say: () => undefined });
await supervisor.start({
  name: "child",
  args: ["test/demo/programs/child.ts"],
  heapMb: 64,
  env: { PORT: port },
  port: Number(port),
  portSetting: "PORT",
  readyUrl: `http://127.0.0.1:${port}/`,
});
process.stdout.write(`pid ${supervisor.pids().get("child")}\n`);
setInterval(() => undefined, 1_000);
