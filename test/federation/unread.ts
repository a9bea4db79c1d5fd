import type { Upstream } from "../../gateway/fetch/upstream.ts";

/** Makes an upstream of a test whole: what it answers can also be had unread. */
export function withUnread(upstream: Pick<Upstream, "call" | "close">): Upstream {
  return {
    ...upstream,
    async callUnread(call) {
      const reply = await upstream.call(call);
      return reply.kind === "data" ? { kind: "unread", bytes: Buffer.from(reply.text), judge: () => undefined } : reply;
    },
  };
}
