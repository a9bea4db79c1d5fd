/** Tells that nobody waits for a piece of work any more. A request's is cheap enough to be made for each. */
export interface Hangup {
  isGone(): boolean;
  /** Calls the listener once, when nobody waits; at once when that is so already. @returns A function that takes the listener back. */
  onGone(listener: () => void): () => void;
}

/** A hang-up that its owner tells of. */
export interface HangupSource extends Hangup {
  /** May be called again. */
  tell(): void;
}

/** Creates a hang-up that hasn't happened. */
export function createHangup(): HangupSource {
  let isGone = false;
  const listeners = new Set<() => void>();
  return {
    isGone: () => isGone,
    onGone(listener): () => void {
      if (isGone) listener();
      else listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell(): void {
      if (isGone) return;
      isGone = true;
      for (const listener of listeners) listener();
      listeners.clear();
    },
  };
}

/** Makes a hang-up of a signal. */
export function hangupOf(signal: AbortSignal): Hangup {
  const hangup = createHangup();
  if (signal.aborted) hangup.tell();
  else signal.addEventListener("abort", () => hangup.tell(), { once: true });
  return hangup;
}
