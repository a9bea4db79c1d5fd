import { Agent, type Dispatcher } from "undici";
import type { FeedWriter } from "./feed.ts";
import { parseTarget } from "./http.ts";
import { isJsonType, readReplyText } from "./reply.ts";
import { createSilence } from "./silence.ts";
import type { SourceBounds, SourceCall } from "./subscription.ts";

/** Opens event streams of one subgraph over HTTP. */
export interface StreamClient {
  /** @returns A function that hangs up. */
  open(call: SourceCall, writer: FeedWriter): () => void;
  close(): Promise<void>;
}

/**
 * Creates a client of one address that subscribes by POST and reads server-sent events, each subscription on a connection of its own.
 *
 * @see https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode
 */
export function createStreamClient(url: string, bounds: SourceBounds): StreamClient {
  const target = parseTarget(url);
  const agent = new Agent({
    connections: null,
    connectTimeout: bounds.connectTimeoutMs,
    allowH2: false,
    ...(target.socketPath === undefined ? {} : { connect: { socketPath: target.socketPath, timeout: bounds.connectTimeoutMs } }),
  });
  return {
    open(call, writer): () => void {
      const { handler, hangUp } = createHandler(writer, bounds);
      agent.dispatch(
        {
          origin: target.origin,
          path: target.path,
          method: "POST",
          headers: { "content-type": "application/json", accept: "text/event-stream", ...call.headers },
          body: call.body,
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        handler,
      );
      return hangUp;
    },
    async close(): Promise<void> {
      await agent.destroy();
    },
  };
}

function createHandler(writer: FeedWriter, bounds: SourceBounds): { handler: Dispatcher.DispatchHandler; hangUp: () => void } {
  const silence = createSilence(bounds, () => writer.fail("SUBGRAPH_TIMEOUT"));
  const events = createEventReader(bounds.eventBytesMax, {
    onEvent: (name, data) => readEvent(writer, name, data),
    onTooLarge: () => writer.fail("SUBGRAPH_INVALID_REPLY"),
  });
  let controller: Dispatcher.DispatchController | undefined;
  let isHungUp = false;
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(started): void {
      controller = started;
      if (isHungUp) started.abort(new Error("hung up"));
    },
    onResponseStart(_controller, status, headers): void {
      const type = headers["content-type"];
      if (status >= 500) writer.fail("SUBGRAPH_UNAVAILABLE");
      else if (status === 200 && typeof type === "string" && /^text\/event-stream\s*(;|$)/i.test(type)) silence.begin();
      else writer.fail(typeof type === "string" && isJsonType(type) ? "SUBGRAPH_ERROR" : "SUBGRAPH_INVALID_REPLY");
    },
    onResponseData(_controller, chunk): void {
      if (writer.isOver) return;
      silence.note();
      events.read(chunk);
    },
    // A stream that ends before it is complete was cut off.
    onResponseEnd: () => writer.fail("SUBGRAPH_UNAVAILABLE"),
    onResponseError: () => writer.fail("SUBGRAPH_UNAVAILABLE"),
  };
  return {
    handler,
    hangUp(): void {
      isHungUp = true;
      silence.end();
      controller?.abort(new Error("hung up"));
    },
  };
}

function readEvent(writer: FeedWriter, name: string, data: string): void {
  if (name === "complete") {
    writer.end();
    return;
  }
  // Protocols grow: an event that isn't known says nothing to us.
  if (name !== "next" || data === "") return;
  const reply = readReplyText(data);
  if (reply.kind === "failure") writer.fail(reply.code);
  else writer.push(reply, data.length);
}

interface EventReader {
  read(chunk: Buffer): void;
}

/** What an event reader tells of. */
interface EventListener {
  readonly onEvent: (name: string, data: string) => void;
  readonly onTooLarge: () => void;
}

/**
 * Reads a stream of events as it comes, whatever the pieces.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createEventReader(charsMax: number, { onEvent, onTooLarge }: EventListener): EventReader {
  const decoder = new TextDecoder();
  let rest = "";
  let name = "";
  let data: string[] = [];
  let chars = 0;

  function readLine(line: string): void {
    if (line === "") {
      if (name !== "" || data.length > 0) onEvent(name === "" ? "message" : name, data.join("\n"));
      name = "";
      data = [];
      chars = 0;
      return;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "event") name = value;
    else if (field === "data") {
      data.push(value);
      chars += value.length + 1;
    }
  }

  return {
    read(chunk): void {
      rest += decoder.decode(chunk, { stream: true });
      // A carriage return at the end may be the first half of a line's end.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        readLine(line);
        if (chars > charsMax) break;
      }
      if (chars + rest.length > charsMax) onTooLarge();
    },
  };
}
