import Provider, { type Context, type Grant } from "oidc-provider";
import { createMemoryAdapters } from "./adapter.ts";
import { demoApplications, demoDesks } from "./clients.ts";
import { errorPage } from "./pages.ts";
import type { IdentitySecrets } from "./secrets.ts";

/** The hub as a resource (RFC 8707), which has to be a URI. */
export const hubResource = "urn:crossharbour:hub";
/** The scope of every token for the hub; what may be read is decided by agreements alone. */
export const hubScope = "read";

const tokenSeconds = 60 * 60;
const sessionSeconds = 10 * 60;
const entriesMax = 5_000;

/** What the demo identity provider is made from. */
export interface IdentityOptions {
  /** The provider's own address without a path, such as `http://127.0.0.1:4300`. */
  readonly issuer: string;
  /** The explorer's address, to which people come back after sign-in. */
  readonly explorerUrl: string;
  /** Audience of the access tokens. */
  readonly audience: string;
  readonly secrets: IdentitySecrets;
}

/**
 * Makes the provider: JWT access tokens (RFC 9068, ES256, one hour) for the hub, by `client_credentials` for applications and
 * by authorization code with PKCE for people.
 */
export function createProvider(options: IdentityOptions): Provider {
  const { issuer, secrets, explorerUrl, audience } = options;
  const provider: Provider = new Provider(issuer, {
    adapter: createMemoryAdapters(entriesMax),
    clients: describeClients(explorerUrl, secrets.clientSecrets),
    jwks: { keys: secrets.signingKeys },
    cookies: { keys: secrets.cookieKeys },
    enabledJWA: { idTokenSigningAlgValues: ["ES256"] },
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    scopes: ["openid", "profile"],
    claims: { openid: ["sub"], profile: ["name"] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    responseTypes: ["code"],
    ttl: {
      AccessToken: tokenSeconds,
      ClientCredentials: tokenSeconds,
      AuthorizationCode: 60,
      IdToken: tokenSeconds,
      Interaction: 600,
      Session: sessionSeconds,
      Grant: tokenSeconds,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => hubResource,
        useGrantedResource: async () => true,
        getResourceServerInfo: async () => ({
          scope: hubScope,
          audience,
          accessTokenFormat: "jwt",
          accessTokenTTL: tokenSeconds,
          jwt: { sign: { alg: "ES256" } },
        }),
      },
    },
    interactions: { url: async (_context: Context, interaction: { readonly uid: string }) => `/sign-in/${interaction.uid}` },
    clientBasedCORS: (_context: Context, origin: string) => origin === new URL(explorerUrl).origin,
    findAccount: async (_context: Context, subject: string) => findAccount(subject),
    loadExistingGrant: async (context: Context) => grantAll(provider, context),
    renderError: async (context: Context, out: { readonly error: string; readonly error_description?: string }) => {
      context.type = "html";
      context.body = errorPage(out.error, out.error_description);
    },
  });
  return provider;
}

function describeClients(explorerUrl: string, clientSecrets: Readonly<Record<string, string>>): readonly object[] {
  const applications = demoApplications.map(({ clientId, title }) => ({
    client_id: clientId,
    client_name: title,
    client_secret: clientSecrets[clientId],
    grant_types: ["client_credentials"],
    response_types: [],
    redirect_uris: [],
  }));
  const desks = demoDesks.map(({ clientId, title }) => ({
    client_id: clientId,
    client_name: title,
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code"],
    response_types: ["code"],
    redirect_uris: [explorerUrl],
  }));
  return [...applications, ...desks];
}

function findAccount(subject: string): object | undefined {
  const person = demoDesks.flatMap(({ people }) => people).find((candidate) => candidate.subject === subject);
  return person && { accountId: subject, claims: async () => ({ sub: subject, name: person.name }) };
}

/** Nobody is asked for consent: the desks are the hub's own. */
async function grantAll(provider: Provider, context: Context): Promise<Grant | undefined> {
  const clientId = context.oidc.client?.clientId;
  const accountId = context.oidc.session?.accountId;
  if (clientId === undefined || accountId === undefined) {
    return undefined;
  }
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope("openid profile");
  grant.addResourceScope(hubResource, hubScope);
  await grant.save();
  return grant;
}
