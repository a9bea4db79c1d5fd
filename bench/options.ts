/** What the caller chose, each within its bounds. */
export interface BenchOptions {
  /** Seconds that each case is measured. */
  readonly seconds: number;
  /** Requests in flight. */
  readonly concurrency: number;
  /** Aborted when the measurement is to end early. */
  readonly signal: AbortSignal;
  /** Tells the person at the terminal what goes on. */
  readonly say: (text: string) => void;
}
