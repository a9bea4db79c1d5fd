import type { ErrorCode } from "../core/errors.ts";
import type { Reply } from "./reply.ts";

/** What a feed hands on next. */
export type FeedItem =
  | { readonly kind: "event"; readonly reply: Reply }
  /** Nothing came, but somebody wants whoever reads to look around. */
  | { readonly kind: "wake" }
  | { readonly kind: "end" }
  | { readonly kind: "failure"; readonly code: ErrorCode };

/** Events of a subgraph on their way to one reader. */
export interface Feed {
  /** The next item. Events come in order; after an end or a failure nothing else comes. One reader waits at a time. */
  next(): Promise<FeedItem>;
  /** Gives the reader a "wake", unless one waits already. */
  wake(): void;
  /** Ends the feed and drops what waits. May be called again. */
  close(): void;
  /** Resolves when more events wait than may. */
  readonly overrun: Promise<void>;
}

/** The end of a feed that a subgraph's connection writes to. */
export interface FeedWriter {
  push(reply: Reply, bytes: number): void;
  end(): void;
  fail(code: ErrorCode): void;
  readonly isOver: boolean;
}

/** How much may wait. */
export interface FeedBounds {
  readonly eventsMax: number;
  readonly bytesMax: number;
}

interface Entry {
  readonly reply: Reply;
  readonly bytes: number;
}

interface FeedState {
  readonly waiting: Entry[];
  bytes: number;
  isWoken: boolean;
  over: FeedItem | undefined;
  reader: ((item: FeedItem) => void) | undefined;
}

/**
 * Creates a bounded feed. When more waits than may, it fails with SUBSCRIPTION_OVERRUN at once and what waits is dropped:
 * a reader that can't follow is told so, and gets no events with a hole between them.
 *
 * @param open Connects the feed; called once. Gives the function that ends the connection, which is called once when the feed is over.
 */
export function createFeed({ eventsMax, bytesMax }: FeedBounds, open: (writer: FeedWriter) => () => void): Feed {
  const state: FeedState = { waiting: [], bytes: 0, isWoken: false, over: undefined, reader: undefined };
  const overrun = Promise.withResolvers<void>();
  let disconnect: (() => void) | undefined;

  function finish(item: FeedItem, isDropping: boolean): void {
    if (state.over !== undefined) return;
    state.over = item;
    if (isDropping) state.waiting.length = 0;
    hand(state);
    disconnect?.();
    disconnect = undefined;
  }

  const writer: FeedWriter = {
    push(reply, bytes) {
      if (state.over !== undefined) return;
      state.waiting.push({ reply, bytes });
      state.bytes += bytes;
      hand(state);
      if (state.waiting.length <= eventsMax && state.bytes <= bytesMax) return;
      finish({ kind: "failure", code: "SUBSCRIPTION_OVERRUN" }, true);
      overrun.resolve();
    },
    end: () => finish({ kind: "end" }, false),
    fail: (code) => finish({ kind: "failure", code }, false),
    get isOver() {
      return state.over !== undefined;
    },
  };
  disconnect = open(writer);
  if (state.over !== undefined) disconnect();
  return {
    next: () =>
      new Promise((resolve) => {
        state.reader = resolve;
        hand(state);
      }),
    wake() {
      state.isWoken = true;
      hand(state);
    },
    close: () => finish({ kind: "end" }, true),
    overrun: overrun.promise,
  };
}

/** Gives the reader that waits what there is: first events, then the end, then a wake. */
function hand(state: FeedState): void {
  const { reader } = state;
  const item = reader === undefined ? undefined : take(state);
  if (reader === undefined || item === undefined) return;
  state.reader = undefined;
  reader(item);
}

function take(state: FeedState): FeedItem | undefined {
  const entry = state.waiting.shift();
  if (entry !== undefined) {
    state.bytes -= entry.bytes;
    return { kind: "event", reply: entry.reply };
  }
  if (state.over !== undefined) return state.over;
  if (!state.isWoken) return undefined;
  state.isWoken = false;
  return { kind: "wake" };
}
