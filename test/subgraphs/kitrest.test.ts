import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { createRestSource, type RestOptions, type RestSource } from "../../subgraphs/kit/rest.ts";
import { findFreePort } from "../services/process.ts";
import { startUpstream, type Upstream, upstreamFaults } from "./ask.ts";

const shape = z.object({ owners: z.array(z.string()) });
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function start(
  answer: (reply: ServerResponse, count: number) => void,
  options: Partial<RestOptions> = {},
): Promise<{ readonly upstream: Upstream; readonly source: RestSource }> {
  let count = 0;
  const upstream = await startUpstream((_request, reply) => {
    count += 1;
    answer(reply, count);
  });
  const source = createRestSource({ name: "the test service", baseUrl: upstream.url, timeoutMs: 3_000, bodyBytesMax: 10_000, ...options });
  closing.push(async () => {
    await source.close();
    await upstream.close();
  });
  return { upstream, source };
}

function sendJson(reply: ServerResponse, body: unknown, type = "application/json"): void {
  reply.writeHead(200, { "content-type": type }).end(JSON.stringify(body));
}

describe("a REST source", () => {
  test.each(upstreamFaults)("that %s is an error: %s", async (_name, message, answer) => {
    const { source } = await start(answer, { timeoutMs: 400, retriesMax: 0 });
    await expect(source.read({ path: "/v1/owners", shape })).rejects.toThrow(`The test service ${message}`);
  });

  test.each(["application/json; charset=utf-8", "application/problem+json"])("is read as %s", async (type) => {
    const { source } = await start((reply) => sendJson(reply, { owners: ["a"], more: 1 }, type));
    expect(await source.read({ path: "/v1/owners", shape })).toEqual({ owners: ["a"] });
  });

  test("that sends more than is accepted is cut off", async () => {
    const { source } = await start((reply) => sendJson(reply, { owners: ["x".repeat(10_000)] }));
    await expect(source.read({ path: "/", shape })).rejects.toMatchObject({ code: "SOURCE_REPLY_TOO_LARGE" });
  });

  test("gets its query encoded and its body as JSON, under the path of its address", async () => {
    const { upstream, source } = await start((reply) => sendJson(reply, { owners: [] }));
    const prefixed = createRestSource({
      name: "the test service",
      baseUrl: `${upstream.url}/base/`,
      timeoutMs: 3_000,
      bodyBytesMax: 1_000,
    });
    await prefixed.read({ path: "/v1/owners", query: { ids: "a b,ü&c" }, shape });
    await source.read({ path: "/v1/search", body: { refs: ["a"] }, shape });
    expect(upstream.calls).toEqual(["GET /base/v1/owners?ids=a+b%2C%C3%BC%26c", "POST /v1/search"]);
    await prefixed.close();
  });

  test("answers undefined for a status that means absence, and an error for others", async () => {
    const { source } = await start((reply, count) => reply.writeHead(count === 1 ? 404 : 410).end());
    expect(await source.read({ path: "/", shape, absentStatuses: [404] })).toBeUndefined();
    await expect(source.read({ path: "/", shape, absentStatuses: [404] })).rejects.toMatchObject({
      code: "SOURCE_STATUS",
      facts: { status: 410 },
    });
  });

  test("is tried again after a connection error, and told of each try", async () => {
    const calls: string[] = [];
    const onCall = ({ method, path }: { readonly method: string; readonly path: string }): void => void calls.push(`${method} ${path}`);
    const { source } = await start((reply, count) => (count < 3 ? reply.destroy() : sendJson(reply, { owners: [] })), { onCall });
    expect(await source.read({ path: "/v1/owners", query: { ref: "P1" }, shape })).toEqual({ owners: [] });
    expect(calls).toEqual(["GET /v1/owners", "GET /v1/owners", "GET /v1/owners"]);
  });

  test("is not tried again after an answer, a timeout, or more often than allowed", async () => {
    const { upstream: failing, source } = await start((reply) => reply.writeHead(500).end());
    await expect(source.read({ path: "/", shape })).rejects.toMatchObject({ code: "SOURCE_STATUS" });
    expect(failing.calls).toHaveLength(1);
    const { upstream: slow, source: waiting } = await start(() => undefined, { timeoutMs: 200 });
    await expect(waiting.read({ path: "/", shape })).rejects.toMatchObject({ code: "SOURCE_TIMEOUT" });
    expect(slow.calls).toHaveLength(1);
    const { upstream: broken, source: tried } = await start((reply) => reply.destroy(), { retriesMax: 1 });
    await expect(tried.read({ path: "/", shape })).rejects.toMatchObject({ code: "SOURCE_UNAVAILABLE" });
    expect(broken.calls).toHaveLength(2);
  });

  test("that isn't there is out of reach", async () => {
    const source = createRestSource({
      name: "the test service",
      baseUrl: `http://127.0.0.1:${await findFreePort()}`,
      timeoutMs: 3_000,
      bodyBytesMax: 1_000,
    });
    await expect(source.read({ path: "/", shape })).rejects.toThrow("The test service can't be reached.");
    await source.close();
  });

  test("has one deadline for all its tries", async () => {
    const { upstream, source } = await start((reply) => void setTimeout(() => reply.destroy(), 150), { timeoutMs: 400, retriesMax: 50 });
    await expect(source.read({ path: "/", shape })).rejects.toMatchObject({ code: "SOURCE_TIMEOUT" });
    expect(upstream.calls.length).toBeLessThan(5);
  });
});
