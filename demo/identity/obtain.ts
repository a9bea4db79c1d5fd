import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { type DemoDesk, demoApplications, demoDesks } from "./clients.ts";
import type { IdentityDirectory } from "./directory.ts";

const callTimeoutMs = 10_000;
const tokenReplySchema = z.looseObject({ access_token: z.string().min(1) });

/** Client ids that {@link obtainToken} knows. */
export function listDemoClients(): readonly string[] {
  return [...demoApplications, ...demoDesks].map(({ clientId }) => clientId);
}

/**
 * Fetches an access token for a demo client from the running demo identity provider. An application uses its secret. For a
 * desk, its first person signs in, by the same pages and redirects that a browser goes through, as there is no other way.
 *
 * @throws {Error} That says whether the client is unknown, the provider isn't running, or what it answered.
 */
export async function obtainToken(directory: IdentityDirectory, clientId: string): Promise<string> {
  const desk = demoDesks.find((candidate) => candidate.clientId === clientId);
  if (desk !== undefined) {
    return await signInWithoutBrowser(directory, desk);
  }
  const secret = directory.clientSecrets[clientId];
  if (secret === undefined) {
    throw new Error(`There is no demo client "${clientId}". Known: ${listDemoClients().join(", ")}.`);
  }
  const authorization = `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}`;
  return await fetchToken(directory.issuer, { grant_type: "client_credentials" }, { authorization });
}

async function signInWithoutBrowser({ issuer, explorerUrl }: IdentityDirectory, desk: DemoDesk): Promise<string> {
  const verifier = randomBytes(32).toString("base64url");
  const cookies = new Map<string, string>();
  const query = new URLSearchParams({
    client_id: desk.clientId,
    redirect_uri: explorerUrl,
    response_type: "code",
    scope: "openid profile",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const signInUrl = await follow(cookies, new URL(`/auth?${query.toString()}`, issuer), undefined);
  const resumeUrl = await follow(cookies, signInUrl, new URLSearchParams({ subject: desk.people[0].subject }));
  const backUrl = await follow(cookies, resumeUrl, undefined);
  const code = backUrl.searchParams.get("code");
  if (code === null) {
    throw new Error(`The identity provider gave no code: ${backUrl.searchParams.get("error") ?? "no reason"}.`);
  }
  const form = { grant_type: "authorization_code", client_id: desk.clientId, redirect_uri: explorerUrl, code, code_verifier: verifier };
  return await fetchToken(issuer, form, {});
}

/** Makes one call, keeps its cookies and returns where it redirects to. */
async function follow(cookies: Map<string, string>, url: URL, form: URLSearchParams | undefined): Promise<URL> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const init = form === undefined ? {} : { method: "POST", body: form };
  const response = await call(url, { ...init, redirect: "manual", headers: { cookie } });
  await response.body?.cancel();
  for (const line of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) {
      cookies.set(name, value);
    }
  }
  const location = response.headers.get("location");
  if (location === null) {
    throw new Error(`The identity provider answered ${response.status} to a sign-in.`);
  }
  return new URL(location, url);
}

async function fetchToken(
  issuer: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const response = await call(new URL("/token", issuer), { method: "POST", body: new URLSearchParams(form), headers });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`The identity provider answered ${response.status}: ${text.slice(0, 300)}`);
  }
  return tokenReplySchema.parse(JSON.parse(text)).access_token;
}

async function call(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(callTimeoutMs) });
  } catch (cause) {
    throw new Error(`The demo identity provider does not answer at ${url.origin}. Start it with \`npm start\`.`, { cause });
  }
}
