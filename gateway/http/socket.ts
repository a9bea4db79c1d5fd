import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import { type WebSocket, WebSocketServer } from "ws";
import type { LiveOptions } from "./events.ts";
import { createSession } from "./session.ts";

const protocol = "graphql-transport-ws";

/** How long callers may take to close their sockets when the hub ends, in milliseconds. */
const closeTimeoutMs = 1_000;

/**
 * Adds WebSockets at `/graphql` to a server.
 *
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export function addSockets(server: FastifyInstance, options: LiveOptions): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.limits.bodyBytesMax,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
  });
  let isClosing = false;
  server.server.on("upgrade", (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
    duplex.on("error", () => duplex.destroy());
    const status = isClosing ? 503 : refusalStatus(request, sockets.clients.size, options);
    if (status !== undefined) {
      duplex.end(`HTTP/1.1 ${status} ${statusTexts[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, duplex, head, (socket) => accept(socket, request, options));
  });
  server.addHook("preClose", async () => {
    isClosing = true;
    await closeAll(sockets);
  });
}

const statusTexts = { 403: "Forbidden", 404: "Not Found", 503: "Service Unavailable" } as const;

function refusalStatus({ url = "", headers }: IncomingMessage, count: number, { live }: LiveOptions): keyof typeof statusTexts | undefined {
  if (url.split("?", 1)[0] !== "/graphql") return 404;
  if (!isOwnOrigin(headers.origin, headers.host, live.origins)) return 403;
  return count >= live.socketsMax ? 503 : undefined;
}

/** Browsers let every page open a WebSocket, so the server has to look where it comes from; other programs name no origin. */
function isOwnOrigin(origin: string | undefined, host: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes(origin)) return true;
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase();
}

function accept(socket: WebSocket, request: IncomingMessage, options: LiveOptions): void {
  socket.on("error", () => socket.terminate());
  if (socket.protocol !== protocol) {
    socket.close(4406, "Subprotocol not acceptable");
    return;
  }
  const session = createSession({ socket, headers: request.headers, options });
  let isAlive = true;
  const keepalive = setInterval(() => {
    if (!isAlive || socket.bufferedAmount > bufferedBytesMax) {
      socket.terminate();
      return;
    }
    isAlive = false;
    socket.ping();
    void session.checkCaller();
  }, options.live.keepaliveMs);
  socket.on("pong", () => {
    isAlive = true;
  });
  socket.on("message", (data, isBinary) => {
    isAlive = true;
    // Text comes as one buffer unless the socket is told otherwise.
    session.read(isBinary ? "" : (data as Buffer).toString("utf8"));
  });
  socket.on("close", () => {
    clearInterval(keepalive);
    session.end();
  });
}

/** More than this waits only for a caller that sends without reading: operations wait for what they have sent. */
const bufferedBytesMax = 16_777_216;

async function closeAll(sockets: WebSocketServer): Promise<void> {
  const open = [...sockets.clients];
  const closed = open.map((socket) => new Promise<void>((resolve) => socket.once("close", () => resolve())));
  for (const socket of open) socket.close(1001, "The hub is going away");
  const timer = setTimeout(() => {
    for (const socket of open) socket.terminate();
  }, closeTimeoutMs);
  await Promise.all(closed);
  clearTimeout(timer);
  sockets.close();
}
