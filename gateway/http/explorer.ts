import type { FastifyInstance } from "fastify";
import type { ConsoleAsset } from "../../console/assets.ts";
import { explorerPath } from "../../console/pages.ts";

/** The explorer, built and ready to be served. */
export interface Explorer {
  /** Read for each answer: it names purposes, which change with the agreements. */
  readonly html: string;
  /** Value of the page's Content-Security-Policy. */
  readonly policy: string;
  /** By file name. */
  readonly files: ReadonlyMap<string, ConsoleAsset>;
}

/** Adds the explorer's page and files to a server. */
export function addExplorer(server: FastifyInstance, explorer: Explorer): void {
  const { policy, files } = explorer;
  server.get("/", async (_request, reply) => reply.redirect(explorerPath));
  server.get(explorerPath, async (_request, reply) =>
    reply
      .header("content-type", "text/html; charset=utf-8")
      .header("content-security-policy", policy)
      .header("cache-control", "no-cache")
      .header("x-content-type-options", "nosniff")
      .header("referrer-policy", "no-referrer")
      .send(explorer.html),
  );
  server.get<{ Params: { file: string } }>(`${explorerPath}/assets/:file`, async (request, reply) => {
    const asset = files.get(request.params.file);
    if (asset === undefined) return reply.callNotFound();
    // Names hold a hash of the content, so a copy never gets old.
    reply
      .header("cache-control", "public, max-age=31536000, immutable")
      .header("etag", asset.etag)
      .header("x-content-type-options", "nosniff");
    if (request.headers["if-none-match"] === asset.etag) return reply.code(304).send();
    return reply.header("content-type", asset.contentType).send(asset.bytes);
  });
}
