import type { Answer } from "../core/answer.ts";
import type { HubRequest, Pipeline } from "./answer.ts";

/** Everything that depends on one supergraph and one bundle of agreements. */
export interface Replaceable {
  /** 1 for what the hub started with; one more after each switch. */
  readonly number: number;
  readonly pipeline: Pipeline;
  /** Closes what it alone uses. Called once, when nothing runs on it any more or its time is up. */
  close(): Promise<void>;
}

/** One use of a generation. It stays open until it is given back, at the longest until its time to drain is up. */
export interface Lease {
  readonly generation: number;
  readonly pipeline: Pipeline;
  /** May be called again. */
  release(): void;
}

/** The pipeline in use: what begins on a generation ends on it, what comes after a switch begins on the next. */
export interface SwitchedPipeline extends Pipeline {
  /** The generation that a request would begin on now. What lasts longer than a request compares it, to judge anew. */
  generation(): number;
  /** For work in several steps that must all run on one generation. Take a new one for each event of what has no end. */
  lease(): Lease;
  /** @param listener Told after each switch. @returns A function that ends it. */
  onSwitch(listener: (generation: number) => void): () => void;
}

/** The generations that are open. */
export interface Switch<Generation extends Replaceable> extends SwitchedPipeline {
  current(): Generation;
  /** Resolves when new requests begin on `next`. Waits for a place when too many older ones still drain. */
  switchTo(next: Generation): Promise<void>;
  /** How many are open: the one in use and those that drain. */
  openCount(): number;
  /** Closes all at once. May be called again. */
  close(): Promise<void>;
}

/** What the switch starts with. */
export interface SwitchOptions<Generation> {
  readonly first: Generation;
  /** How long a generation that was replaced stays open for what still runs on it, in milliseconds. */
  readonly drainMs: number;
  /** How many generations may be open at once. */
  readonly openMax: number;
  /** Told of an error while one closes, which nobody waits for. */
  readonly onCloseError: (error: unknown) => void;
}

interface Entry<Generation> {
  readonly generation: Generation;
  uses: number;
  /** Set once it was replaced: called when nothing runs on it any more. */
  onIdle: (() => void) | undefined;
  closing: Promise<void> | undefined;
}

/** Creates the pipeline that can be replaced while it is used. */
export function createSwitch<Generation extends Replaceable>(options: SwitchOptions<Generation>): Switch<Generation> {
  let live = entryOf(options.first);
  const draining = new Map<Entry<Generation>, Promise<void>>();
  const listeners = new Set<(generation: number) => void>();

  function closeEntry(entry: Entry<Generation>): Promise<void> {
    entry.closing ??= entry.generation.close().catch(options.onCloseError);
    return entry.closing;
  }

  async function drain(entry: Entry<Generation>): Promise<void> {
    if (entry.uses > 0) await idleOrLate(entry, options.drainMs);
    await closeEntry(entry);
    draining.delete(entry);
  }

  function enter(): Entry<Generation> {
    live.uses += 1;
    return live;
  }

  return {
    async answer(request: HubRequest): Promise<Answer> {
      const entry = enter();
      try {
        return await entry.generation.pipeline.answer(request);
      } finally {
        leave(entry);
      }
    },
    generation: () => live.generation.number,
    lease(): Lease {
      const entry = enter();
      const { number, pipeline } = entry.generation;
      return { generation: number, pipeline, release: once(() => leave(entry)) };
    },
    onSwitch(listener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    current: () => live.generation,
    async switchTo(next): Promise<void> {
      while (draining.size + 1 >= options.openMax) {
        // Each has its deadline, so this wait has one too.
        // oxlint-disable-next-line no-await-in-loop
        await Promise.race(draining.values());
      }
      const previous = live;
      live = entryOf(next);
      draining.set(previous, drain(previous));
      for (const listener of listeners) listener(next.number);
    },
    openCount: () => draining.size + 1,
    async close(): Promise<void> {
      await Promise.all([live, ...draining.keys()].map(closeEntry));
    },
  };
}

function entryOf<Generation>(generation: Generation): Entry<Generation> {
  return { generation, uses: 0, onIdle: undefined, closing: undefined };
}

function leave<Generation>(entry: Entry<Generation>): void {
  entry.uses -= 1;
  if (entry.uses === 0) entry.onIdle?.();
}

function idleOrLate<Generation>(entry: Entry<Generation>, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, drainMs);
    entry.onIdle = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}
