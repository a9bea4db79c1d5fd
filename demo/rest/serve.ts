import { parseArgs } from "node:util";
import fastify, { type FastifyInstance } from "fastify";
import { answerProblems } from "./problem.ts";

/** A demonstration service about to listen. */
export interface Service {
  /** What the messages call it, such as `Land Registry`. */
  readonly name: string;
  readonly app: FastifyInstance;
  /** Port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
}

/** A message for the person at the keyboard: printed without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const host = "127.0.0.1";
const closeMs = 5000;

/** A fastify server with a bound on body and time, whose errors are problems of RFC 9457. */
export function createService(): FastifyInstance {
  const app = fastify({
    bodyLimit: 256 * 1024,
    requestTimeout: 10_000,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  });
  answerProblems(app);
  app.get("/health", () => ({ status: "ok" }));
  return app;
}

/**
 * Reads `--port N` from the command line.
 *
 * @throws {UsageError} for an unknown option or a port that is not a whole number from 0 to 65535.
 */
export function readPort(args: readonly string[], defaultPort: number): number {
  const text = portText(args) ?? String(defaultPort);
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new UsageError(`--port must be a whole number from 0 to 65535, not "${text}".`);
  return port;
}

/** Listens on 127.0.0.1, prints where, and ends cleanly on SIGTERM or SIGINT. A port in use is a UsageError. */
export async function serve({ name, app, port }: Service): Promise<void> {
  try {
    const address = await app.listen({ host, port });
    console.log(`${name} listening on ${address}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new UsageError(`Port ${port} on ${host} is in use: stop the program that holds it, or give ${name} another with --port.`);
  }
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop(app));
}

/** Runs a program's main; a UsageError is printed as one line, anything else with its stack; both end with status 1. */
export function run(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    console.error(error instanceof UsageError ? error.message : error);
    process.exitCode = 1;
  });
}

function portText(args: readonly string[]): string | undefined {
  try {
    return parseArgs({ args: [...args], options: { port: { type: "string" } }, strict: true }).values.port;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)} Usage: --port N`);
  }
}

function stop(app: FastifyInstance): void {
  // A caller that keeps a request open must not keep the service up for ever.
  setTimeout(() => process.exit(1), closeMs).unref();
  app.close().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
