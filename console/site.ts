import type { ConsoleAssets } from "./assets.ts";
import { type ExplorerOptions, explorerPage, explorerPath, explorerPolicy } from "./pages.ts";

/** A reply to a GET (or HEAD) of the console; whoever serves it writes it as it is. */
export interface ConsoleReply {
  readonly status: 200 | 304 | 404;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Answers a GET: the path without its query, and the request's `if-none-match`. */
export type ConsoleSite = (path: string, ifNoneMatch: string | undefined) => ConsoleReply;

const assetsPrefix = `${explorerPath}/assets/`;
const plain = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };

/** Makes the explorer's pages and files ready to serve under {@link explorerPath}. */
export function createConsoleSite(assets: ConsoleAssets, options: Omit<ExplorerOptions, "build">): ConsoleSite {
  const page: ConsoleReply = {
    status: 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": explorerPolicy(options.issuer),
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cross-origin-opener-policy": "same-origin",
    },
    body: explorerPage({ ...options, build: assets.build }),
  };
  return (path, ifNoneMatch) => {
    if (path === explorerPath) {
      return page;
    }
    return path.startsWith(assetsPrefix) ? replyWithFile(assets, path.slice(assetsPrefix.length), ifNoneMatch) : notFound();
  };
}

/** What is answered while the explorer has not been built. */
export function explainMissingBuild(): ConsoleReply {
  return { status: 404, headers: plain, body: "The explorer has not been built here. Run: node console/build.ts\n" };
}

function replyWithFile(assets: ConsoleAssets, name: string, ifNoneMatch: string | undefined): ConsoleReply {
  const asset = assets.files.get(name);
  if (asset === undefined) {
    return notFound();
  }
  const headers = { etag: asset.etag, "cache-control": "public, max-age=31536000, immutable", "x-content-type-options": "nosniff" };
  if (ifNoneMatch === asset.etag) {
    return { status: 304, headers, body: "" };
  }
  return { status: 200, headers: { ...headers, "content-type": asset.contentType }, body: asset.bytes };
}

function notFound(): ConsoleReply {
  return { status: 404, headers: plain, body: "There is no such page.\n" };
}
