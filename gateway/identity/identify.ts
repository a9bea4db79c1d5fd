import { createHmac } from "node:crypto";
import type { Caller } from "../core/caller.ts";
import { HubError } from "../core/errors.ts";
import type { Headers } from "./headers.ts";
import { readCase, readOnDenied, readPurpose, readToken } from "./headers.ts";
import type { KeySourceOptions } from "./keys.ts";
import { createKeySource } from "./keys.ts";
import type { TokenOptions } from "./tokens.ts";
import { type Claims, createTokenReader } from "./tokens.ts";

/** What the hub knows of an application. */
export interface KnownApplication {
  readonly bureau: string;
  readonly purposes: readonly string[];
}

/** What identifies callers. */
export interface IdentifierOptions extends KeySourceOptions, Omit<TokenOptions, "findKey"> {
  /** Asked for each request, so that an application which is taken off the list is refused at once, whatever token it holds. */
  readonly findApplication: (client: string) => KnownApplication | undefined;
  /** Every code of purposes.yaml. */
  readonly purposes: ReadonlySet<string>;
  /** Key of the officers' pseudonyms: the record names an officer alike each time, and no one without the key can tell who it is. */
  readonly officerSecret: Uint8Array;
}

/** Tells who asks. */
export interface Identifier {
  /**
   * @throws {HubError} UNAUTHENTICATED without a valid token; FORBIDDEN for an application that isn't registered; PURPOSE_REQUIRED and
   * PURPOSE_NOT_ALLOWED; HEADER_INVALID; OVERLOADED when the issuer's keys can't be fetched.
   */
  identify(headers: Headers): Promise<Caller>;
}

/** Hexadecimal digits of an officer's pseudonym: 64 bits tell some millions of officers apart. */
const PSEUDONYM_LENGTH = 16;

/** Creates the identification of callers by access tokens of one issuer. */
export function createIdentifier(options: IdentifierOptions): Identifier {
  const tokens = createTokenReader({ ...options, findKey: createKeySource(options) });
  const officers = new WeakMap<Claims, string>();

  /** An HMAC for each token that is believed, not for each request. */
  function officerOf(claims: Claims): string | undefined {
    if (claims.subject === undefined) return undefined;
    const known = officers.get(claims) ?? pseudonymOf(claims.subject, options.officerSecret);
    officers.set(claims, known);
    return known;
  }

  return {
    async identify(headers): Promise<Caller> {
      const claims = await tokens.read(readToken(headers));
      const { client } = claims;
      const application = options.findApplication(client);
      if (application === undefined)
        throw new HubError("FORBIDDEN", "The application that the access token was issued to is not registered with the hub.");
      const purpose = readPurpose(headers, application.purposes);
      if (!application.purposes.includes(purpose)) throw notAllowed(options.purposes.has(purpose), application);
      return {
        bureau: application.bureau,
        application: client,
        officer: officerOf(claims),
        purpose,
        caseReference: readCase(headers),
        onDenied: readOnDenied(headers),
      };
    },
  };
}

function notAllowed(isKnown: boolean, { purposes }: KnownApplication): HubError {
  const message = isKnown ? "The application is not registered for this purpose." : "The hub has no such purpose.";
  return new HubError("PURPOSE_NOT_ALLOWED", `${message} It may use: ${purposes.join(", ")}.`, { purposes });
}

function pseudonymOf(subject: string, secret: Uint8Array): string {
  return createHmac("sha256", secret).update(subject).digest("hex").slice(0, PSEUDONYM_LENGTH);
}
