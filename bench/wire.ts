import { connect, type Socket } from "node:net";

/** A response of HTTP/1.1. */
export interface WireResponse {
  readonly status: number;
  readonly body: Buffer;
}

/** Puts the pieces of responses together, one response after the other. */
export interface ResponseReader {
  /** @returns the response when this piece ends it. */
  push(chunk: Buffer): WireResponse | undefined;
}

interface Head {
  readonly status: number;
  /** Bytes of the body; undefined when it comes in chunks. */
  readonly length: number | undefined;
  readonly bytes: number;
}

const headEnd = "\r\n\r\n";
const lastChunk = "0\r\n\r\n";

/**
 * Creates a reader of responses that come one at a time. It knows as much of HTTP as gateways need to answer GraphQL:
 * bodies with a length or in chunks, without trailers.
 */
export function createResponseReader(): ResponseReader {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let head: Head | undefined;
  return {
    push(chunk): WireResponse | undefined {
      chunks.push(chunk);
      bytes += chunk.length;
      head ??= readHead(chunks.length === 1 ? chunk : join());
      if (head === undefined || !isWhole(head)) return undefined;
      const body = join().subarray(head.bytes);
      const { status, length } = head;
      chunks = [];
      bytes = 0;
      head = undefined;
      return { status, body: length === undefined ? joinChunks(body) : body };
    },
  };

  function join(): Buffer {
    const whole = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes);
    chunks = [whole];
    return whole;
  }

  function isWhole({ length, bytes: headBytes }: Head): boolean {
    if (length !== undefined) return bytes >= headBytes + length;
    const last = chunks.at(-1);
    const tail = last !== undefined && last.length >= lastChunk.length ? last : join();
    return tail.subarray(-lastChunk.length).toString("latin1") === lastChunk;
  }
}

function readHead(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return undefined;
  const text = bytes.toString("latin1", 0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
  return { status: Number(text.slice(9, 12)), length: length === undefined ? undefined : Number(length), bytes: end + headEnd.length };
}

function joinChunks(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const lineEnd = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.toString("latin1", at, lineEnd), 16);
    if (!(size > 0)) break;
    parts.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(parts);
}

/** A keep-alive connection on which requests follow each other. */
export interface WireConnection {
  /** Sends a finished request and waits for its response; one at a time. */
  send(request: string): Promise<WireResponse>;
  close(): void;
}

/** Opens a connection to a port of the loopback interface; it opens itself anew when the server ends it. */
export function openConnection(port: number, timeoutMs: number): WireConnection {
  let socket: Socket | undefined;
  let waiting: { resolve: (response: WireResponse) => void; reject: (error: Error) => void } | undefined;

  function open(): Socket {
    const opened = connect({ port, host: "127.0.0.1", noDelay: true });
    const reader = createResponseReader();
    opened.setTimeout(timeoutMs, () => opened.destroy(new Error(`No answer came within ${timeoutMs} ms.`)));
    opened.on("data", (chunk: Buffer) => {
      const response = reader.push(chunk);
      if (response === undefined) return;
      const { resolve } = waiting ?? {};
      waiting = undefined;
      resolve?.(response);
    });
    opened.on("error", (error) => fail(opened, error));
    opened.on("close", () => fail(opened, new Error("The connection was closed.")));
    return opened;
  }

  function fail(failed: Socket, error: Error): void {
    if (socket !== failed) return;
    socket = undefined;
    const { reject } = waiting ?? {};
    waiting = undefined;
    reject?.(error);
  }

  return {
    send(request): Promise<WireResponse> {
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket ??= open();
        socket.write(request);
      });
    },
    close(): void {
      const closed = socket;
      socket = undefined;
      closed?.destroy();
    },
  };
}

/** What a POST of JSON is made of. */
export interface WirePost {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The text of a request. */
export function writePost({ path, headers, body }: WirePost): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = Buffer.byteLength(body);
  return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n${lines.join("")}content-length: ${length}\r\n\r\n${body}`;
}
