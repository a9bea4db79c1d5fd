import type { FeedBounds } from "./feed.ts";
import type { SilenceBounds } from "./silence.ts";

/** A subscription at a subgraph. */
export interface SourceCall {
  readonly subgraph: string;
  /** JSON of `query` and `variables`. */
  readonly body: string;
  /** Sent as HTTP headers, and over a WebSocket in the payload of `connection_init` too. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Bounds of one subscription at a subgraph. */
export interface SourceBounds extends SilenceBounds, FeedBounds {
  readonly connectTimeoutMs: number;
  readonly eventBytesMax: number;
}
