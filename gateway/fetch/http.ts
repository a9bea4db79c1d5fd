import type { Dispatcher } from "undici";
import type { Hangup } from "../core/hangup.ts";
import { createConnections } from "./connections.ts";

/** What comes back of one HTTP exchange. */
export type Exchange =
  | { readonly kind: "response"; readonly status: number; readonly contentType: string; readonly bytes: Buffer }
  | { readonly kind: "failure"; readonly reason: "unreachable" | "timeout" | "too-large" | "gone" };

/** One POST of JSON. */
export interface Post {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly hangup?: Hangup | undefined;
}

/** An HTTP client of one address. */
export interface HttpClient {
  /** Never rejects. */
  post(request: Post): Promise<Exchange>;
  close(): Promise<void>;
}

/** Bounds of a client. */
export interface HttpClientOptions {
  readonly url: string;
  readonly connectionsMax: number;
  readonly responseBytesMax: number;
  readonly connectTimeoutMs: number;
}

/**
 * Creates a keep-alive client. A URL of the form `unix:/path/to.sock:/graphql` goes over a socket file.
 *
 * It dispatches on undici directly, as its higher interfaces cost several times the CPU of a call.
 */
export function createHttpClient({ url, connectionsMax, responseBytesMax, connectTimeoutMs }: HttpClientOptions): HttpClient {
  const target = parseTarget(url);
  const connections = createConnections({ ...target, connectionsMax, connectTimeoutMs });
  return {
    post(request): Promise<Exchange> {
      return new Promise((resolve) => {
        const { client, giveBack } = connections.take();
        client.dispatch(
          {
            path: target.path,
            method: "POST",
            headers: {
              "content-type": "application/json",
              accept: "application/graphql-response+json, application/json;q=0.9",
              ...request.headers,
            },
            body: request.body,
            headersTimeout: 0,
            bodyTimeout: 0,
          },
          createHandler(request, responseBytesMax, { resolve, giveBack }),
        );
      });
    },
    async close(): Promise<void> {
      await connections.close();
    },
  };
}

/** Where a subgraph's address leads: a host, or a socket file. */
export function parseTarget(url: string): { origin: string; path: string; socketPath: string | undefined } {
  const unix = /^unix:(?<socket>[^:]+)(?::(?<path>\/.*))?$/.exec(url)?.groups;
  if (unix !== undefined) return { origin: "http://localhost", path: unix["path"] ?? "/graphql", socketPath: unix["socket"] };
  const parsed = new URL(url);
  return { origin: parsed.origin, path: `${parsed.pathname}${parsed.search}`, socketPath: undefined };
}

interface Ending {
  readonly resolve: (exchange: Exchange) => void;
  /** Told when the connection is done with the exchange, which after a timeout is later than the answer. */
  readonly giveBack: () => void;
}

function createHandler({ timeoutMs, hangup }: Post, bytesMax: number, { resolve, giveBack }: Ending): Dispatcher.DispatchHandler {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let status = 0;
  let contentType = "";
  let controller: Dispatcher.DispatchController | undefined;
  let isSettled = false;

  const timer = setTimeout(() => giveUp("timeout"), timeoutMs);
  const takeBack = hangup?.onGone(() => giveUp("gone"));

  function settle(exchange: Exchange): void {
    if (isSettled) return;
    isSettled = true;
    clearTimeout(timer);
    takeBack?.();
    resolve(exchange);
  }

  function giveUp(reason: "timeout" | "too-large" | "gone"): void {
    settle({ kind: "failure", reason });
    controller?.abort(new Error(reason));
  }

  return {
    onRequestStart(started): void {
      controller = started;
      if (isSettled) started.abort(new Error("settled"));
    },
    onResponseStart(_controller, statusCode, headers): void {
      status = statusCode;
      const type = headers["content-type"];
      contentType = typeof type === "string" ? type : "";
    },
    onResponseData(_controller, chunk): void {
      bytes += chunk.length;
      if (bytes > bytesMax) giveUp("too-large");
      else chunks.push(chunk);
    },
    onResponseEnd(): void {
      giveBack();
      const [only] = chunks;
      settle({
        kind: "response",
        status,
        contentType,
        bytes: chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes),
      });
    },
    onResponseError(): void {
      giveBack();
      settle({ kind: "failure", reason: "unreachable" });
    },
  };
}
