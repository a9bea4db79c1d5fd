import type { LoadMeter } from "./ports.ts";

/** Who is inside a gate and who waits before it. */
export interface Hall {
  inside: number;
  /** How many may be inside now. */
  limit: number;
  /** In the order in which they came. */
  readonly waiting: Set<Waiter>;
  isWatched: boolean;
}

/** Somebody who waits. */
export interface Waiter {
  readonly admit: () => void;
}

/** A gate that lets in few at first, and more where waiting gains nothing. */
export interface Narrowing {
  /** How many may always be inside. */
  readonly few: number;
  readonly meterLoad: LoadMeter;
}

interface Widening extends Narrowing {
  readonly concurrencyMax: number;
}

const lookMs = 5;
/** A thread that had less to do than this, as a share of the time, could do more if more were inside. */
const busyShareMin = 0.9;
/** Nobody waits for a busy thread for longer than so many looks. */
const looksMax = 10;

/** Lets in who waits, as far as there is room. */
export function admitWaiting(hall: Hall): void {
  for (const waiter of hall.waiting) {
    if (hall.inside >= hall.limit) return;
    hall.waiting.delete(waiter);
    hall.inside += 1;
    waiter.admit();
  }
}

/** Raises the limit and lets in who waits. */
export function widen(hall: Hall, limit: number): void {
  hall.limit = limit;
  admitWaiting(hall);
}

/**
 * Doubles the limit for as long as the first who waits has waited 5 ms of which the thread was idle for some, or 50 ms in any case.
 */
export function watchWaiting(hall: Hall, widening: Widening): void {
  const { concurrencyMax, meterLoad } = widening;
  const [first] = hall.waiting;
  hall.isWatched = first !== undefined && hall.limit < concurrencyMax;
  if (first === undefined || !hall.isWatched) return;
  let looks = 0;
  const look = (): void => {
    const busyShare = meterLoad();
    setTimeout(() => {
      looks += 1;
      const isWaiting = hall.waiting.has(first);
      if (isWaiting && busyShare() >= busyShareMin && looks < looksMax) return look();
      if (isWaiting) widen(hall, Math.min(hall.limit * 2, concurrencyMax));
      watchWaiting(hall, widening);
    }, lookMs);
  };
  look();
}

/** Halves the limit where no more than a quarter of it is used. */
export function narrow(hall: Hall, few: number): void {
  if (hall.limit > few && hall.inside <= hall.limit / 4) hall.limit = Math.max(few, Math.floor(hall.limit / 2));
}
