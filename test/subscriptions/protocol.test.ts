import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { identifyGood, type LiveHub, startLive, until } from "./harness.ts";
import type { LiveOptions } from "./server.ts";

let hub: LiveHub | undefined;
afterEach(async () => {
  await hub?.close();
  hub = undefined;
});

async function connect(options: Partial<LiveOptions> & { readonly headers?: Record<string, string> } = {}): Promise<WebSocket> {
  hub ??= await startLive({ transport: "sse", ...options });
  const socket = new WebSocket(hub.socketUrl, "graphql-transport-ws", { headers: options.headers ?? {} });
  await once(socket, "open");
  return socket;
}

async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, "close")) as [number];
  return code;
}

async function acknowledged(options?: Parameters<typeof connect>[0]): Promise<WebSocket> {
  const socket = await connect(options);
  socket.send(`{"type":"connection_init"}`);
  await once(socket, "message");
  return socket;
}

const subscribe = (id: string): string =>
  JSON.stringify({ id, type: "subscribe", payload: { query: "subscription { reviewAdded { text } }" } });

describe("a WebSocket", () => {
  it("that subscribes before it is acknowledged is closed with 4401", async () => {
    const socket = await connect();
    socket.send(subscribe("1"));
    expect(await closeCode(socket)).toBe(4401);
  });

  it("that never initialises is closed with 4408", async () => {
    expect(await closeCode(await connect({ settings: { SOCKET_INIT_TIMEOUT_MS: "30" } }))).toBe(4408);
  });

  it("that initialises twice is closed with 4429", async () => {
    const socket = await acknowledged();
    socket.send(`{"type":"connection_init"}`);
    expect(await closeCode(socket)).toBe(4429);
  });

  it("that uses an id twice at a time is closed with 4409", async () => {
    const socket = await acknowledged();
    socket.send(subscribe("1"));
    socket.send(subscribe("1"));
    expect(await closeCode(socket)).toBe(4409);
  });

  it.each(["not JSON", "[]", `{"type":"start"}`, `{"type":"subscribe","id":1,"payload":{}}`, `{"type":"ping","__proto__":{}}`])(
    "that sends %s is closed with 4400",
    async (text) => {
      const socket = await acknowledged();
      socket.send(text);
      expect(await closeCode(socket)).toBe(4400);
    },
  );

  it("that sends more than a body may hold is closed with 1009", async () => {
    const socket = await acknowledged({ settings: { LIMIT_BODY_BYTES_MAX: "1000" } });
    socket.send("x".repeat(1_001));
    expect(await closeCode(socket)).toBe(1009);
  });

  it("without a good token is closed with 4403, and one with it in its HTTP headers is served", async () => {
    const bad = await connect({ identify: identifyGood() });
    bad.send(`{"type":"connection_init","payload":{"Authorization":"Bearer bad"}}`);
    expect(await closeCode(bad)).toBe(4403);
    const good = await acknowledged({ headers: { authorization: "Bearer good" } });
    good.close();
  });

  it("is closed with 4403 when its caller's token has ended", async () => {
    let isOver = false;
    const socket = await acknowledged({
      identify: identifyGood(() => isOver),
      headers: { authorization: "Bearer good" },
      settings: { SUBSCRIPTION_KEEPALIVE_MS: "30" },
    });
    isOver = true;
    expect(await closeCode(socket)).toBe(4403);
  });

  it("from another site's page is refused unless a setting names the site", async () => {
    hub = await startLive({ transport: "sse", settings: { SOCKET_ORIGINS: "https://friend.example" } });
    const open = async (origin: string): Promise<string> => {
      const socket = new WebSocket(hub?.socketUrl ?? "", "graphql-transport-ws", { origin });
      const result = await Promise.race([
        once(socket, "open").then(() => "open"),
        once(socket, "unexpected-response").then(() => "refused"),
      ]);
      if (result === "open") socket.close();
      return result;
    };
    expect(await open("https://evil.example")).toBe("refused");
    expect(await open("https://friend.example")).toBe("open");
    expect(await open(hub.url.replace("/graphql", ""))).toBe("open");
  });

  it("gets an error for an operation more than it may run at a time", async () => {
    const socket = await acknowledged({ settings: { SOCKET_OPERATIONS_MAX: "1" } });
    socket.send(subscribe("1"));
    await until(() => hub?.bus.listeners() === 1);
    socket.send(subscribe("2"));
    const [data] = (await once(socket, "message")) as [Buffer];
    expect(JSON.parse(data.toString())).toMatchObject({ id: "2", type: "error", payload: [{ extensions: { code: "OVERLOADED" } }] });
    socket.close();
  });
});

describe("an event stream", () => {
  it("by a GET that another site's page could send is refused", async () => {
    hub = await startLive({ transport: "sse" });
    const url = `${hub.url}?query=${encodeURIComponent("{ count }")}`;
    const refused = await fetch(url, { headers: { accept: "text/event-stream", referer: "https://evil.example/" } });
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining("REQUEST_FORGEABLE")]);
    const headers = { accept: "text/event-stream", referer: "https://evil.example/", "apollo-require-preflight": "1" };
    const answered = await fetch(url, { headers });
    expect(await answered.text()).toBe('event: next\ndata: {"data":{"count":3}}\n\nevent: complete\ndata:\n\n');
  });

  it("without a good token is refused with 401", async () => {
    hub = await startLive({ transport: "sse", identify: identifyGood() });
    const response = await fetch(hub.url, {
      method: "POST",
      headers: { accept: "text/event-stream", "content-type": "application/json" },
      body: JSON.stringify({ query: "{ count }" }),
    });
    expect(response.status).toBe(401);
  });

  it("is what a subscription needs: by JSON it is refused with the way to ask", async () => {
    hub = await startLive({ transport: "sse" });
    const response = await fetch(hub.url, {
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/json" },
      body: JSON.stringify({ query: "subscription { reviewAdded { text } }" }),
    });
    const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
    expect(errors[0]?.extensions.code).toBe("OPERATION_NOT_SUPPORTED");
    expect(errors[0]?.message).toContain("text/event-stream");
  });

  it("keeps a caller's connection alive", async () => {
    hub = await startLive({ transport: "sse", settings: { SUBSCRIPTION_KEEPALIVE_MS: "20" } });
    const ended = new AbortController();
    const response = await fetch(hub.url, {
      method: "POST",
      headers: { accept: "text/event-stream", "content-type": "application/json" },
      body: JSON.stringify({ query: "subscription { reviewAdded { text } }" }),
      signal: ended.signal,
    });
    const first = await response.body?.getReader().read();
    expect(Buffer.from(first?.value ?? []).toString()).toBe(":\n\n");
    ended.abort();
  });
});
