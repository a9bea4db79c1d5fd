import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { writeDirectory } from "./directory.ts";
import { createProvider } from "./provider.ts";
import { loadSecrets } from "./secrets.ts";
import { createIdentityServer } from "./server.ts";

/*
 * The demonstration's identity provider: `node demo/identity/main.ts --port 4300`.
 * Environment: DATA_DIR (default `.data`), HUB_URL (default `http://127.0.0.1:4000`), AUDIENCE (default `crossharbour`).
 */

const settingsSchema = z.object({
  DATA_DIR: z.string().min(1).default(".data"),
  HUB_URL: z.url({ protocol: /^https?$/ }).default("http://127.0.0.1:4000"),
  AUDIENCE: z.string().min(1).default("crossharbour"),
});
const stopMs = 2_000;

const { values } = parseArgs({ options: { port: { type: "string", default: "4300" } } });
const port = z.coerce.number().int().min(1).max(65_535).parse(values.port);
const settings = settingsSchema.parse(process.env);
const directory = join(settings.DATA_DIR, "identity");
const issuer = `http://127.0.0.1:${port}`;
const explorerUrl = new URL("/explorer", settings.HUB_URL).href;
const secrets = await loadSecrets(directory);
const provider = createProvider({ issuer, explorerUrl, audience: settings.AUDIENCE, secrets });
const server = createIdentityServer({ provider, issuer, explorerUrl });
server.listen(port, "127.0.0.1");
await once(server, "listening");
await writeDirectory(directory, { issuer, explorerUrl, clientSecrets: secrets.clientSecrets });
console.log(`identity: demonstration only, ${issuer}`);

const stop = (): void => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), stopMs).unref();
};
process.once("SIGTERM", stop);
process.once("SIGINT", stop);
