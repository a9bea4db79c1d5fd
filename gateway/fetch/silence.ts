/** Watches how long a connection says nothing. */
export interface Silence {
  /** The connection is up: from now on the deadline of silence holds instead of the deadline of opening. */
  begin(): void;
  /** Something came. */
  note(): void;
  end(): void;
}

/** Deadlines of a connection that stays open. */
export interface SilenceBounds {
  /** How long opening may take. */
  readonly openTimeoutMs: number;
  /** How long an open connection may say nothing, not even that it is alive. */
  readonly idleTimeoutMs: number;
}

/** Starts watching a connection that is being opened. */
export function createSilence({ openTimeoutMs, idleTimeoutMs }: SilenceBounds, onSilent: () => void): Silence {
  let timer: NodeJS.Timeout | undefined = setTimeout(onSilent, openTimeoutMs);
  let isOpen = false;
  return {
    begin(): void {
      if (timer === undefined) return;
      clearTimeout(timer);
      isOpen = true;
      timer = setTimeout(onSilent, idleTimeoutMs);
    },
    note(): void {
      // What comes before the connection is up does not put off its deadline.
      if (isOpen) timer?.refresh();
    },
    end(): void {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
