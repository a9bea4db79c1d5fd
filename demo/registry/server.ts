import { readFile } from "node:fs/promises";
import type { FastifyInstance } from "fastify";
import { sendProblem } from "../rest/problem.ts";
import { createService } from "../rest/serve.ts";
import type { Book } from "./book.ts";

/** The REST service of the Land Registry that openapi.yaml beside this file describes. */
export function createRegistry(book: Book): FastifyInstance {
  const app = createService();
  app.get<{ Params: { prn: string } }>("/v1/properties/:prn", { schema: { params: prnParams } }, (request, reply) => {
    const { prn } = request.params;
    return book.find(prn) ?? sendProblem(reply, { title: "Not Found", status: 404, detail: `There is no property ${prn}.` });
  });
  app.post<{ Body: { prns: string[] } }>("/v1/properties/search", { schema: { body: prnsBody } }, (request) => ({
    properties: unique(request.body.prns).flatMap((prn) => book.find(prn) ?? []),
  }));
  app.post<{ Body: { refs: string[] } }>("/v1/owners/search", { schema: { body: refsBody } }, (request) => ({
    owners: unique(request.body.refs).map((ref) => ({ ref, properties: book.ownedBy(ref) })),
  }));
  app.post<{ Body: { refs: string[] } }>("/v1/owners/domestic", { schema: { body: refsBody } }, (request) => ({
    owners: unique(request.body.refs).map((ref) => ({ ref, ownsDomestic: book.ownedBy(ref).some(({ use }) => use === "DOMESTIC") })),
  }));
  app.get("/openapi.yaml", async (_request, reply) =>
    reply.type("application/yaml").send(await readFile(new URL("openapi.yaml", import.meta.url), "utf8")),
  );
  return app;
}

const keysMax = 1000;
const prn = { type: "string", pattern: "^\\d{8}$" };
const ref = { type: "string", minLength: 1, maxLength: 64 };
const prnParams = { type: "object", required: ["prn"], properties: { prn } };
const prnsBody = listBody("prns", prn);
const refsBody = listBody("refs", ref);

function listBody(name: string, items: object): object {
  const list = { type: "array", minItems: 1, maxItems: keysMax, items };
  return { type: "object", required: [name], additionalProperties: false, properties: { [name]: list } };
}

function unique(keys: readonly string[]): readonly string[] {
  return [...new Set(keys)];
}
