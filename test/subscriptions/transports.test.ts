import { createClient as createSse } from "graphql-sse";
import { createClient as createWs } from "graphql-ws";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { entitlement, identifyGood, type LiveHub, startLive, until } from "./harness.ts";
import type { LiveOptions } from "./server.ts";

const query = "subscription { reviewAdded { text product { name } } }";
let hub: LiveHub | undefined;
afterEach(async () => {
  await hub?.close();
  hub = undefined;
});

async function start(options: LiveOptions): Promise<LiveHub> {
  hub = await startLive(options);
  return hub;
}

interface Heard {
  readonly next: { readonly data?: unknown; readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[] }[];
  ended: unknown;
  stop: () => void;
}

type Subscribe = (live: LiveHub, text?: string, headers?: Record<string, string>) => Heard;

const overSse: Subscribe = (live, text = query, headers = {}) => {
  const client = createSse({ url: live.url, headers, retryAttempts: 0 });
  const heard: Heard = { next: [], ended: undefined, stop: () => undefined };
  heard.stop = client.subscribe(
    { query: text },
    {
      next: (value) => void heard.next.push(value as Heard["next"][number]),
      error: (error) => {
        heard.ended = error;
      },
      complete: () => {
        heard.ended ??= "complete";
      },
    },
  );
  return heard;
};

const overWs: Subscribe = (live, text = query, headers = {}) => {
  const client = createWs({ url: live.socketUrl, webSocketImpl: WebSocket, connectionParams: headers, retryAttempts: 0 });
  const heard: Heard = { next: [], ended: undefined, stop: () => undefined };
  heard.stop = client.subscribe(
    { query: text },
    {
      next: (value) => void heard.next.push(value as Heard["next"][number]),
      error: (error) => {
        heard.ended = error;
      },
      complete: () => {
        heard.ended ??= "complete";
      },
    },
  );
  return heard;
};

/** The code by which a subscription ended, whichever way its transport tells it. */
function codeOf({ next, ended }: Heard): unknown {
  if (Array.isArray(ended)) return (ended[0] as { extensions?: { code?: string } }).extensions?.code;
  return next.at(-1)?.errors?.[0]?.extensions?.code;
}

const good = { authorization: "Bearer good" };

