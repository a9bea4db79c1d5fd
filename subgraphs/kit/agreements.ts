import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Problem } from "../../policies/engine/bundle.ts";
import { loadPolicies } from "../../policies/engine/load.ts";
import { parseBundle } from "../../policies/engine/parse.ts";
import type { Policy } from "../../policies/engine/policy.ts";
import { compileBundle } from "../../policies/engine/policy.ts";
import { readSupergraph } from "../../schema/supergraph.ts";
import type { Joins } from "./joins.ts";
import { readJoins } from "./joins.ts";
import type { Log } from "./log.ts";

/** A department's own copy of the agreements, held against its own copy of the supergraph. */
export interface OwnAgreements {
  readonly policy: Policy;
  readonly joins: Joins;
}

/** The agreements that a department decides by, kept up to date. */
export interface AgreementsSource {
  /** The last good ones. */
  current(): OwnAgreements;
  /**
   * Holds the hash that a call names against the own one. At a hash not seen before, the files are looked at once, since they may just have
   * changed; whatever comes of it, the own copy decides, and a difference that stays is logged once for each hash.
   *
   * @returns What to wait for before the call is judged; undefined when nothing.
   */
  compare(bundleHash: string): Promise<void> | undefined;
  close(): void;
}

/** Options of {@link openAgreements}. */
export interface AgreementsOptions {
  readonly policiesDir: string;
  readonly supergraphFile: string;
  readonly subgraph: string;
  /** How often the files are looked at, in milliseconds; what changed is taken up once two looks agree. 0 never looks. */
  readonly pollMs: number;
  readonly log: Log;
}

/** Hashes of the hub's that are remembered, so that each is logged once. */
const HASHES_MAX = 100;
const PROBLEMS_MAX = 20;
const FILES_MAX = 2_000;

/**
 * Reads a department's agreements and follows their changes. Agreements or a supergraph that are broken never replace good ones.
 *
 * @throws {Error} That says what can't be used and, of agreements, names each fault with file and line.
 */
export async function openAgreements(options: AgreementsOptions): Promise<AgreementsSource> {
  const { log, pollMs } = options;
  const state: State = { own: await readAgreements(options), taken: await signatureOf(options), seen: undefined, isLooking: false };
  const compared = new Map<string, Promise<void> | undefined>();
  const timer = pollMs === 0 ? undefined : setInterval(() => void poll(options, state), pollMs).unref();

  async function look(bundleHash: string): Promise<void> {
    // A faulty file is told by the look that finds it settled.
    const own = await readAgreements(options).catch(() => undefined);
    if (own?.policy.bundle.hash === bundleHash) take(options, state, own);
    else log.error("agreements-differ", { own: state.own.policy.bundle.hash, hub: bundleHash });
    compared.set(bundleHash, undefined);
  }

  return {
    current: () => state.own,
    compare(bundleHash) {
      if (bundleHash === state.own.policy.bundle.hash) return undefined;
      if (compared.has(bundleHash)) return compared.get(bundleHash);
      const oldest = compared.keys().next();
      if (compared.size >= HASHES_MAX && oldest.done !== true) compared.delete(oldest.value);
      const looking = look(bundleHash);
      compared.set(bundleHash, looking);
      return looking;
    },
    close: () => clearInterval(timer),
  };
}

interface State {
  own: OwnAgreements;
  /** Signature of the files that were taken or refused last. */
  taken: string;
  /** Signature of the last look, when it was a new one. */
  seen: string | undefined;
  isLooking: boolean;
}

async function poll(options: AgreementsOptions, state: State): Promise<void> {
  if (state.isLooking) return;
  state.isLooking = true;
  try {
    const signature = await signatureOf(options);
    const isSettled = signature === state.seen;
    state.seen = signature === state.taken ? undefined : signature;
    if (signature === state.taken || !isSettled) return;
    state.taken = signature;
    take(options, state, await readAgreements(options));
  } catch (error) {
    options.log.error("agreements-refused", { reason: error instanceof Error ? error.message : undefined });
  } finally {
    state.isLooking = false;
  }
}

function take({ log, subgraph }: AgreementsOptions, state: State, own: OwnAgreements): void {
  state.own = own;
  log.info("agreements-taken", { subgraph, bundle: own.policy.bundle.hash });
}

/** Whatever changes when a file is written, replaced, added or removed. */
async function signatureOf({ policiesDir, supergraphFile }: AgreementsOptions): Promise<string> {
  const entries = await readdir(policiesDir, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter(({ name }) => /\.ya?ml$/i.test(name)).map((entry) => join(entry.parentPath, entry.name));
  const marks = [...files.sort().slice(0, FILES_MAX), supergraphFile].map(async (file) => {
    const found = await stat(file, { bigint: true }).catch(() => undefined);
    return found === undefined ? `${file} -` : `${file} ${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
  });
  return (await Promise.all(marks)).join("\n");
}

async function readAgreements({ policiesDir, supergraphFile, subgraph }: AgreementsOptions): Promise<OwnAgreements> {
  const [sdl, files] = await Promise.all([
    readFile(supergraphFile, "utf8").catch((cause: unknown) => refuse(`SUPERGRAPH_FILE ${supergraphFile}`, cause)),
    loadPolicies(policiesDir).catch((cause: unknown) => refuse(`POLICIES_DIR ${policiesDir}`, cause)),
  ]);
  const graph = readGraph(sdl, { supergraphFile, subgraph });
  // Names that begin with a dot are editors', or versions of a mounted ConfigMap to which names without one lead.
  const parsed = parseBundle(files.filter(({ path }) => !path.split("/").some((part) => part.startsWith("."))));
  if (!parsed.ok) throw problemsError(policiesDir, parsed.problems);
  const compiled = compileBundle(parsed.bundle, graph.supergraph);
  if (!compiled.ok) throw problemsError(policiesDir, compiled.problems);
  return { policy: compiled.policy, joins: graph.joins };
}

function readGraph(sdl: string, { supergraphFile, subgraph }: Pick<AgreementsOptions, "supergraphFile" | "subgraph">) {
  try {
    return { supergraph: readSupergraph(sdl), joins: readJoins(sdl, subgraph) };
  } catch (cause) {
    return refuse(`SUPERGRAPH_FILE ${supergraphFile}`, cause);
  }
}

function refuse(what: string, cause: unknown): never {
  throw new Error(`${what} can't be used: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}

function problemsError(policiesDir: string, problems: readonly Problem[]): Error {
  const more = problems.length > PROBLEMS_MAX ? [`  and ${problems.length - PROBLEMS_MAX} more`] : [];
  const lines = problems.slice(0, PROBLEMS_MAX).map(({ file, line, message }) => `  ${join(policiesDir, file)}:${line}: ${message}`);
  return new Error(`The agreements (POLICIES_DIR) can't be used:\n${[...lines, ...more].join("\n")}`);
}
