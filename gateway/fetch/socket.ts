import { WebSocket } from "ws";
import { isJsonObject } from "../core/joined.ts";
import type { FeedWriter } from "./feed.ts";
import { readReplyBody } from "./reply.ts";
import { createSilence, type Silence } from "./silence.ts";
import type { SourceBounds, SourceCall } from "./subscription.ts";

/** A subscription to open over a WebSocket of its own. */
export interface SocketOptions {
  /** `ws:`, `wss:` or `ws+unix:`. */
  readonly url: string;
  readonly call: SourceCall;
  readonly writer: FeedWriter;
  readonly bounds: SourceBounds;
}

/** One socket carries one subscription, so that nothing of one caller's entitlement is ever next to another's. */
const operationId = "1";

/** How long the other side may take to close, in milliseconds. */
const closeTimeoutMs = 1_000;

/**
 * Subscribes over a WebSocket.
 *
 * @returns A function that hangs up.
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export function openSocket({ url, call, writer, bounds }: SocketOptions): () => void {
  const socket = createSocket(url, call, bounds);
  const silence = createSilence(bounds, () => writer.fail("SUBGRAPH_TIMEOUT"));
  // An idle subgraph need not say anything of itself, but it answers pings.
  const pings = setInterval(() => {
    if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, bounds.idleTimeoutMs / 3);
  socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init", payload: call.headers })));
  socket.on("pong", () => silence.note());
  socket.on("ping", () => silence.note());
  socket.on("message", (data, isBinary) => {
    if (writer.isOver) return;
    silence.note();
    // Text comes as one buffer unless the socket is told otherwise.
    const text = isBinary ? "" : (data as Buffer).toString("utf8");
    readMessage({ socket, call, writer, silence }, text);
  });
  // The reason may be a subgraph's own text, which stays inside.
  socket.on("error", (error) =>
    writer.fail("code" in error && error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" ? "SUBGRAPH_INVALID_REPLY" : "SUBGRAPH_UNAVAILABLE"),
  );
  socket.on("close", () => writer.fail("SUBGRAPH_UNAVAILABLE"));
  return () => {
    clearInterval(pings);
    silence.end();
    hangUp(socket);
  };
}

function createSocket(url: string, call: SourceCall, { connectTimeoutMs, eventBytesMax }: SourceBounds): WebSocket {
  return new WebSocket(url, "graphql-transport-ws", {
    headers: { ...call.headers },
    handshakeTimeout: connectTimeoutMs,
    maxPayload: eventBytesMax,
    perMessageDeflate: false,
    followRedirects: false,
  });
}

function hangUp(socket: WebSocket): void {
  if (socket.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ id: operationId, type: "complete" }));
    socket.close(1000);
  }
  if (socket.readyState === WebSocket.CONNECTING) {
    socket.terminate();
    return;
  }
  const timer = setTimeout(() => socket.terminate(), closeTimeoutMs);
  socket.once("close", () => clearTimeout(timer));
  if (socket.readyState === WebSocket.CLOSED) clearTimeout(timer);
}

interface Line {
  readonly socket: WebSocket;
  readonly call: SourceCall;
  readonly writer: FeedWriter;
  readonly silence: Silence;
}

function readMessage({ socket, call, writer, silence }: Line, text: string): void {
  const message = parseMessage(text);
  switch (message?.["type"]) {
    case "connection_ack":
      silence.begin();
      socket.send(`{"id":"${operationId}","type":"subscribe","payload":${call.body}}`);
      return;
    case "next": {
      const reply = readReplyBody(message["payload"], text);
      if (reply.kind === "failure") writer.fail(reply.code);
      else writer.push(reply, text.length);
      return;
    }
    case "error":
      writer.fail("SUBGRAPH_ERROR");
      return;
    case "complete":
      writer.end();
      return;
    case "ping":
      socket.send(`{"type":"pong"}`);
      return;
    case "pong":
      return;
    default:
      writer.fail("SUBGRAPH_INVALID_REPLY");
  }
}

function parseMessage(text: string): { readonly [key: string]: unknown } | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return isJsonObject(message) ? message : undefined;
  } catch {
    return undefined;
  }
}
