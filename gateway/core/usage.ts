/** What agreements limit by the day. */
export type UseKind = "requests" | "subjects";

/** A use of an agreement. */
export interface Use {
  readonly agreement: string;
  readonly kind: UseKind;
  /** How many; a whole number from 1. */
  readonly amount: number;
  /** The most of a day. */
  readonly max: number;
  /** Hong Kong day, `YYYY-MM-DD`. */
  readonly day: string;
}

/** Counts uses of agreements by the day. */
export interface UsageCounter {
  /**
   * Counts a use unless it is more than the day has left; then nothing is counted.
   *
   * @returns Whether it was counted.
   * @throws {HubError} USAGE_UNAVAILABLE when the counter doesn't answer: what isn't counted isn't released.
   */
  count(use: Use): Promise<boolean>;
  close(): Promise<void>;
}
