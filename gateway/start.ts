import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { JWK } from "jose";
import { SupergraphError } from "../schema/errors.ts";
import { readSupergraph, type Supergraph } from "../schema/supergraph.ts";
import type { Clock, LoadMeter } from "./core/ports.ts";

/** What the hub takes from its process: the clock and randomness. */
export interface Runtime {
  readonly nowMs: Clock;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
  readonly meterLoad: LoadMeter;
  readonly random: () => number;
  readonly newRequestId: () => string;
  readonly newSecret: () => Uint8Array;
}

/** Something that keeps the hub from starting, told to whoever starts it. */
export class StartError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "StartError";
  }
}

/** Why a supergraph, agreements or trusted documents can't be served; a closed list. `GET /ready` shows it to everybody, so it quotes nothing. */
export type SourceFault =
  | "SUPERGRAPH_UNREADABLE"
  | "SUPERGRAPH_INVALID"
  | "FIELDS_UNCLASSIFIED"
  | "AGREEMENTS_UNREADABLE"
  | "AGREEMENTS_INVALID"
  | "DOCUMENTS_UNREADABLE"
  | "DOCUMENTS_INVALID"
  | "ADDRESSES_INVALID"
  | "PLANNER_REFUSED";

/** A supergraph, agreements or trusted documents that can't be served. */
export class SourceError extends StartError {
  readonly fault: SourceFault;
  /** `file:line`, the file below its folder. */
  readonly places: readonly string[];

  constructor(
    message: string,
    { fault, places = [], cause }: { readonly fault: SourceFault; readonly places?: readonly string[]; readonly cause?: unknown },
  ) {
    super(message, cause);
    this.name = "SourceError";
    this.fault = fault;
    this.places = places;
  }
}

/**
 * Reads the text of the supergraph that the hub serves.
 *
 * @throws {SourceError} that names the file and what to do.
 */
export async function readSupergraphText(file: string): Promise<string> {
  try {
    return await readText(file, "the supergraph (SUPERGRAPH_FILE or --supergraph)");
  } catch (cause) {
    throw new SourceError(messageOf(cause), { fault: "SUPERGRAPH_UNREADABLE", places: [basename(file)], cause });
  }
}

const contextHelp = "it uses `@context`, which the hub does not support; take `@context` and `@fromContext` out of the subgraphs.";

/**
 * Reads a supergraph's text.
 *
 * @throws {SourceError} that names the file and what to do.
 */
export function parseSupergraph(file: string, sdl: string): Supergraph {
  try {
    // The planner leaves arguments that `@fromContext` fills empty: better refused than answered wrongly.
    if (/@(?:link|core)\(\s*(?:url|feature):\s*"https:\/\/specs\.apollo\.dev\/context\//.test(sdl)) throw new Error(contextHelp);
    return readSupergraph(sdl);
  } catch (cause) {
    const line = cause instanceof SupergraphError ? cause.line : undefined;
    const places = [line === undefined ? basename(file) : `${basename(file)}:${line}`];
    throw new SourceError(`The supergraph ${resolve(file)} can't be served: ${messageOf(cause)}`, {
      fault: "SUPERGRAPH_INVALID",
      places,
      cause,
    });
  }
}

/**
 * Reads the hub's signing key.
 *
 * @throws {StartError} that says how to make one.
 */
export async function loadHubKey(file: string): Promise<JWK> {
  const text = await readText(file, "the hub's key (HUB_KEY_FILE; `npm start` makes one)");
  try {
    const key: unknown = JSON.parse(text);
    if (typeof key === "object" && key !== null && "kty" in key && "d" in key) return key as JWK;
  } catch (error) {
    throw new StartError(`The hub's key ${resolve(file)} is not JSON.`, error);
  }
  throw new StartError(`The hub's key ${resolve(file)} is not a private JWK.`);
}

async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new StartError(`Can't read ${what} at ${resolve(file)}: ${messageOf(error)}`, error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What to print when the hub doesn't start: a message for faults of the setup, a stack for the hub's own. */
export function describeStartError(error: unknown): string {
  if (error instanceof StartError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
