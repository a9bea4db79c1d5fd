import { readFile } from "node:fs/promises";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { JWK } from "jose";
import { z } from "zod";
import { CALL_HEADER, CallError, type CallVerifier, createCallVerifier, type HubCall } from "../../schema/contract.ts";

/** The first fence of a subgraph: only the hub's signed calls come in. */
export interface Fence {
  /** A fastify `onRequest` hook: answers 401 to a request without a valid `hub-call` header, before its body is read. */
  readonly check: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;
  /** The verified call of a request that came through. @throws {Error} For one that didn't. */
  readonly callOf: (request: FastifyRequest) => HubCall;
}

/** Makes the fence around one subgraph. */
export function createFence(verifier: CallVerifier): Fence {
  const calls = new WeakMap<FastifyRequest, HubCall>();
  return {
    check: async (request, reply) => {
      try {
        calls.set(request, await verifier.verify(headerOf(request)));
        return undefined;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        const extensions = { code: "UNAUTHENTICATED", reason: error.code };
        return reply.code(401).send({ errors: [{ message: error.message, extensions }] });
      }
    },
    callOf: (request) => {
      const call = calls.get(request);
      if (call === undefined) throw new Error("The request has not come through the fence.");
      return call;
    },
  };
}

/** Node joins a repeated header with a comma, and such a text is no token. */
function headerOf(request: FastifyRequest): string | undefined {
  const header = request.headers[CALL_HEADER];
  return typeof header === "string" ? header : header?.join(",");
}

const keySet = z.object({ keys: z.array(z.custom<JWK>((key) => typeof key === "object" && key !== null && "kty" in key)) });

/**
 * Reads the hub's public keys.
 *
 * @param file A JWKS, JSON.
 * @throws {Error} That names the file, when it can't be read or holds no key set of Ed25519 keys.
 */
export async function readVerifier(
  file: string,
  options: { readonly subgraph: string; readonly nowMs: () => number },
): Promise<CallVerifier> {
  try {
    const jwks = keySet.parse(JSON.parse(await readFile(file, "utf8")));
    return await createCallVerifier({ jwks, ...options });
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? "It is no key set (JWKS)." : cause instanceof Error ? cause.message : String(cause);
    throw new Error(`HUB_KEYS_FILE ${file} can't be used: ${reason}`, { cause });
  }
}
