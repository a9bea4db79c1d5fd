import type { ExplorerSettings } from "../pages.ts";

/** A signed-in user. It lives in memory alone: a reload of the page ends it. */
export interface Session {
  readonly clientId: string;
  readonly name: string;
  readonly accessToken: string;
  /** Epoch milliseconds. */
  readonly expiresAtMs: number;
}

interface Endpoints {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
}

interface Attempt {
  readonly clientId: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

const attemptKey = "crossharbour-sign-in";
const callTimeoutMs = 15_000;

/**
 * Leaves the page for the issuer's sign-in page: authorization code with PKCE (RFC 7636). The verifier waits in the tab's
 * session storage, which the issuer's page can't read.
 */
export async function startSignIn(settings: ExplorerSettings, clientId: string): Promise<void> {
  const { authorization_endpoint: endpoint } = await discover(settings.issuer);
  const attempt: Attempt = { clientId, state: createSecret(), nonce: createSecret(), verifier: createSecret() };
  sessionStorage.setItem(attemptKey, JSON.stringify(attempt));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(attempt.verifier));
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri(settings),
    response_type: "code",
    scope: "openid profile",
    // Whoever sits here now chooses anew; the issuer's own session could be the last user's.
    prompt: "login",
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: encodeBase64Url(new Uint8Array(digest)),
    code_challenge_method: "S256",
  });
  location.assign(`${endpoint}?${query}`);
}

/**
 * Ends a sign-in when the issuer has sent the user back, and cleans the address bar.
 *
 * @returns undefined when the page was opened in another way.
 * @throws {Error} With a message for the user.
 */
export async function finishSignIn(settings: ExplorerSettings): Promise<Session | undefined> {
  const reply = new URLSearchParams(location.search);
  if (!reply.has("code") && !reply.has("error")) {
    return undefined;
  }
  history.replaceState(undefined, "", settings.explorerPath);
  const attempt = takeAttempt();
  if (attempt === undefined || reply.get("state") !== attempt.state) {
    throw new Error("This sign-in was not started here. Sign in again.");
  }
  const code = reply.get("code");
  if (code === null) {
    throw new Error(`The issuer refused the sign-in: ${reply.get("error_description") ?? reply.get("error") ?? "no reason given"}`);
  }
  const { token_endpoint: endpoint } = await discover(settings.issuer);
  const { clientId, verifier } = attempt;
  const form = {
    grant_type: "authorization_code",
    client_id: clientId,
    redirect_uri: redirectUri(settings),
    code,
    code_verifier: verifier,
  };
  const tokens = await callJson(endpoint, { method: "POST", body: new URLSearchParams(form) });
  return openSession(settings.issuer, attempt, tokens);
}

function openSession(issuer: string, attempt: Attempt, tokens: Readonly<Record<string, unknown>>): Session {
  const { access_token: accessToken, id_token: idToken, expires_in: lifetimeSeconds } = tokens;
  if (typeof accessToken !== "string" || typeof idToken !== "string" || typeof lifetimeSeconds !== "number") {
    throw new Error("The issuer's answer holds no tokens. Sign in again.");
  }
  // The ID token came straight from the issuer, so its signature adds nothing (OpenID Connect Core 1.0, 3.1.3.7, step 6).
  const claims = readClaims(idToken);
  if (claims["iss"] !== issuer || claims["aud"] !== attempt.clientId || claims["nonce"] !== attempt.nonce) {
    throw new Error("The issuer's answer is not for this sign-in. Sign in again.");
  }
  const name = typeof claims["name"] === "string" ? claims["name"] : String(claims["sub"]);
  return { clientId: attempt.clientId, name, accessToken, expiresAtMs: Date.now() + lifetimeSeconds * 1000 };
}

function takeAttempt(): Attempt | undefined {
  const text = sessionStorage.getItem(attemptKey);
  sessionStorage.removeItem(attemptKey);
  return text === null ? undefined : (JSON.parse(text) as Attempt);
}

async function discover(issuer: string): Promise<Endpoints> {
  const facts = await callJson(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {});
  const { authorization_endpoint: authorization, token_endpoint: token } = facts;
  if (typeof authorization !== "string" || typeof token !== "string") {
    throw new Error("The issuer's description names no endpoints.");
  }
  return { authorization_endpoint: authorization, token_endpoint: token };
}

async function callJson(url: string, init: RequestInit): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, { ...init, credentials: "omit", signal: AbortSignal.timeout(callTimeoutMs) }).catch(
    (cause: unknown) => {
      throw new Error("The identity provider does not answer. Try again in a moment.", { cause });
    },
  );
  if (!response.ok) {
    throw new Error(`The identity provider answered ${response.status}. Sign in again.`);
  }
  return (await response.json()) as Readonly<Record<string, unknown>>;
}

function redirectUri(settings: ExplorerSettings): string {
  return new URL(settings.explorerPath, location.origin).href;
}

function createSecret(): string {
  return encodeBase64Url(crypto.getRandomValues(new Uint8Array(32)));
}

function encodeBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function readClaims(token: string): Readonly<Record<string, unknown>> {
  const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(payload), (character) => character.codePointAt(0) ?? 0);
  return JSON.parse(new TextDecoder().decode(bytes)) as Readonly<Record<string, unknown>>;
}
