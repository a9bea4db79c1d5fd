import { noncePattern } from "./graph/workloads.ts";

/** Replies that were worked out once. */
export interface Canned {
  /** The reply's bytes; at once when the same question, nonces apart, was asked before. */
  reply(body: string): Buffer | Promise<Buffer>;
}

/**
 * Creates replies for one department.
 *
 * @param answer Works a reply out, as JSON.
 * @param entriesMax More different questions than this are a mistake of the benchmark, and fail.
 */
export function createCanned(answer: (body: string) => Promise<string>, entriesMax: number): Canned {
  const replies = new Map<string, Buffer>();
  return {
    reply(body): Buffer | Promise<Buffer> {
      const key = body.replaceAll(noncePattern, "~");
      const known = replies.get(key);
      if (known !== undefined) return known;
      if (replies.size >= entriesMax) throw new Error(`More than ${entriesMax} different questions were asked.`);
      return answer(body).then((text) => {
        const bytes = Buffer.from(text);
        replies.set(key, bytes);
        return bytes;
      });
    },
  };
}
