import type { Log } from "../core/ports.ts";
import { withDeadline } from "./deadline.ts";
import type { RedisLink } from "./link.ts";

/** Where departments leave their orders: entries with a field `token`, which holds what `POST /invalidate` takes. */
export const ORDERS_KEY = "crossharbour:invalidations";

/** How orders are taken from Redis. */
export interface StreamOptions {
  readonly link: RedisLink;
  readonly log: Log;
  /** Names this hub among those that share the work. */
  readonly consumer: string;
  readonly pollMs: number;
  /** Longest that one command may take, in milliseconds. */
  readonly timeoutMs: number;
  /** @returns Whether the order is dealt with: done, or refused for good. Else it is tried again. */
  readonly take: (token: string) => Promise<boolean>;
}

const group = "hubs";
/** Orders taken at once. */
const countMax = 100;
/** How long an order may lie with a hub that has taken it before another one takes it, in milliseconds. */
const idleMs = 5_000;

/**
 * Takes departments' orders from a stream. One hub takes each, as the table of epochs is shared; what a hub has taken and not done, since it ended or the table
 * couldn't be changed, is taken again.
 */
export function followOrders(options: StreamOptions): { close(): void } {
  const state = { isClosed: false, isOpen: false, timer: undefined as NodeJS.Timeout | undefined };

  async function round(): Promise<void> {
    const { link, log } = options;
    if (!link.isReady()) {
      state.isOpen = false;
      return;
    }
    try {
      if (!state.isOpen) await openGroup(options);
      state.isOpen = true;
      await takeAll(options);
    } catch (error) {
      if (state.isOpen) log.warn({ error: error instanceof Error ? error.message : "unknown" }, "cache.orders-unread");
      state.isOpen = false;
    }
  }

  function schedule(): void {
    if (state.isClosed) return;
    state.timer = setTimeout(() => void round().finally(schedule), options.pollMs);
    state.timer.unref();
  }

  schedule();
  return {
    close: () => {
      state.isClosed = true;
      clearTimeout(state.timer);
    },
  };
}

async function openGroup({ link, timeoutMs }: StreamOptions): Promise<void> {
  try {
    await withDeadline(link.client.xgroup("CREATE", ORDERS_KEY, group, "0", "MKSTREAM"), timeoutMs);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("BUSYGROUP"))) throw error;
  }
}

async function takeAll(options: StreamOptions): Promise<void> {
  const { link, consumer, timeoutMs } = options;
  const left: unknown = await withDeadline(link.client.xautoclaim(ORDERS_KEY, group, consumer, idleMs, "0", "COUNT", countMax), timeoutMs);
  await takeEntries(options, Array.isArray(left) ? left[1] : undefined);
  const read: unknown = await withDeadline(
    link.client.xreadgroup("GROUP", group, consumer, "COUNT", countMax, "STREAMS", ORDERS_KEY, ">"),
    timeoutMs,
  );
  const streams: readonly unknown[] = Array.isArray(read) ? read : [];
  for (const stream of streams) {
    // Orders of one department may depend on their order.
    // oxlint-disable-next-line no-await-in-loop
    if (Array.isArray(stream)) await takeEntries(options, stream[1]);
  }
}

async function takeEntries({ link, log, take, timeoutMs }: StreamOptions, entries: unknown): Promise<void> {
  for (const entry of Array.isArray(entries) ? (entries as readonly unknown[]) : []) {
    const [id, words] = Array.isArray(entry) ? (entry as readonly unknown[]) : [];
    if (typeof id !== "string") continue;
    const token = Array.isArray(words) && words[0] === "token" ? String(words[1]) : "";
    // oxlint-disable-next-line no-await-in-loop
    if (!(await take(token))) {
      log.warn({ id }, "cache.order-left");
      continue;
    }
    // oxlint-disable-next-line no-await-in-loop
    await withDeadline(Promise.all([link.client.xack(ORDERS_KEY, group, id), link.client.xdel(ORDERS_KEY, id)]), timeoutMs);
  }
}
