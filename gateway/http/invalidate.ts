import type { FastifyInstance } from "fastify";
import { HubError } from "../core/errors.ts";
import { isJsonObject } from "../core/joined.ts";
import type { Log } from "../core/ports.ts";
import { refusalAnswer } from "./events.ts";
import { bytesOfAnswer } from "./operation.ts";

/** What became of a department's order to invalidate. */
export type InvalidationResult = { readonly kind: "done"; readonly mark: string } | { readonly kind: "refused" | "unavailable" };

/** Header in which a caller gives back the state of the cache that it has seen. */
export const EPOCH_HEADER = "hub-epoch";

/** Adds `POST /invalidate`: a JSON object with a department's signed order as its `token`. The signature is all that counts, whoever sends it. */
export function addInvalidation(server: FastifyInstance, invalidate: (token: string) => Promise<InvalidationResult>, log: Log): void {
  server.post("/invalidate", async (request, reply) => {
    reply.header("cache-control", "no-store").header("hub-request-id", request.id);
    try {
      const mark = await order(invalidate, request.body);
      return await reply.header(EPOCH_HEADER, mark).send({ epoch: mark });
    } catch (error) {
      const answer = refusalAnswer(error, request.id, log);
      return await reply.code(answer.status).header("content-type", "application/json; charset=utf-8").send(bytesOfAnswer(answer));
    }
  });
}

async function order(invalidate: (token: string) => Promise<InvalidationResult>, body: unknown): Promise<string> {
  const token = isJsonObject(body) ? body["token"] : undefined;
  if (typeof token !== "string") throw new HubError("BAD_REQUEST", "Send a JSON object with the signed order as its `token`.");
  const result = await invalidate(token);
  if (result.kind === "done") return result.mark;
  if (result.kind === "unavailable") throw new HubError("CACHE_UNAVAILABLE", "The invalidation couldn't be kept, so it isn't done.");
  throw new HubError("INVALIDATION_REFUSED", "The token is no order of a department that the hub knows, or not one of this moment.");
}

const markPattern = /^[0-9a-f]{16}\.\d{1,15}$/;

/**
 * Reads the state of the cache that a caller has seen.
 *
 * @throws {HubError} HEADER_INVALID.
 */
export function seenMarkOf(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === "string" && markPattern.test(header)) return header;
  throw new HubError(
    "HEADER_INVALID",
    "`Hub-Epoch` is what `POST /invalidate`, or the answer to a mutation, gave in its header of that name.",
  );
}
