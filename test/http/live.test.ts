import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type BareHub, startBareHub } from "./hub.ts";

let hub: BareHub | undefined;
afterEach(async () => {
  await hub?.close();
  hub = undefined;
});

interface Result {
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions: Readonly<Record<string, unknown>> }[];
}

type Ask = (body: Readonly<Record<string, unknown>>) => Promise<Result>;

async function readStream(url: string, init: RequestInit): Promise<Result> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
  return JSON.parse(/^data: (.+)$/m.exec(await response.text())?.[1] ?? "") as Result;
}

const askOverStream: Ask = (body) =>
  readStream(hub?.url ?? "", {
    method: "POST",
    headers: { accept: "text/event-stream", "content-type": "application/json" },
    body: JSON.stringify(body),
  });

const askByGet: Ask = (body) => {
  const search = new URLSearchParams(body as Record<string, string>);
  return readStream(`${hub?.url ?? ""}?${search.toString()}`, { headers: { accept: "text/event-stream" } });
};

async function askOverSocket(payload: Readonly<Record<string, unknown>>): Promise<Result> {
  const socket = new WebSocket((hub?.url ?? "").replace("http", "ws"), "graphql-transport-ws");
  await once(socket, "open");
  socket.send(`{"type":"connection_init"}`);
  await once(socket, "message");
  socket.send(JSON.stringify({ id: "1", type: "subscribe", payload }));
  const [message] = (await once(socket, "message")) as [Buffer];
  socket.close();
  const { type, payload: result } = JSON.parse(message.toString()) as { readonly type: string; readonly payload: unknown };
  return type === "error" ? { errors: result as NonNullable<Result["errors"]> } : (result as Result);
}

const codeOf = ({ errors }: Result): unknown => errors?.[0]?.extensions["code"];

describe.for([
  ["an event stream by POST", askOverStream],
  ["an event stream by GET", askByGet],
  ["a WebSocket", askOverSocket],
] as const)("over %s", ([, ask]: readonly [string, Ask]) => {
  const document = "query Trusted { __typename }";
  const manifest = JSON.stringify({
    format: "apollo-persisted-query-manifest",
    version: 1,
    operations: [{ id: "one", name: "Trusted", type: "query", body: document }],
  });

  test("a hub of trusted documents alone runs no other, and its own by id and by text", async () => {
    hub = await startBareHub({ TRUSTED_DOCUMENTS_FILE: "FOLDER/trusted.json", TRUSTED_ONLY: "true" }, { "trusted.json": manifest });
    expect(codeOf(await ask({ query: "{ __typename }" }))).toBe("DOCUMENT_NOT_TRUSTED");
    expect(codeOf(await ask({ documentId: "two" }))).toBe("DOCUMENT_NOT_TRUSTED");
    expect(await ask({ documentId: "one" })).toEqual({ data: { __typename: "Query" } });
    expect(await ask({ query: document })).toEqual({ data: { __typename: "Query" } });
  });

  test.for([
    ["LIMIT_TOKENS_MAX", "tokensMax", "{ a: __typename b: __typename c: __typename d: __typename }", "10"],
    ["LIMIT_ALIASES_MAX", "aliasesMax", "{ a: __typename b: __typename }", "1"],
    ["LIMIT_DEPTH_MAX", "depthMax", "{ districts { name { en } } }", "2"],
    ["LIMIT_ROOT_FIELDS_MAX", "rootFieldsMax", "{ districts { code } estates: districts { code } }", "1"],
    ["LIMIT_COST_MAX", "costMax", "{ districts { code years { year } } }", "5"],
  ] as const)("%s holds", async ([setting, limit, query, max]) => {
    hub = await startBareHub({ [setting]: max });
    const { errors } = await ask({ query });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "OPERATION_LIMIT", limit });
  });
});
