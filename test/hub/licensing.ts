import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createHubKey } from "../../schema/contract.ts";
import { claims, createKey, sign, startIssuer } from "../identity/issuer.ts";
import { type Answer, type Ask, askHub } from "./ask.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const agreementFile = "agreements/transport-own-licensing.yaml";

/** The question of these tests. */
export const vehicleOperation = 'query Vehicle { vehicle(mark: "AB1234") { class make } }';

/** Files, keys, an issuer and a stand-in for the department of transport, for a hub that a test starts itself. */
export interface Licensing {
  readonly folder: string;
  readonly supergraphFile: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Awaited before the department answers, if set. */
  hold: (() => Promise<void>) | undefined;
  /** Calls that the department got. */
  readonly calls: () => number;
  /** Connections to the department that are open. */
  readonly connections: () => Promise<number>;
  ask(hubUrl: string, ask?: Ask): Promise<Answer>;
  /** A good token of the client; changed claims replace its own. */
  token(changes: Readonly<Record<string, unknown>>): Promise<string>;
  /** The agreement's version 1 shares a vehicle's class, version 2 its make as well. Written whole, under another name first. */
  writeAgreement(version: 1 | 2): Promise<void>;
  write(path: string, text: string): Promise<void>;
  /** Writes the supergraph: with another field of vehicles, and with a comment that makes its hash another one. */
  writeSupergraph(changes: { readonly field?: string; readonly comment?: string }): Promise<void>;
  close(): Promise<void>;
}

/** Prepares them in a folder of its own. */
export async function openLicensing(settings: Readonly<Record<string, string>> = {}): Promise<Licensing> {
  const folder = await mkdtemp(join(tmpdir(), "licensing-"));
  const state = { hold: undefined as Licensing["hold"], calls: 0 };
  await mkdir(join(folder, "policies"));
  for (const name of ["agreements", "applications.yaml", "purposes.yaml"])
    await cp(join(root, "policies", name), join(folder, "policies", name), { recursive: true });
  await writeFile(join(folder, "hub.json"), JSON.stringify((await createHubKey()).privateJwk));
  const sdl = await readFile(join(root, "schema/supergraph.graphql"), "utf8");
  const agreement = await readFile(join(root, "policies", agreementFile), "utf8");
  const key = await createKey("licensing", "ES256");
  const issuer = await startIssuer(key);
  const department = await startDepartment(state);
  const supergraphFile = join(folder, "supergraph.graphql");
  const replace = async (path: string, text: string): Promise<void> => {
    await writeFile(join(folder, "next"), text);
    await rename(join(folder, "next"), path);
  };
  const licensing: Licensing = {
    folder,
    supergraphFile,
    environment: environmentOf({ folder, supergraphFile, jwksUrl: issuer.url, department, settings }),
    get hold() {
      return state.hold;
    },
    set hold(hold) {
      state.hold = hold;
    },
    calls: () => state.calls,
    connections: () => new Promise((resolve) => department.getConnections((_error, count) => resolve(count))),
    ask: (url, ask) =>
      askHub(
        { url, token: (changes) => sign(key, claims(changes)) },
        { client: "transport-licensing", caseReference: null, operation: vehicleOperation, ...ask },
      ),
    token: (changes) => sign(key, claims({ client_id: "transport-licensing", ...changes })),
    writeAgreement: (version) => replace(join(folder, "policies", agreementFile), agreementOf(agreement, version)),
    write: (path, text) => replace(join(folder, "policies", path), text),
    writeSupergraph: ({ field, comment = "" }) => replace(supergraphFile, `# ${comment}\n${sdlOf(sdl, field)}`),
    async close(): Promise<void> {
      await issuer.close();
      department.closeAllConnections();
      await new Promise((resolve) => department.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
  await licensing.writeAgreement(1);
  await licensing.writeSupergraph({});
  return licensing;
}

async function startDepartment(state: { hold: Licensing["hold"]; calls: number }): Promise<Server> {
  const server = createServer((request, response) => {
    state.calls += 1;
    request.resume().once("end", () => {
      void Promise.resolve(state.hold?.()).then(() =>
        response
          .writeHead(200, { "content-type": "application/json" })
          .end('{"data":{"vehicle":{"__typename":"Vehicle","class":"TAXI","make":"Acme","colour":"red"}}}'),
      );
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

interface Setup {
  readonly folder: string;
  readonly supergraphFile: string;
  readonly jwksUrl: string;
  readonly department: Server;
  readonly settings: Readonly<Record<string, string>>;
}

function environmentOf({ folder, supergraphFile, jwksUrl, department, settings }: Setup): Readonly<Record<string, string>> {
  return {
    HUB_PORT: "0",
    SUPERGRAPH_FILE: supergraphFile,
    SUBGRAPH_URLS: JSON.stringify({ transport: `http://127.0.0.1:${(department.address() as AddressInfo).port}/graphql` }),
    POLICIES_DIR: join(folder, "policies"),
    HUB_KEY_FILE: join(folder, "hub.json"),
    JOURNAL_DIR: join(folder, "journal"),
    ISSUER: "https://issuer.example",
    JWKS_URL: jwksUrl,
    EXPLORER_DIR: join(folder, "explorer"),
    LOG_LEVEL: "silent",
    ...settings,
  };
}

function agreementOf(text: string, version: 1 | 2): string {
  const changed = text.replace(/^version: .*$/m, `version: ${version}`);
  const shared = version === 2 ? changed : changed.replace("Vehicle.make, ", "");
  if (changed === shared && version === 1) throw new Error(`${agreementFile} shares no Vehicle.make that could be taken away.`);
  return shared;
}

function sdlOf(sdl: string, field: string | undefined): string {
  if (field === undefined) return sdl;
  const changed = sdl.replace(/^( +)make: String( .*)?$/m, `$&\n$1${field}: String$2`);
  if (changed === sdl) throw new Error("The supergraph has no Vehicle.make beside which a field could stand.");
  return changed;
}
