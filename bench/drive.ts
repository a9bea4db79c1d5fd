import { openConnection, type WireConnection } from "./wire.ts";

/** Load on one server. */
export interface DriveOptions {
  readonly port: number;
  /** The text of a request by its number. */
  readonly requestAt: (index: number) => string;
  readonly seconds: number;
  /** Ends after so many requests, if the time isn't up first. */
  readonly count?: number;
  /** Requests in flight: each is followed by the next as soon as it is answered. */
  readonly concurrency: number;
  /** @returns what is wrong with an answer; undefined when it is as it should be. Called for each answer, so it should be cheap. */
  readonly findFault: (status: number, body: Buffer) => string | undefined;
  readonly signal: AbortSignal;
}

/** What was seen. */
export interface Drive {
  readonly count: number;
  readonly elapsedMs: number;
  /** Ascending. */
  readonly latenciesMs: Float64Array;
}

const requestsMax = 2_000_000;
const answerTimeoutMs = 30_000;

/**
 * Asks a server for some time and waits for the last answers.
 *
 * @throws {Error} at the first wrong answer.
 */
export async function driveServer(options: DriveOptions): Promise<Drive> {
  const { port, requestAt, seconds, count = requestsMax, concurrency, findFault, signal } = options;
  const latencies: number[] = [];
  const startMs = performance.now();
  const endMs = startMs + seconds * 1_000;
  let started = 0;
  let hasFailed = false;
  const work = async (connection: WireConnection): Promise<void> => {
    try {
      while (!hasFailed && !signal.aborted && started < count && performance.now() < endMs) {
        const request = requestAt(started);
        started += 1;
        const sentMs = performance.now();
        const { status, body } = await connection.send(request);
        latencies.push(performance.now() - sentMs);
        const fault = findFault(status, body);
        if (fault !== undefined) throw new Error(`A wrong answer under load: ${fault}\n${body.toString("utf8", 0, 400)}`);
      }
    } catch (error) {
      hasFailed = true;
      throw error;
    } finally {
      connection.close();
    }
  };
  const results = await Promise.allSettled(Array.from({ length: concurrency }, () => work(openConnection(port, answerTimeoutMs))));
  signal.throwIfAborted();
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return { count: latencies.length, elapsedMs: performance.now() - startMs, latenciesMs: Float64Array.from(latencies).sort() };
}
