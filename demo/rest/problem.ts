import type { FastifyError, FastifyInstance, FastifyReply } from "fastify";

/** A problem of RFC 9457, section 3.1, without `type` and `instance`: `about:blank` is meant. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

/** Sends a problem as `application/problem+json`. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.code(problem.status).type("application/problem+json").send(JSON.stringify(problem));
}

/** Makes every error of a server, unknown addresses included, a problem. The detail of an inner failure stays inside. */
export function answerProblems(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, { title: "Not Found", status: 404, detail: `There is nothing at ${request.method} ${pathOf(request.url)}.` }),
  );
  app.setErrorHandler((error: FastifyError, _request, reply) => sendProblem(reply, problemOf(error)));
}

function problemOf(error: FastifyError): Problem {
  const status = error.statusCode ?? 500;
  if (status < 400 || status >= 500) return { title: "Internal Server Error", status: 500, detail: "The service failed." };
  return { title: titles.get(status) ?? "Request Refused", status, detail: error.message };
}

const titles: ReadonlyMap<number, string> = new Map([
  [400, "Bad Request"],
  [413, "Content Too Large"],
  [415, "Unsupported Media Type"],
]);

function pathOf(url: string): string {
  return url.split("?", 1)[0] ?? "/";
}
