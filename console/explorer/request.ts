import type { FetcherParams } from "@graphiql/toolkit";
import type { Facts } from "./facts.tsx";

/** What goes with every request of the signed-in user. */
export interface RequestFacts extends Facts {
  readonly graphqlPath: string;
  readonly accessToken: string;
}

/** The hub's answer as far as the page looks into it. */
export interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

const answerTimeoutMs = 60_000;

/**
 * Sends one operation to the hub. Failures of the network become an answer with one error, which the result pane shows.
 *
 * @returns The HTTP status, 0 when there was none, and the answer.
 */
export async function sendOperation(
  facts: RequestFacts,
  params: FetcherParams,
): Promise<{ readonly status: number; readonly answer: Answer }> {
  const headers = new Headers({
    accept: "application/graphql-response+json, application/json;q=0.9",
    authorization: `Bearer ${facts.accessToken}`,
    "content-type": "application/json",
    "hub-purpose": facts.purpose,
    "hub-on-denied": facts.onDenied,
  });
  const caseReference = facts.caseReference.trim();
  if (caseReference !== "") {
    headers.set("hub-case", caseReference);
  }
  try {
    const response = await fetch(facts.graphqlPath, {
      method: "POST",
      headers,
      body: JSON.stringify(params),
      credentials: "omit",
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    return { status: response.status, answer: (await response.json()) as Answer };
  } catch (error) {
    return {
      status: 0,
      answer: { errors: [{ message: `The hub did not answer: ${error instanceof Error ? error.message : String(error)}` }] },
    };
  }
}
