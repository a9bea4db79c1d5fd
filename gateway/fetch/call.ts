import type { AnswerBytes } from "../core/answer.ts";
import type { CacheCall, CachedData } from "../core/ports.ts";
import { addNotes } from "./notes.ts";
import { type Reply, readReplyText } from "./reply.ts";
import type { Representations } from "./representations.ts";
import type { CompiledFetch, Scene } from "./scene.ts";
import type { Call } from "./upstream.ts";

/** The members of a call's variables that the caller gave. */
export function writeVariables(names: readonly string[], values: Readonly<Record<string, unknown>>): string[] {
  return names.flatMap((name) => (values[name] === undefined ? [] : [`${JSON.stringify(name)}:${JSON.stringify(values[name])}`]));
}

/** Gets what a call brings, from the cache where it may. */
export function obtainReply(
  scene: Scene,
  compiled: CompiledFetch,
  representations: readonly Representations[],
): Promise<Reply | CachedData> {
  const { run } = scene;
  const { cached, fetch } = compiled;
  // What an event tells of may have changed just now.
  if (cached === undefined || run.options.event !== undefined) {
    const asked = { text: undefined, representations, variableNames: fetch.variableNames, mark: "", isDetached: false };
    const { straight } = scene.options;
    return straight === undefined ? callSubgraph(scene, compiled, asked) : callStraight(scene, compiled, { asked, straight });
  }
  const { variables, asker, seenMark } = run.options;
  const call = (asked: CacheCall): Promise<Reply> => callSubgraph(scene, compiled, asked);
  const texts = representations.map((each) => each.texts());
  return cached.obtain({ variables, representations: texts, asker, seenMark, call, note: (notes) => addNotes(run, notes) });
}

interface StraightCall {
  readonly asked: CacheCall;
  readonly straight: (reply: Buffer) => AnswerBytes | undefined;
}

/** What was passed on unread. */
const unread: CachedData = { kind: "data", data: {}, errors: [] };

/** Passes on a reply that is the answer as it is, and reads any other. */
async function callStraight(scene: Scene, compiled: CompiledFetch, { asked, straight }: StraightCall): Promise<Reply | CachedData> {
  const reply = await scene.options.upstream.callUnread(await writeCall(scene, compiled, asked));
  if (reply.kind !== "unread") return reply;
  scene.run.passed = straight(reply.bytes);
  const read = scene.run.passed === undefined ? readReplyText(reply.bytes.toString("utf8")) : unread;
  reply.judge(read.kind === "data");
  return read;
}

async function callSubgraph(scene: Scene, compiled: CompiledFetch, asked: CacheCall): Promise<Reply> {
  return scene.options.upstream.call(await writeCall(scene, compiled, asked));
}

/** Longest that a call for the cache alone may take, in milliseconds. */
const detachedMs = 5_000;

async function writeCall({ run }: Scene, { fetch, bodyStart }: CompiledFetch, asked: CacheCall): Promise<Call> {
  const { text, representations, variableNames, mark, isDetached } = asked;
  if (!isDetached) run.fetches += 1;
  let variables = "";
  for (const [index, { variableName }] of fetch.attachments.entries()) {
    const list = representations[index]?.join(",");
    // A narrower text has no variable for entities of which it asks none.
    if (list === undefined || (text !== undefined && list === "")) continue;
    variables += `${variables === "" ? "" : ","}${JSON.stringify(variableName)}:[${list}]`;
  }
  for (const member of writeVariables(variableNames, run.options.variables)) variables += `${variables === "" ? "" : ","}${member}`;
  const start = text === undefined ? bodyStart : `{"query":${JSON.stringify(text)}`;
  const headers = await run.options.headersFor(fetch.subgraph);
  return {
    subgraph: fetch.subgraph,
    body: variables === "" ? `${start}}` : `${start},"variables":{${variables}}}`,
    headers,
    deadlineAtMs: isDetached ? run.options.nowMs() + detachedMs : run.options.deadlineAtMs,
    isQuery: fetch.operationKind === "query",
    hangup: isDetached ? undefined : run.options.hangup,
    mark,
  };
}
