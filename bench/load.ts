import type { Pool } from "undici";

/** A request that is sent again and again. */
export interface Question {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** @returns What is wrong with an answer's JSON; undefined when it is as it should be. */
  readonly findFault: (answer: unknown) => string | undefined;
}

/** Bounds of one run. */
export interface LoadOptions {
  readonly pool: Pool;
  readonly question: Question;
  readonly seconds: number;
  /** Requests in flight: each is followed by the next one as soon as its answer is there. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/** What was seen of one run. */
export interface Sample {
  /** Right answers. */
  readonly count: number;
  readonly elapsedMs: number;
  /** Ascending, one for each right answer. */
  readonly latenciesMs: Float64Array;
}

// About 3 MB of latencies; a run that reaches it ends early.
const requestsMax = 400_000;

/**
 * Sends one question for some time and waits for the last answers, so that the hub's counters before and after hold exactly these requests.
 *
 * @throws {Error} At the first wrong answer: figures of failures would mislead.
 */
export async function driveLoad({ pool, question, seconds, concurrency, signal }: LoadOptions): Promise<Sample> {
  const latencies = new Float64Array(requestsMax);
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  let started = 0;
  let count = 0;
  let hasFailed = false;
  const work = async (): Promise<void> => {
    while (!hasFailed && !signal.aborted && started < requestsMax && performance.now() < endMs) {
      started += 1;
      const sentMs = performance.now();
      try {
        await askOnce({ pool, question, signal });
      } catch (error) {
        hasFailed = true;
        throw error;
      }
      latencies[count] = performance.now() - sentMs;
      count += 1;
    }
  };
  await settleAll(Array.from({ length: concurrency }, work));
  signal.throwIfAborted();
  return { count, elapsedMs: performance.now() - startMs, latenciesMs: latencies.subarray(0, count).sort() };
}

/**
 * Sends a question once and checks the answer.
 *
 * @throws {Error} That says what is wrong with the answer.
 */
export async function askOnce({ pool, question, signal }: Pick<LoadOptions, "pool" | "question" | "signal">): Promise<void> {
  const { path, headers, body: sent, findFault } = question;
  const { statusCode, body } = await pool.request({ path, method: "POST", headers, body: sent, signal });
  const text = await body.text();
  const fault = statusCode === 200 ? findFault(JSON.parse(text)) : `its status is ${statusCode}`;
  if (fault !== undefined) throw new Error(`The hub's answer is wrong: ${fault}\n${text.slice(0, 500)}`);
}

/** @returns The value below which `share` of the ascending values lie; NaN when there are none. */
export function quantile(ascending: Float64Array, share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? Number.NaN;
}

/** Waits for all, then throws the first error: none goes on in the background. */
async function settleAll(works: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(works);
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
