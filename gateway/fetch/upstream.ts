import { type ErrorCode, HubError } from "../core/errors.ts";
import { createFlights, type Flights } from "../core/flights.ts";
import { createGate, type Gate } from "../core/gate.ts";
import type { Hangup } from "../core/hangup.ts";
import type { Clock, LoadMeter } from "../core/ports.ts";
import { type Breaker, createBreaker } from "./breaker.ts";
import { createHttpClient, type Exchange, type HttpClient } from "./http.ts";
import { type DataReply, type Failure, type Reply, readReply, takeReply, type UnreadReply } from "./reply.ts";

/** One call of a subgraph. */
export interface Call {
  readonly subgraph: string;
  readonly body: string;
  /** Sent along; calls with different headers are never shared. */
  readonly headers: Readonly<Record<string, string>>;
  /** Epoch milliseconds by which the answer must be there. */
  readonly deadlineAtMs: number;
  /** Queries may be shared and tried again; mutations never. */
  readonly isQuery: boolean;
  /** Calls with different marks are never shared: what one cache may keep, another must not. */
  readonly mark?: string;
  /** When the caller hangs up, a query is aborted unless another call shares it; a mutation never is. */
  readonly hangup?: Hangup | undefined;
}

/** All subgraphs of one supergraph. */
export interface Upstream {
  /** Never rejects. */
  call(call: Call): Promise<Reply>;
  /** The same, but what a subgraph answers is not read. Such calls are shared among themselves. */
  callUnread(call: Call): Promise<UnreadReply | Failure>;
  close(): Promise<void>;
}

/** Bounds of calls. */
export interface UpstreamOptions {
  readonly urls: ReadonlyMap<string, string>;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly connectionsMax: number;
  readonly waitingMax: number;
  readonly responseBytesMax: number;
  readonly retriesMax: number;
  readonly breakerFailures: number;
  readonly breakerPauseMs: number;
  /** Whether equal queries in flight share one call. */
  readonly isSharing: boolean;
  /** Told of each call that was made: how it ended and how long it took. */
  readonly onCall?: (subgraph: string, outcome: "OK" | ErrorCode, durationMs: number) => void;
  readonly nowMs: Clock;
  readonly meterLoad: LoadMeter;
  /** A number from 0 to 1, for the jitter of retries. */
  readonly random: () => number;
}

interface Lane {
  readonly client: HttpClient;
  readonly gate: Gate;
  readonly breaker: Breaker;
}

/** Opens a client, a gate and a breaker for each subgraph. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const lanes = new Map([...options.urls].map(([name, url]) => [name, createLane(options, url)] as const));
  const flights = createFlights<Reply>();
  const unreadFlights = createFlights<UnreadReply | Failure>();

  async function fly<Result extends Read>(call: Call, read: Reading<Result>): Promise<Result | Failure> {
    const lane = lanes.get(call.subgraph);
    if (lane === undefined) return { kind: "failure", code: "SUBGRAPH_UNAVAILABLE", isRetryable: false };
    for (let attempt = 0; ; attempt += 1) {
      // One try after the other is the point.
      // oxlint-disable-next-line no-await-in-loop
      const reply = await tryOnce(options, lane, { call, read });
      const isGone = call.hangup?.isGone() === true;
      const isLast = reply.kind !== "failure" || !reply.isRetryable || !call.isQuery || isGone || attempt >= options.retriesMax;
      if (isLast) return reply;
      const pauseMs = retryPauseMs * 2 ** attempt * (0.5 + options.random());
      if (options.nowMs() + pauseMs >= call.deadlineAtMs) return reply;
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  function share<Result extends Read>(call: Call, { flights: under, read }: Sharing<Result>): Promise<Result | Failure> {
    if (!call.isQuery) return fly({ ...call, hangup: undefined }, read);
    if (!options.isSharing) return fly(call, read);
    return under.join(flightKey(call), call.hangup, (hangup) => fly({ ...call, hangup }, read));
  }

  return {
    call: (call) => share(call, { flights, read: readAtOnce }),
    callUnread: (call) => share(call, { flights: unreadFlights, read: leaveUnread }),
    async close(): Promise<void> {
      await Promise.all([...lanes.values()].map((lane) => lane.client.close()));
    },
  };
}

type Read = DataReply | UnreadReply;

/** Reads an exchange. Once, now or later, it tells whether it was what it should be. */
type Reading<Result> = (exchange: Exchange, judge: (isReply: boolean) => void) => Result | Failure;

