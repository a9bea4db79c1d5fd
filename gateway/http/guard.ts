import type { IncomingHttpHeaders } from "node:http";
import { HubError } from "../core/errors.ts";

/**
 * Headers that a page of another site can't send without asking first (a preflight, which the hub never answers with a yes).
 *
 * @see https://fetch.spec.whatwg.org/#cors-safelisted-request-header
 */
const PREFLIGHTED = [
  "authorization",
  "hub-purpose",
  "hub-case",
  "hub-on-denied",
  "apollo-require-preflight",
  "graphql-require-preflight",
  "x-apollo-operation-name",
  "x-graphql-yoga-csrf",
  "x-requested-with",
] as const;

/** What browsers say of themselves and scripts of a page can't take away. Sent on plain HTTP too: the last two. */
const BROWSER_MARKS = ["sec-fetch-site", "sec-fetch-dest", "origin", "referer", "cookie"] as const;

/**
 * Refuses what a page of another site could make a browser send without asking: a form, an image, a link, a simple `fetch`. A request with a
 * body passes by its content type: JSON alone is read, and no form sends that. A request without a body passes with a
 * header that no form sends, or where nothing in it speaks of a browser.
 *
 * @throws {HubError} REQUEST_FORGEABLE.
 * @see https://owasp.org/www-community/attacks/csrf
 */
export function refuseForgeable(method: string, headers: IncomingHttpHeaders): void {
  if (method === "POST" || isPreflighted(headers) || !isBrowser(headers)) return;
  const message =
    "A page of another site could have made a browser send this request. Send JSON by POST, or add a header such as `Apollo-Require-Preflight: true`.";
  throw new HubError("REQUEST_FORGEABLE", message);
}

function isPreflighted(headers: IncomingHttpHeaders): boolean {
  if (isJson(headers["content-type"])) return true;
  return PREFLIGHTED.some((name) => isGiven(headers[name]));
}

function isBrowser(headers: IncomingHttpHeaders): boolean {
  if (BROWSER_MARKS.some((name) => isGiven(headers[name]))) return true;
  // Node's own fetch sends this header too, always with `cors`; a browser then sends an origin as well.
  const mode = headers["sec-fetch-mode"];
  return (isGiven(mode) && mode !== "cors") || /^mozilla\//i.test(headers["user-agent"] ?? "");
}

function isGiven(value: string | string[] | undefined): boolean {
  return value !== undefined && value.length > 0;
}

/** Whether a content type is JSON in UTF-8, the only one that the hub reads. */
export function isJson(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  const [essence = "", ...parameters] = contentType.split(";").map((part) => part.trim().toLowerCase());
  if (essence !== "application/json") return false;
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  return charset === undefined || /^"?utf-?8"?$/.test(charset);
}
