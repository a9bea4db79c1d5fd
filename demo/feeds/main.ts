import { readPort, run, serve } from "../rest/serve.ts";
import { readFeedData } from "./data.ts";
import { createFeeds } from "./server.ts";

const defaultPort = 4202;

async function main(): Promise<void> {
  const port = readPort(process.argv.slice(2), defaultPort);
  await serve({ name: "Open data feeds", app: createFeeds({ data: await readFeedData(), nowMs: Date.now }), port });
}

run(main);
