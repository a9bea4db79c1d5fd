import { createHash } from "node:crypto";
import { createCallSigner, createCallVerifier, createHubKey } from "../schema/contract.ts";
import { createImmigrationResolvers } from "../subgraphs/immigration/resolvers.ts";
import type { PersonRow } from "../subgraphs/immigration/tables.ts";
import { readTrafficFiles } from "../subgraphs/immigration/traffic.ts";
import { openAgreements } from "../subgraphs/kit/agreements.ts";
import type { Department } from "../subgraphs/kit/department.ts";
import { createLoader } from "../subgraphs/kit/loaders.ts";
import { createSilentLog } from "../subgraphs/kit/log.ts";
import { readTypeDefs } from "../subgraphs/kit/schema.ts";
import { serveSubgraph } from "../subgraphs/kit/serve.ts";
import { serveUnfenced } from "./unfenced.ts";

/*
 * The Immigration Department with its rows in memory, twice in one process: behind the first fence, and behind both. A parent that forked it is
 * told the ports, the processor time so far and a header to call with, and the same again for each message. It ends when the parent does.
 */

/** What the process tells its parent. */
export interface FencedReport {
  /** Port behind the first fence only. */
  readonly first: number;
  /** Port behind both fences. */
  readonly both: number;
  /** Processor time of the process since it started, in milliseconds. */
  readonly cpuMs: number;
  /** A good `hub-call` header. */
  readonly header: string;
}

/** References of the persons that the department knows. */
export const refs: readonly string[] = Array.from({ length: 1_000 }, (_, index) => `P${String(index).padStart(8, "0")}`);

const tokenLifetimeMs = 900_000;
const casePattern = "^HD-PRH-[0-9]{7}$";

async function createDepartment(): Promise<Department> {
  const rows = new Map(refs.map((ref) => [ref, rowOf(ref)]));
  const readRows = async (keys: readonly string[]): Promise<(PersonRow | null)[]> => keys.map((key) => rows.get(key) ?? null);
  return {
    name: "immigration",
    resolvers: createImmigrationResolvers(await readTrafficFiles()),
    createContext: () => ({ immigration: { person: createLoader(readRows) } }),
    close: () => Promise.resolve(),
  };
}

function rowOf(ref: string): PersonRow {
  const bytes = createHash("sha256").update(ref).digest();
  return {
    ref,
    hkid: "A123456(3)",
    name_en: `CHAN ${bytes.toString("hex", 0, 4)}`,
    name_tc: "陳大文",
    date_of_birth: `19${String(10 + ((bytes[0] ?? 0) % 90))}-01-01`,
    sex: (bytes[1] ?? 0) % 2 === 0 ? "F" : "M",
    resident_status: "PERMANENT",
    absences: Uint8Array.from({ length: 120 }, (_, month) => (bytes[month % bytes.length] ?? 0) % 28),
  };
}

async function main(): Promise<void> {
  const department = await createDepartment();
  const typeDefs = await readTypeDefs("immigration");
  const nowMs = Date.now;
  const { privateJwk, jwks } = await createHubKey();
  const signer = await createCallSigner({ privateJwk, lifetimeMs: tokenLifetimeMs, nowMs });
  const verifier = await createCallVerifier({ jwks, subgraph: "immigration", nowMs });
  const log = createSilentLog();
  const files = { policiesDir: "policies", supergraphFile: "schema/supergraph.graphql", subgraph: "immigration", pollMs: 5_000 };
  const agreements = await openAgreements({ ...files, log });
  const bundleHash = agreements.current().policy.bundle.hash;
  const first = await serveUnfenced({ department, typeDefs, verifier });
  const { port: both } = await serveSubgraph({ department, typeDefs, verifier, agreements, nowMs, port: 0, log });
  const call = { subgraph: "immigration", bureau: "housing", purpose: "prh-eligibility", entitlementId: "bench", bundleHash };
  const report = async (): Promise<void> => {
    const { user, system } = process.cpuUsage();
    const header = await signer.sign({ ...call, casePatterns: [casePattern] });
    process.send?.({ first, both, cpuMs: (user + system) / 1_000, header } satisfies FencedReport);
  };
  process.on("message", () => void report());
  process.once("disconnect", () => process.exit(0));
  await report();
}

if (import.meta.main) await main();