const readAtOnce: Reading<DataReply> = (exchange, judge) => {
  const reply = readReply(exchange);
  judge(reply.kind === "data");
  return reply;
};

const leaveUnread: Reading<UnreadReply> = (exchange, judge) => {
  const reply = takeReply(exchange);
  if (reply.kind === "unread") return { ...reply, judge };
  judge(false);
  return reply;
};

interface Sharing<Result> {
  readonly flights: Flights<Result | Failure>;
  readonly read: Reading<Result>;
}

/** First pause before a call is tried again; it doubles. */
const retryPauseMs = 20;

/** So many calls of a subgraph are always made at once; with more a busy hub gains nothing, but for what lies longer in more places. */
const callsAtOnce = 8;

function createLane(options: UpstreamOptions, url: string): Lane {
  const { connectionsMax, responseBytesMax, connectTimeoutMs } = options;
  return {
    client: createHttpClient({ url, connectionsMax, responseBytesMax, connectTimeoutMs }),
    gate: createGate({
      concurrencyMax: connectionsMax,
      waitingMax: options.waitingMax,
      what: "a department",
      narrowing: { few: callsAtOnce, meterLoad: options.meterLoad },
    }),
    breaker: createBreaker({ failuresMax: options.breakerFailures, pauseMs: options.breakerPauseMs, nowMs: options.nowMs }),
  };
}

/** Every part is told apart by its length, so that no two calls have one key. */
function flightKey({ subgraph, body, headers, mark = "" }: Call): string {
  let key = `${subgraph.length}:${subgraph}${mark.length}:${mark}`;
  for (const name of Object.keys(headers)) key += `${name.length}:${name}${headers[name]?.length ?? 0}:${headers[name] ?? ""}`;
  return key + body;
}

interface Try<Result> {
  readonly call: Call;
  readonly read: Reading<Result>;
}

async function tryOnce<Result extends Read>(options: UpstreamOptions, lane: Lane, { call, read }: Try<Result>): Promise<Result | Failure> {
  if (!lane.breaker.isClosed()) return { kind: "failure", code: "SUBGRAPH_UNAVAILABLE", isRetryable: false };
  const timeoutMs = Math.min(options.timeoutMs, call.deadlineAtMs - options.nowMs());
  if (timeoutMs <= 0) return { kind: "failure", code: "SUBGRAPH_TIMEOUT", isRetryable: false };
  const leave = lane.gate.enterNow() ?? (await enterGate(lane.gate, timeoutMs));
  if (leave === undefined) return { kind: "failure", code: "SUBGRAPH_TIMEOUT", isRetryable: false };
  try {
    const startMs = options.nowMs();
    const { body, headers, hangup } = call;
    const reply = read(await lane.client.post({ body, headers, timeoutMs, hangup }), createJudge(lane.breaker, hangup));
    options.onCall?.(call.subgraph, reply.kind === "failure" ? reply.code : "OK", options.nowMs() - startMs);
    return reply;
  } finally {
    leave();
  }
}

/** All who share a reply judge it; the breaker is told once. A call that its own caller gave up says nothing of the subgraph. */
function createJudge(breaker: Breaker, hangup: Hangup | undefined): (isReply: boolean) => void {
  let isJudged = false;
  return (isReply) => {
    if (!isJudged && hangup?.isGone() !== true) breaker.note(isReply);
    isJudged = true;
  };
}

async function enterGate(gate: Gate, timeoutMs: number): Promise<(() => void) | undefined> {
  try {
    return await gate.enter(timeoutMs);
  } catch (error) {
    if (error instanceof HubError) return undefined;
    throw error;
  }
}
