import type { IncomingMessage } from "node:http";
import type { WebSocket } from "ws";
import type { Answer } from "../core/answer.ts";
import { HubError } from "../core/errors.ts";
import { hangupOf } from "../core/hangup.ts";
import { isJsonObject, type JsonObject } from "../core/joined.ts";
import { callerHeaders, type Identify } from "./credentials.ts";
import { type LiveOptions, refusalAnswer } from "./events.ts";
import { paramsOf, readJson } from "./intake.ts";
import { readOperation, textOfAnswer } from "./operation.ts";

/** What goes on over one WebSocket. */
export interface Session {
  read(text: string): void;
  /** Closes the socket when its caller's token has ended or its application was taken off the list. */
  checkCaller(): Promise<void>;
  /** Ends all operations: the socket is gone. */
  end(): void;
}

/** What a session is made of. */
export interface SessionOptions {
  readonly socket: WebSocket;
  readonly headers: IncomingMessage["headers"];
  readonly options: LiveOptions;
}

interface State extends SessionOptions {
  readonly running: Map<string, AbortController>;
  readonly initTimer: NodeJS.Timeout;
  stage: "new" | "identifying" | "ready";
  identify: Identify;
}

/** The longest id of an operation; clients number or use UUIDs. */
const idCharsMax = 128;

/** Starts the session of a socket that has just opened. */
export function createSession({ socket, headers, options }: SessionOptions): Session {
  const initTimer = setTimeout(() => socket.close(4408, "Connection initialisation timeout"), options.live.socketInitTimeoutMs);
  const state: State = {
    socket,
    headers,
    options,
    running: new Map(),
    initTimer,
    stage: "new",
    identify: async () => undefined,
  };
  return {
    read(text): void {
      if (socket.readyState === socket.OPEN) readMessage(state, text);
    },
    async checkCaller(): Promise<void> {
      if (state.stage !== "ready") return;
      try {
        await state.identify();
      } catch (error) {
        closeRefused(socket, error);
      }
    },
    end(): void {
      clearTimeout(initTimer);
      for (const operation of state.running.values()) operation.abort();
      state.running.clear();
    },
  };
}

function readMessage(state: State, text: string): void {
  const { socket } = state;
  const message = parseMessage(text);
  switch (message?.["type"]) {
    case "connection_init":
      if (state.stage === "new") void initialise(state, message["payload"]);
      else socket.close(4429, "Too many initialisation requests");
      return;
    case "subscribe":
      if (state.stage === "ready") subscribe(state, message);
      else socket.close(4401, "Unauthorized");
      return;
    case "complete": {
      const id = message["id"];
      if (typeof id === "string") stop(state, id);
      else socket.close(4400, "Invalid message");
      return;
    }
    case "ping":
      socket.send(`{"type":"pong"}`);
      return;
    case "pong":
      return;
    default:
      socket.close(4400, "Invalid message");
  }
}

function parseMessage(text: string): JsonObject | undefined {
  try {
    const message = readJson(text, "The message");
    return isJsonObject(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

async function initialise(state: State, payload: unknown): Promise<void> {
  const { socket, options } = state;
  const { identify } = options;
  state.stage = "identifying";
  try {
    if (identify !== undefined) {
      const headers = callerHeaders(payload, state.headers);
      state.identify = () => identify(headers);
      await state.identify();
    }
  } catch (error) {
    closeRefused(socket, error);
    return;
  } finally {
    clearTimeout(state.initTimer);
  }
  if (socket.readyState !== socket.OPEN) return;
  state.stage = "ready";
  socket.send(`{"type":"connection_ack"}`);
}

/** The reason of a close holds 123 bytes; the codes are all that a program needs. @see https://www.rfc-editor.org/rfc/rfc6455#section-5.5 */
function closeRefused(socket: WebSocket, error: unknown): void {
  if (error instanceof HubError && error.code !== "OVERLOADED") socket.close(4403, `Forbidden: ${error.code}`);
  else socket.close(1013, "Try again later");
}

function stop(state: State, id: string): void {
  state.running.get(id)?.abort();
  state.running.delete(id);
}

function subscribe(state: State, message: JsonObject): void {
  const { socket, running, options } = state;
  const { id, payload } = message;
  if (typeof id !== "string" || id === "" || id.length > idCharsMax || !isJsonObject(payload)) {
    socket.close(4400, "Invalid message");
    return;
  }
  if (running.has(id)) {
    socket.close(4409, `Subscriber for ${id.slice(0, 64).replace(/[^\x20-\x7e]/g, "?")} already exists`);
    return;
  }
  const requestId = options.newRequestId();
  if (running.size >= options.live.socketOperationsMax) {
    const error = new HubError("OVERLOADED", `This connection runs ${running.size} operations already; end one first.`);
    void send(state, errorMessage(id, refusalAnswer(error, requestId, options.log)));
    return;
  }
  const controller = new AbortController();
  running.set(id, controller);
  void runOperation(state, { id, payload, requestId, signal: controller.signal }).finally(() => {
    if (running.get(id) === controller) running.delete(id);
  });
}

interface Operation {
  readonly id: string;
  readonly payload: JsonObject;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

async function runOperation(state: State, operation: Operation): Promise<void> {
  const { id, requestId, signal } = operation;
  let ending: Answer | undefined;
  try {
    ending = await answerOperation(state, operation);
  } catch (error) {
    ending = refusalAnswer(error, requestId, state.options.log);
  }
  if (signal.aborted) return;
  // Its id is free as soon as the caller can know that the operation is over.
  state.running.delete(id);
  await send(state, ending === undefined ? JSON.stringify({ id, type: "complete" }) : errorMessage(id, ending));
  if (ending?.status === 401) closeRefused(state.socket, new HubError("UNAUTHENTICATED", ""));
}

/** @returns Why the operation ended without an answer; undefined when it is complete. */
async function answerOperation(state: State, { id, payload, requestId, signal }: Operation): Promise<Answer | undefined> {
  const { options } = state;
  const operation = readOperation(paramsOf(payload), options.documents);
  const deliver = (answer: Answer): Promise<void> =>
    signal.aborted ? Promise.resolve() : send(state, `{"id":${JSON.stringify(id)},"type":"next","payload":${textOfAnswer(answer)}}`);
  if (operation.kind === "subscription") {
    const identify = options.identify === undefined ? undefined : async () => callerOf(await state.identify());
    return options.subscriptions.run({ ...operation, requestId, identify, signal, deliver });
  }
  const answer = await options.pipeline.answer({ ...operation, requestId, caller: await state.identify(), hangup: hangupOf(signal) });
  if (answer.data === undefined) return answer;
  await deliver(answer);
  return undefined;
}

function callerOf<Caller>(caller: Caller | undefined): Caller {
  if (caller === undefined) throw new HubError("UNAUTHENTICATED", "Send `authorization` in the payload of `connection_init`.");
  return caller;
}

function errorMessage(id: string, { errors }: Answer): string {
  return JSON.stringify({ id, type: "error", payload: errors });
}

/** Resolves when the connection has taken the message, or is gone; a caller that takes nothing for too long is hung up on. */
async function send({ socket, options }: State, text: string): Promise<void> {
  if (socket.readyState !== socket.OPEN) return;
  const timer = setTimeout(() => socket.terminate(), options.live.sendTimeoutMs);
  await new Promise<void>((resolve) => socket.send(text, () => resolve()));
  clearTimeout(timer);
}
