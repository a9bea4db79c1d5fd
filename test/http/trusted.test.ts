import { createHash } from "node:crypto";
import { afterEach, describe, expect, test, vi } from "vitest";
import { StartError } from "../../gateway/start.ts";
import { type BareHub, startBareHub } from "./hub.ts";

let hub: BareHub | undefined;
afterEach(async () => {
  await hub?.close();
  hub = undefined;
});

const waiting = { timeout: 20_000, interval: 20 };

const document = "query Trusted { __typename }";
const hash = createHash("sha256").update(document).digest("hex");
const apollo = JSON.stringify({
  format: "apollo-persisted-query-manifest",
  version: 1,
  operations: [{ id: "one", name: "Trusted", type: "query", body: document }],
});
const plain = JSON.stringify({ [hash]: document });

async function start(manifest: string, settings: Readonly<Record<string, string>> = {}): Promise<BareHub> {
  hub = await startBareHub({ TRUSTED_DOCUMENTS_FILE: "FOLDER/trusted.json", ...settings }, { "trusted.json": manifest });
  return hub;
}

const persisted = (sha256Hash: string): unknown => ({ persistedQuery: { version: 1, sha256Hash } });

describe("a hub of trusted documents alone", () => {
  test("refuses every other document, whether by text or by id, and keeps none", async () => {
    const bare = await start(apollo, { TRUSTED_ONLY: "true" });
    for (const body of [
      { query: "{ __typename }" },
      { query: `${document} ` },
      { documentId: "two" },
      { extensions: persisted(hash) },
      { query: "{ __typename }", extensions: persisted(createHash("sha256").update("{ __typename }").digest("hex")) },
    ]) {
      const { status, errors } = await bare.post(body);
      expect([status, errors[0]?.extensions["code"]]).toEqual([403, "DOCUMENT_NOT_TRUSTED"]);
    }
  });

  test.for([
    ["Apollo's manifest", apollo, "one"],
    ["a plain manifest", plain, hash],
  ] as const)("runs those of %s by id and by equal text", async ([, manifest, id]) => {
    const bare = await start(manifest, { TRUSTED_ONLY: "true" });
    for (const body of [
      { documentId: id },
      { extensions: persisted(id) },
      { query: document },
      { query: document, extensions: persisted(id) },
    ]) {
      expect((await bare.post(body)).data).toEqual({ __typename: "Query" });
    }
    if (id === hash) expect((await bare.post({ documentId: `sha256:${hash}` })).data).toEqual({ __typename: "Query" });
  });
});

test("a hub that trusts documents runs others too, unless it is told not to", async () => {
  const bare = await start(apollo);
  expect((await bare.post({ documentId: "one" })).data).toEqual({ __typename: "Query" });
  expect((await bare.post({ query: "{ __typename }" })).data).toEqual({ __typename: "Query" });
});

test("a manifest that changes is taken up, and a broken one leaves the one before in force", async () => {
  const bare = await start(apollo, { TRUSTED_ONLY: "true", RELOAD_WATCH: "true", RELOAD_DEBOUNCE_MS: "20", RELOAD_POLL_MS: "0" });
  const other = "query Other { __typename }";
  const codeOf = async (query: string): Promise<unknown> => (await bare.post({ query })).errors[0]?.extensions["code"];
  expect([await codeOf(document), await codeOf(other)]).toEqual([undefined, "DOCUMENT_NOT_TRUSTED"]);
  await bare.write("trusted.json", JSON.stringify({ two: other }));
  await vi.waitFor(async () => expect([await codeOf(document), await codeOf(other)]).toEqual(["DOCUMENT_NOT_TRUSTED", undefined]), waiting);
  await bare.write("trusted.json", "{\n oops");
  const ready = async (): Promise<unknown> => (await fetch(bare.url.replace("/graphql", "/ready"))).json();
  await vi.waitFor(
    async () => expect(await ready()).toMatchObject({ refused: { fault: "DOCUMENTS_INVALID", places: ["trusted.json:2"] } }),
    waiting,
  );
  expect([await codeOf(document), await codeOf(other)]).toEqual(["DOCUMENT_NOT_TRUSTED", undefined]);
});

describe("the hub does not start", () => {
  test.for([
    ["JSON that ends too early", '{\n  "a": "{ b }",\n', 3, "not JSON"],
    ["JSON with a stray word", '{\n  "a": "{ b }",\n  oops\n}', 3, "not JSON"],
    ["a list", "[]", 1, "must be an object"],
    ["no document", "{}", 1, "no document"],
    ["a document that is no text", '{\n  "a": "{ b }",\n  "b": 3\n}', 3, "must be text"],
    ["a document that doesn't parse", '{\n  "a": "{ b }",\n\n  "c": "{ b"\n}', 4, "doesn't parse"],
    ["another format", '{\n  "format": "other",\n  "version": 1, "operations": []\n}', 2, "`format`"],
    [
      "an operation without a body",
      '{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [\n{"id": "a", "body": "{ a }"},\n{"id": "b"}\n]}',
      3,
      "`body`",
    ],
    [
      "an id of two documents",
      '{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [\n{"id": "a", "body": "{ a }"},\n{"id": "a", "body": "{ b }"}\n]}',
      3,
      "two documents",
    ],
  ] as const)("with a manifest of %s, and says the line", async ([, manifest, line, message]) => {
    const error: unknown = await start(manifest).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StartError);
    expect((error as StartError).message).toContain(`trusted.json:${line}: `);
    expect((error as StartError).message).toContain(message);
  });

  test("with trusted documents alone and no manifest", async () => {
    await expect(startBareHub({ TRUSTED_ONLY: "true" })).rejects.toThrow("TRUSTED_DOCUMENTS_FILE");
  });
});
