import type { claims } from "../identity/issuer.ts";

/** A request as a caller sends it. */
export interface Ask {
  readonly operation?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  /** `housing-app` when left out. */
  readonly client?: string;
  /** The client's own purpose when left out; null sends none. */
  readonly purpose?: string | null;
  /** The anchor application's number when left out; null sends none. */
  readonly caseReference?: string | null;
  /** Sent as the header's value as it is; null sends none. A good token when left out. */
  readonly authorization?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent instead of the operation. */
  readonly body?: string;
  readonly method?: string;
  /** What stands behind `/graphql`. */
  readonly search?: string;
}

/** One error of an answer. */
export interface AnswerError {
  readonly message: string;
  readonly path?: readonly string[];
  readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string };
}

/** An answer of the hub. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed; `any` would hide mistakes, so tests say what they expect of it. */
  readonly data: unknown;
  readonly errors: readonly AnswerError[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** The purposes of the demonstration's clients. */
export const purposeOf: Readonly<Record<string, string>> = {
  "housing-app": "prh-eligibility",
  "transport-licensing": "vehicle-licensing",
  "stats-analyst": "open-statistics",
  "student-finance": "student-finance",
  "food-licensing": "company-licence",
  "welfare-app": "old-age-allowance",
  "hub-auditor": "audit-review",
};

const askMs = 20_000;

/** Sends a request over HTTP. */
export async function askHub(
  hub: { readonly url: string; readonly token: (changes: ReturnType<typeof claims>) => Promise<string> },
  ask: Ask,
): Promise<Answer> {
  const { client = "housing-app", method = "POST", search = "" } = ask;
  const { operation: query, variables, operationName } = ask;
  const given: Record<string, string | null> = {
    "content-type": method === "GET" ? null : "application/json",
    authorization: ask.authorization === undefined ? `Bearer ${await hub.token({ client_id: client })}` : ask.authorization,
    "hub-purpose": ask.purpose === undefined ? (purposeOf[client] ?? "prh-eligibility") : ask.purpose,
    "hub-case": ask.caseReference === undefined ? "HD-PRH-0000123" : ask.caseReference,
    ...ask.headers,
  };
  const response = await fetch(`${hub.url}/graphql${search}`, {
    method,
    headers: Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value === null ? [] : [[name, value]]))),
    body: method === "GET" ? null : (ask.body ?? JSON.stringify({ query, variables, operationName })),
    signal: AbortSignal.timeout(askMs),
  });
  return answerOf(response);
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const { data, errors = [], extensions = {} } = JSON.parse(text) as Partial<Answer>;
  return { status: response.status, headers: response.headers, text, data, errors, extensions };
}
