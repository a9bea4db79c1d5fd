import type { IncomingMessage } from "node:http";
import type { Caller } from "../core/caller.ts";
import { HubError } from "../core/errors.ts";

/** The headers by which a caller says who it is, from the payload of `connection_init`; they go before the HTTP headers. */
export function callerHeaders(payload: unknown, headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  const merged: IncomingMessage["headers"] = {};
  for (const name of identityHeaders) {
    const value = headers[name];
    if (value !== undefined) merged[name] = value;
  }
  for (const source of [payload, typeof payload === "object" && payload !== null && "headers" in payload ? payload.headers : undefined]) {
    if (typeof source !== "object" || source === null) continue;
    for (const [name, value] of Object.entries(source)) {
      const lower = name.toLowerCase();
      if (!identityHeaders.includes(lower)) continue;
      if (typeof value !== "string") throw new HubError("HEADER_INVALID", `The header \`${lower}\` must be a string.`, { header: lower });
      merged[lower] = value;
    }
  }
  return merged;
}

const identityHeaders: readonly string[] = ["authorization", "hub-purpose", "hub-case", "hub-on-denied"];

/** Who a socket speaks for: asked for anew with each operation and event, so that a token's end is noticed. */
export type Identify = () => Promise<Caller | undefined>;
