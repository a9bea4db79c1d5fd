import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readConfig } from "../../gateway/config.ts";
import { type Hub, startHub } from "../../gateway/hub.ts";
import { createRuntime } from "../../gateway/main.ts";

/** The graph of the departments. */
export const supergraphFile = fileURLToPath(new URL("../../schema/supergraph.graphql", import.meta.url));

/** What a hub answered. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly data: unknown;
  readonly errors: readonly { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }[];
}

/** A hub without agreements and without departments behind it: enough for all that is decided before a department is asked. */
export interface BareHub {
  readonly url: string;
  send(init: RequestInit, search?: string): Promise<Reply>;
  /** By POST, as JSON. */
  post(body: unknown): Promise<Reply>;
  /** Writes a file of the hub's folder anew. */
  write(name: string, text: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts a bare hub. @param files Written to a folder of the hub's own; a setting `FOLDER/name` names one. */
export async function startBareHub(
  settings: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<BareHub> {
  const folder = await mkdtemp(join(tmpdir(), "bare-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const placed = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, value.replace("FOLDER", folder)]));
  const config = readConfig({ HUB_PORT: "0", SUPERGRAPH_FILE: supergraphFile, LOG_LEVEL: "silent", ...placed });
  let hub: Hub;
  try {
    hub = await startHub({ config, isUnrestricted: true, runtime: createRuntime() });
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
  const url = `${hub.url}/graphql`;
  const send: BareHub["send"] = async (init, search = "") => {
    const response = await fetch(`${url}${search}`, { signal: AbortSignal.timeout(20_000), ...init });
    const text = await response.text();
    const { data, errors = [] } = JSON.parse(text) as Partial<Reply>;
    return { status: response.status, headers: response.headers, text, data, errors };
  };
  return {
    url,
    send,
    post: (body) =>
      send({
        method: "POST",
        headers: { "content-type": "application/json" },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    write: (name, text) => writeFile(join(folder, name), text),
    async close(): Promise<void> {
      await hub.close();
      await rm(folder, { recursive: true });
    },
  };
}