describe.each([
  ["sse", overSse],
  ["ws", overWs],
] as const)("a caller over %s", (_name, subscribe) => {
  it.each(["sse", "ws"] as const)("gets each event of a subgraph that speaks %s, joined with other subgraphs", async (transport) => {
    const live = await start({ transport });
    const heard = subscribe(live);
    await until(() => live.bus.listeners() === 1);
    live.bus.push({ id: "1", text: "one" });
    live.bus.push({ id: "2", text: null });
    await until(() => heard.next.length === 2);
    expect(heard.next).toEqual([
      { data: { reviewAdded: { text: "one", product: { name: "name of p1" } } } },
      { data: { reviewAdded: { text: null, product: { name: "name of p2" } } } },
    ]);
    expect(live.bus.opened).toEqual([expect.objectContaining({ "hub-call": "reviews none" })]);
    live.bus.complete();
    await until(() => heard.ended !== undefined);
    expect(heard.ended).toBe("complete");
  });

  it.each(["sse", "ws"] as const)("that hangs up ends the subscription at a subgraph that speaks %s", async (transport) => {
    const live = await start({ transport });
    const heard = subscribe(live);
    await until(() => live.bus.listeners() === 1);
    heard.stop();
    await until(() => live.bus.listeners() === 0);
    expect(heard.next).toEqual([]);
  });

  it.each(["sse", "ws"] as const)("is told when a subgraph that speaks %s breaks off", async (transport) => {
    const live = await start({ transport });
    const heard = subscribe(live);
    await until(() => live.bus.listeners() === 1);
    live.reset();
    await until(() => heard.ended !== undefined);
    expect(codeOf(heard)).toBe("SUBGRAPH_UNAVAILABLE");
  });

  it("is ended with its token, between events", async () => {
    let isOver = false;
    const live = await start({
      transport: "sse",
      identify: identifyGood(() => isOver),
      entitlementOf: () => entitlement("e"),
      settings: { SUBSCRIPTION_KEEPALIVE_MS: "60000" },
    });
    const heard = subscribe(live, query, good);
    await until(() => live.bus.listeners() === 1);
    isOver = true;
    live.rejudge();
    await until(() => heard.ended !== undefined);
    expect(codeOf(heard)).toBe("UNAUTHENTICATED");
    await until(() => live.bus.listeners() === 0);
  });

  it("gets nothing of a field from the moment at which its agreement ends, and the subgraph is no longer asked for it", async () => {
    let nowMs = Date.parse("2027-03-31T23:59:59+08:00");
    const endMs = Date.parse("2027-04-01T00:00:00+08:00");
    const live = await start({
      transport: "sse",
      nowMs: () => nowMs,
      identify: identifyGood(),
      entitlementOf: (_caller, now) => (now < endMs ? entitlement("before") : entitlement("after", ["Review.secret"])),
    });
    const heard = subscribe(live, "subscription { reviewAdded { text secret } }", good);
    await until(() => live.bus.listeners() === 1);
    live.bus.push({ id: "1", text: "one", secret: "s1" });
    await until(() => heard.next.length === 1);
    nowMs = endMs;
    live.bus.push({ id: "2", text: "two", secret: "s2" });
    await until(() => heard.next.length === 2);
    expect(heard.next.map(({ data }) => data)).toEqual([
      { reviewAdded: { text: "one", secret: "s1" } },
      { reviewAdded: { text: "two", secret: null } },
    ]);
    expect(codeOf(heard)).toBe("UNAUTHORIZED_FIELD_OR_TYPE");
    await until(() => live.bus.texts.length === 2);
    expect(live.bus.texts[1]).not.toContain("secret");
    expect(
      live.records.map(({ requestId, entitlementId, released }) => [requestId, entitlementId, released.includes("Review.secret")]),
    ).toEqual([
      ["request-1.1", "before", true],
      ["request-1.2", "after", false],
    ]);
  });

  it("is ended when nothing of the subscription is shared any more", async () => {
    let isShared = true;
    const live = await start({
      transport: "sse",
      identify: identifyGood(),
      entitlementOf: () => (isShared ? entitlement("before") : entitlement("after", ["Subscription.reviewAdded"])),
    });
    const heard = subscribe(live, query, good);
    await until(() => live.bus.listeners() === 1);
    isShared = false;
    live.rejudge();
    await until(() => heard.ended !== undefined);
    expect(codeOf(heard)).toBe("OPERATION_EMPTY");
    await until(() => live.bus.listeners() === 0);
  });

  it("gets no event whose record can't be kept", async () => {
    const live = await start({
      transport: "sse",
      identify: identifyGood(),
      entitlementOf: () => entitlement("e"),
      append: async () => {
        throw new Error("disk");
      },
    });
    const heard = subscribe(live, query, good);
    await until(() => live.bus.listeners() === 1);
    live.bus.push({ id: "1", text: "one" });
    await until(() => heard.ended !== undefined);
    expect(heard.next.some(({ data }) => data !== undefined)).toBe(false);
    expect(codeOf(heard)).toBe("INTERNAL_ERROR");
  });

  it("is ended when more events wait than may", async () => {
    const live = await start({
      transport: "sse",
      identify: identifyGood(),
      entitlementOf: () => entitlement("e"),
      append: () => new Promise((resolve) => setTimeout(resolve, 200)),
      settings: { SUBSCRIPTION_WAITING_MAX: "2" },
    });
    const heard = subscribe(live, query, good);
    await until(() => live.bus.listeners() === 1);
    for (const id of ["1", "2", "3", "4", "5"]) live.bus.push({ id, text: id });
    await until(() => heard.ended !== undefined);
    expect(codeOf(heard)).toBe("SUBSCRIPTION_OVERRUN");
  });

  it("is held to the limits", async () => {
    const live = await start({ transport: "sse", settings: { LIMIT_DEPTH_MAX: "2" } });
    const heard = subscribe(live);
    await until(() => heard.ended !== undefined);
    expect(codeOf(heard)).toBe("OPERATION_LIMIT");
    expect(live.bus.opened).toEqual([]);
  });

  it("is refused a subscription more than the hub has room for", async () => {
    const live = await start({ transport: "sse", settings: { SUBSCRIPTIONS_MAX: "1" } });
    subscribe(live);
    await until(() => live.bus.listeners() === 1);
    const second = subscribe(live);
    await until(() => second.ended !== undefined);
    expect(codeOf(second)).toBe("OVERLOADED");
  });

  it("may run queries and mutations too", async () => {
    const live = await start({ transport: "sse" });
    const asked = [subscribe(live, "{ count }"), subscribe(live, "mutation { touch }")];
    await until(() => asked.every(({ ended }) => ended === "complete"));
    expect(asked.map(({ next }) => next)).toEqual([[{ data: { count: 3 } }], [{ data: { touch: 7 } }]]);
  });

  it("is told when the hub closes, and nothing hangs", async () => {
    const live = await start({ transport: "ws" });
    const heard = subscribe(live);
    await until(() => live.bus.listeners() === 1);
    await live.close();
    hub = undefined;
    await until(() => heard.ended !== undefined);
    expect(heard.ended === "complete" || (heard.ended as { code?: number }).code === 1001).toBe(true);
  });
});
