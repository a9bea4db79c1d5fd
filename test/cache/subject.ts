import type { CacheEngine } from "../../gateway/cache/engine.ts";
import { buildTown, type Town } from "./town.ts";

/** An engine under test. */
export interface Subject {
  readonly engine: CacheEngine;
  /** Moves the engine's clock. */
  readonly advance: (ms: number) => void;
}

/** Makes an engine that keeps nothing yet. */
export type Open = () => Promise<Subject>;

/** Builds a town on an engine. */
export async function openTown(open: Open): Promise<Subject & { readonly town: Town }> {
  const subject = await open();
  return { ...subject, town: buildTown(subject.engine) };
}

/** The departments of some calls. */
export function subgraphsOf(calls: readonly string[]): string[] {
  return calls.map((call) => call.slice(0, call.indexOf(" ")));
}
