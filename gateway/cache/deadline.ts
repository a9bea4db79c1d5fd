/**
 * Settles like the promise, or rejects after `timeoutMs`.
 * After a pause of this process the timer comes due before the reply that lies in the socket is read, so the socket gets one more turn.
 */
export async function withDeadline<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => setImmediate(() => reject(new Error(`No reply within ${timeoutMs} ms`))), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
