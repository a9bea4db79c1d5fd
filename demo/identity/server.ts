import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import { demoDesks } from "./clients.ts";
import { errorPage, pagePolicy, signInPage } from "./pages.ts";

const formBytesMax = 2_048;
const requestTimeoutMs = 10_000;

/** What the server needs to know besides the provider. */
export interface IdentityServerOptions {
  readonly provider: Provider;
  readonly issuer: string;
  readonly explorerUrl: string;
}

/** Serves the provider, the sign-in page and `GET /health`. It is not listening yet. */
export function createIdentityServer(options: IdentityServerOptions): Server {
  const serveProtocol = options.provider.callback();
  const policy = pagePolicy(new URL(options.explorerUrl).origin);
  const host = new URL(options.issuer).host;
  return createServer({ requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs }, (request, response) => {
    const path = request.url?.split("?", 1)[0] ?? "/";
    response.setHeader("content-security-policy", policy);
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("referrer-policy", "no-referrer");
    // A page of another site that makes its own name point to this address must not sign anybody in (DNS rebinding).
    if (request.headers.host !== host) {
      sendPage(response, 421, errorPage("wrong_host", `This provider answers at ${host} alone.`));
    } else if (path === "/health") {
      response.writeHead(200, { "content-type": "application/json" }).end('{"status":"up"}');
    } else if (path.startsWith("/sign-in/")) {
      signIn(options.provider, request, response).catch(() => {
        sendPage(response, 400, errorPage("sign_in_expired", "This sign-in is over. Go back to the explorer and sign in again."));
      });
    } else {
      serveProtocol(request, response).catch(() => response.destroy());
    }
  });
}

async function signIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const interaction = await provider.interactionDetails(request, response);
  const desk = demoDesks.find(({ clientId }) => clientId === interaction.params["client_id"]);
  if (desk === undefined) {
    return sendPage(response, 400, errorPage("invalid_client", "People don't sign in to this application."));
  }
  if (request.method !== "POST") {
    return sendPage(response, 200, signInPage(desk, `/sign-in/${interaction.uid}`));
  }
  const subject = (await readForm(request)).get("subject");
  const person = desk.people.find((candidate) => candidate.subject === subject);
  if (person === undefined) {
    return sendPage(response, 400, signInPage(desk, `/sign-in/${interaction.uid}`));
  }
  await provider.interactionFinished(request, response, { login: { accountId: person.subject, remember: false } });
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > formBytesMax) {
      throw new Error("The form is too large");
    }
  }
  return new URLSearchParams(text);
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  if (!response.headersSent) {
    response.writeHead(status, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
  }
  response.end(html);
}
