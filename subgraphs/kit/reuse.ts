/** How long a reply is reused, and the clock, both in milliseconds. */
export interface ReuseOptions {
  readonly reuseMs: number;
  readonly nowMs: () => number;
}

/**
 * Reads at most once at a time and reuses the reply for a short while, so that requests that come together share one call of a feed.
 * A failure is shared by those who wait for it and by nobody after.
 */
export function createReuse<T>(read: () => Promise<T>, { reuseMs, nowMs }: ReuseOptions): () => Promise<T> {
  let kept: Kept<T> | undefined;
  return () => {
    if (kept !== undefined && isFresh(kept, nowMs(), reuseMs)) return kept.reply;
    const asked: Kept<T> = { reply: read(), fromMs: undefined };
    kept = asked;
    asked.reply.then(
      () => {
        asked.fromMs = nowMs();
      },
      () => {
        if (kept === asked) kept = undefined;
      },
    );
    return asked.reply;
  };
}

interface Kept<T> {
  readonly reply: Promise<T>;
  /** Undefined while the reply is under way: then everybody waits for it, as long as the source's own deadline lets it take. */
  fromMs: number | undefined;
}

/** A clock that was set back makes the age negative; such a reply is asked for again. */
function isFresh({ fromMs }: Kept<unknown>, nowMs: number, reuseMs: number): boolean {
  return fromMs === undefined || (nowMs >= fromMs && nowMs - fromMs < reuseMs);
}
