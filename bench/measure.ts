import { isDeepStrictEqual } from "node:util";
import { maskPhones } from "./bundle.ts";
import { driveServer } from "./drive.ts";
import type { Mode, Slice } from "./figures.ts";
import { bodyOf, nonceAt, type Workload } from "./graph/workloads.ts";
import { quantile } from "./load.ts";
import type { Market } from "./market.ts";
import { type Program, readUsage } from "./process.ts";
import type { Target } from "./targets.ts";
import { openConnection, writePost } from "./wire.ts";

/** A started target. */
export interface Contender {
  readonly target: Target;
  readonly program: Program;
  /** Bytes of the right answer by workload; found by checking it. */
  readonly answerBytes: Map<string, number>;
}

/** What is asked, and how. */
export interface Question {
  readonly workload: Workload;
  readonly mode: Mode;
}

/** A question for one of them. */
export interface Asked {
  readonly contender: Contender;
  readonly question: Question;
  readonly requestAt: (index: number) => string;
}

const answerTimeoutMs = 30_000;
/** Request ids and ages in answers differ a little in length. */
const slackBytes = 64;

/**
 * Writes requests. All different ones have a nonce of their own, which every call of a department repeats, and a token of their own;
 * numbers go on from one use to the next, so that no nonce comes twice.
 */
export function createRequests(market: Market): (contender: Contender, question: Question) => (index: number) => string {
  let issued = 1;
  return ({ target }, { workload, mode }) => {
    const [before = "", after = ""] = bodyOf(workload, "|").split("|");
    const write = (number: number): string => {
      const nonce = nonceAt(number);
      const headers = target.isGoverned ? market.governed.headersAt(number) : { authorization: `Bearer ${nonce.slice(1)}` };
      return writePost({ path: "/graphql", headers: { accept: "application/json", ...headers }, body: `${before}${nonce}${after}` });
    };
    if (mode === "different") {
      return () => {
        issued += 1;
        return write(issued);
      };
    }
    const only = write(0);
    return () => only;
  };
}

/**
 * Asks a target a workload twice, with different nonces, and holds the answers against the right one.
 *
 * @returns what is wrong; undefined when both answers are right.
 */
export async function checkAnswer(market: Market, { contender, question, requestAt }: Asked): Promise<string | undefined> {
  const { workload } = question;
  const right = market.answers.get(workload.name);
  const expected = contender.target.isGoverned ? maskPhones(right) : right;
  const connection = openConnection(contender.program.port, answerTimeoutMs);
  try {
    for (const index of [0, 1]) {
      const { status, body } = await connection.send(requestAt(index));
      const text = body.toString("utf8");
      if (status !== 200) return `status ${status}: ${text.slice(0, 400)}`;
      const { data, errors } = JSON.parse(text) as { data?: unknown; errors?: unknown };
      if (errors !== undefined) return `errors: ${JSON.stringify(errors).slice(0, 400)}`;
      if (!isDeepStrictEqual(data, expected)) return `another answer: ${text.slice(0, 400)}`;
      contender.answerBytes.set(workload.name, body.length);
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    connection.close();
  }
}

/** How one slice is measured. */
export interface SliceOptions {
  readonly seconds: number;
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/** Asks a target for some seconds, and reads what that took from it. */
export async function measureSlice(market: Market, { contender, question, requestAt }: Asked, options: SliceOptions): Promise<Slice> {
  const { target, program, answerBytes } = contender;
  const bytes = answerBytes.get(question.workload.name) ?? 0;
  const callsBefore = await market.countCalls();
  const before = readUsage(program.pid);
  const drive = await driveServer({
    ...options,
    port: program.port,
    requestAt,
    findFault: (status, body) =>
      status !== 200
        ? `status ${status}`
        : Math.abs(body.length - bytes) > slackBytes
          ? `${body.length} bytes instead of ${bytes}`
          : undefined,
  });
  const after = readUsage(program.pid);
  const calls = (await market.countCalls()) - callsBefore;
  return {
    target: target.name,
    sharing: target.sharing,
    workload: question.workload.name,
    mode: question.mode,
    requestsPerSecond: (drive.count * 1_000) / drive.elapsedMs,
    p50Ms: quantile(drive.latenciesMs, 0.5),
    p99Ms: quantile(drive.latenciesMs, 0.99),
    cpuMs: (after.cpuMs - before.cpuMs) / drive.count,
    residentBytes: after.residentBytes,
    callsPerRequest: calls / drive.count,
  };
}
