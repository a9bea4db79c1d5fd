import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { readConfig } from "../../gateway/config.ts";
import { HubError } from "../../gateway/core/errors.ts";
import type { AuditRecord } from "../../gateway/core/record.ts";
import type { Entitlement } from "../../policies/engine/words.ts";
import { type LiveOptions, startServer } from "./server.ts";
import { type Bus, productsSdl, reviewsSdl, startProducts, startReviews } from "./subgraphs.ts";

/** A hub on real sockets in front of two subgraphs. */
export interface LiveHub {
  readonly url: string;
  readonly socketUrl: string;
  readonly bus: Bus;
  readonly records: AuditRecord[];
  readonly rejudge: () => void;
  /** Breaks every connection of the reviews subgraph. */
  readonly reset: () => void;
  close(): Promise<void>;
}

/** Starts subgraphs and a hub. Close it, whatever happened. */
export async function startLive(options: LiveOptions): Promise<LiveHub> {
  const reviews = await startReviews();
  const products = await startProducts();
  const composed = composeServices([
    { name: "reviews", url: reviews.url, typeDefs: parse(reviewsSdl) },
    { name: "products", url: products.url, typeDefs: parse(productsSdl) },
  ]);
  if (composed.supergraphSdl === undefined) throw new Error(composed.errors?.map(({ message }) => message).join("\n"));
  const config = readConfig({ SUBGRAPH_SUBSCRIPTIONS: JSON.stringify({ reviews: options.transport }), ...options.settings });
  const records: AuditRecord[] = [];
  const hub = await startServer(composed.supergraphSdl, config, { options, records });
  return {
    url: hub.url,
    socketUrl: hub.url.replace("http", "ws"),
    bus: reviews.bus,
    records,
    rejudge: hub.rejudge,
    reset: reviews.reset,
    async close(): Promise<void> {
      await hub.close();
      await Promise.all([reviews.close(), products.close()]);
    },
  };
}

/** Waits until something holds; a test that waits for too long fails. */
export async function until(holds: () => boolean): Promise<void> {
  const endMs = Date.now() + 5_000;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error("It never came to hold.");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A caller whose token is "good", until `isOver` says it has ended. */
export function identifyGood(isOver: () => boolean = () => false): NonNullable<LiveOptions["identify"]> {
  return async (headers) => {
    if (headers["authorization"] !== "Bearer good" || isOver())
      throw new HubError("UNAUTHENTICATED", "The access token has expired; get a new one.");
    return { bureau: "housing", application: "app", officer: undefined, purpose: "p", caseReference: undefined, onDenied: "withhold" };
  };
}

/** An entitlement to every field of the graph, without those that are named. */
export function entitlement(id: string, withheld: readonly string[] = []): Entitlement {
  const by = { agreement: "A", version: 1, file: "a.yaml", line: 1 };
  const all = [
    "Query.count",
    "Subscription.reviewAdded",
    "Subscription.reviewAdded(min:)",
    "Review.id",
    "Review.text",
    "Review.secret",
    "Review.product",
    "Product.id",
    "Product.name",
    "Product.price",
  ];
  const decisions = new Map(all.filter((name) => !withheld.includes(name)).map((name) => [name, { kind: "allow", by }] as const));
  return {
    id,
    bureau: "housing",
    purpose: "p",
    bundleHash: "b",
    decisions,
    obligations: new Map(),
    changesAtMs: undefined,
  };
}
