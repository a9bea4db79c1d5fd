import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { JWK } from "jose";
import { readSupergraph, type Supergraph } from "../schema/supergraph.ts";
import type { Clock } from "./core/ports.ts";

/** What the hub takes from its process: the clock and randomness. */
export interface Runtime {
  readonly nowMs: Clock;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
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

/**
 * Reads the supergraph that the hub serves.
 *
 * @throws {StartError} that names the file and what to do.
 */
export async function loadSupergraph(file: string): Promise<Supergraph> {
  const sdl = await readText(file, "the supergraph (SUPERGRAPH_FILE or --supergraph)");
  try {
    return readSupergraph(sdl);
  } catch (error) {
    throw new StartError(`The supergraph ${resolve(file)} can't be served: ${messageOf(error)}`, error);
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
