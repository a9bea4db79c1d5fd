import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "graphql";
import { createCallSigner, createCallVerifier, createHubKey, type HubCall } from "../../schema/contract.ts";
import { type AgreementsSource, openAgreements } from "../../subgraphs/kit/agreements.ts";
import type { Department } from "../../subgraphs/kit/department.ts";
import { createSilentLog, type Log, type LogFacts } from "../../subgraphs/kit/log.ts";
import { type ServeLimits, serveSubgraph } from "../../subgraphs/kit/serve.ts";
import { compose, FEDERATION, HUB, hubSdl } from "../schema/composing.ts";
import { makeDirectory, removeDirectory } from "../services/process.ts";

const RESTRICTED = "@classified(level: RESTRICTED, personal: true)";
/** What every department of these tests begins with; line breaks count in places of faults. */
export const sdlHead = `extend schema ${FEDERATION}\nextend schema ${HUB}\n`;

/** The department behind the fence: one of each thing that an operation can ask for. */
const people = `
  type Query {
    person(ref: ID!): Person ${RESTRICTED}
    find(filter: Filter, order: Order = NAME): [Person] ${RESTRICTED}
    owners: [Owner] ${RESTRICTED}
    things: [Thing] ${RESTRICTED}
    places: [Place!] @classified(level: OPEN)
  }
  interface Owner { ref: ID label: String }
  type Person implements Owner @key(fields: "ref") ${RESTRICTED} {
    ref: ID
    label: String
    name: String
    hkid: String
    file(form: Form): String
    consents: [String!]
    height: Int @external
    width: Int @external
    score: String @requires(fields: "height")
    size: String @requires(fields: "width")
  }
  type Firm implements Owner @key(fields: "ref") ${RESTRICTED} { ref: ID label: String }
  union Thing = Person | Firm
  type Place @key(fields: "code") @classified(level: OPEN) { code: ID! }
  input Filter { name: String hkid: String and: [Filter!] order: Order }
  enum Order { NAME HKID }
  enum Form { LONG SHORT }
`;

const clinic = `
  type Person @key(fields: "ref") ${RESTRICTED} {
    ref: ID
    height: Int
    width: Int
    file(form: Form): String @external
    health: String @requires(fields: "file(form: LONG)")
  }
  enum Form { LONG SHORT }
`;

const common = `
recipient: housing
purpose: checks
legalBasis: { ordinance: "Cap. 1", section: "1", kind: statute }
valid: { from: 2026-04-01, until: 2027-04-01 }
review: 2027-01-15
approvals:
  - { post: One, role: data-owner, on: 2026-03-20 }
  - { post: Two, role: privacy-officer, on: 2026-03-22 }
requires: { case: "^C-[0-9]{3}$" }
`;

/** The pattern of the case reference that the agreements require. */
export const CASE = "^C-[0-9]{3}$";

/** What the department shares. @param more Fields besides those that it shares from the beginning. */
export function sharedBy(more: readonly string[] = []): string {
  const fields = ["Query.person", "Query.find", "Query.owners", "Query.things", "Person.label", "Person.name", ...more];
  return `agreement: PP-1\nversion: 1\ntitle: People\nprovider: people${common}share:
  - { fields: [${fields.join(", ")}], why: Checks }
  - { fields: [Person.score], why: Checks, declassifies: [Person.height] }
arguments: ["Query.person(ref:)", "Query.find(filter:)", "Query.find(order:)", Filter.name, Filter.and, Filter.order, Order.NAME]
where: { Person: { field: consents, has: $purpose } }
`;
}

const clinicShares = `agreement: CL-1\nversion: 1\ntitle: Health\nprovider: clinic${common}share:
  - { fields: [Person.health], why: Checks, declassifies: [Person.file] }
`;

/** Policy files without an agreement. */
export const registers: Readonly<Record<string, string>> = {
  "purposes.yaml": "purposes:\n  - { code: checks, title: Checks, description: Checking. }\n",
  "applications.yaml": `bureaus:\n  - { code: housing, title: Housing }\n  - { code: people, title: People }\n  - { code: clinic, title: Clinic }
applications:\n  - { client: app, title: App, bureau: housing, purposes: [checks] }\n`,
};

const policies = { ...registers, "agreements/people.yaml": sharedBy(), "agreements/clinic.yaml": clinicShares };

/** The answer of the department. */
export interface Reply {
  readonly status: number;
  // Tests read what they asked for.
  readonly body: ReturnType<typeof JSON.parse>;
}

/** What the hub's header says besides the bureau; the agreements' own when left out. */
export type Says = Partial<HubCall>;

/** A department on a free port behind both fences, with its own copy of the agreements in a folder. */
export interface Enclosure {
  /** Resolvers that ran, references included, since the last `ask`. */
  readonly ran: readonly string[];
  readonly logged: (readonly [event: string, facts: LogFacts | undefined])[];
  readonly agreements: AgreementsSource;
  readonly policiesDir: string;
  readonly supergraphFile: string;
  /** Asks as the hub would, with a signed header. */
  readonly ask: (query: string, variables?: Readonly<Record<string, unknown>>, says?: Says) => Promise<Reply>;
  /** Asks with any header, or none. */
  readonly send: (query: string, header: string | undefined) => Promise<Reply>;
  readonly sign: (says?: Says) => Promise<string>;
  /** Writes a policy file. */
  readonly write: (path: string, text: string) => Promise<void>;
  readonly setClock: (ms: number) => void;
  /** Reads the files once more, as another program would. */
  readonly reopen: () => Promise<AgreementsSource>;
  close(): Promise<void>;
}

/** A moment at which the agreements hold. */
export const START_MS = Date.parse("2026-11-24T09:00:00+08:00");

/** A department's own copy of supergraph and agreements, in a folder. */
export interface OwnFiles {
  readonly policiesDir: string;
  readonly supergraphFile: string;
  open(options: { readonly subgraph: string; readonly pollMs?: number; readonly log?: Log }): Promise<AgreementsSource>;
  remove(): Promise<void>;
}

/** Composes departments, named by the record's keys, and writes what they decide by. */
export async function writeOwnFiles(
  departments: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
): Promise<OwnFiles> {
  const folder = await makeDirectory("enclosure");
  const policiesDir = join(folder, "policies");
  const supergraphFile = join(folder, "supergraph.graphql");
  const composed = compose(departments, sdlHead);
  if (!composed.ok) throw new Error(JSON.stringify(composed.problems));
  await mkdir(join(policiesDir, "agreements"), { recursive: true });
  await writeFile(supergraphFile, composed.sdl);
  for (const [path, text] of Object.entries(files)) await writeFile(join(policiesDir, path), text);
  return {
    policiesDir,
    supergraphFile,
    open: ({ subgraph, pollMs = 0, log = createSilentLog() }) => openAgreements({ policiesDir, supergraphFile, subgraph, pollMs, log }),
    remove: () => removeDirectory(folder),
  };
}

/** Opens an enclosure. */
export async function openEnclosure(
  options: { readonly pollMs?: number; readonly limits?: Partial<ServeLimits> } = {},
): Promise<Enclosure> {
  const files = await writeOwnFiles({ people, clinic }, policies);
  const { policiesDir, supergraphFile } = files;
  const logged: [string, LogFacts | undefined][] = [];
  const note = (event: string, facts?: LogFacts): void => void logged.push([event, facts]);
  const log = { ...createSilentLog(), info: note, error: note };
  const agreements = await files.open({ subgraph: "people", pollMs: options.pollMs ?? 0, log });
  const clock = { ms: START_MS };
  const nowMs = (): number => clock.ms;
  const { privateJwk, jwks } = await createHubKey();
  const signer = await createCallSigner({ privateJwk, lifetimeMs: 120_000, nowMs });
  const ran: string[] = [];
  const subgraph = await serveSubgraph({
    department: createPeople(ran),
    typeDefs: parse(sdlHead + people + hubSdl, { noLocation: true }),
    verifier: await createCallVerifier({ jwks, subgraph: "people", nowMs }),
    agreements,
    nowMs,
    port: 0,
    log,
    limits: options.limits ?? {},
  });
  const sign = (says: Says = {}): Promise<string> =>
    signer.sign({
      subgraph: "people",
      bureau: "housing",
      purpose: "checks",
      entitlementId: "e",
      bundleHash: agreements.current().policy.bundle.hash,
      casePatterns: [CASE],
      ...says,
    });
  const post = (body: unknown, header: string | undefined): Promise<Reply> => {
    ran.length = 0;
    return send(subgraph.url, body, header);
  };
  return {
    ran,
    logged,
    agreements,
    policiesDir,
    supergraphFile,
    ask: async (query, variables = {}, says = {}) => post({ query, variables }, await sign(says)),
    send: (query, header) => post({ query }, header),
    sign,
    write: (path, text) => writeFile(join(policiesDir, path), text),
    reopen: () => files.open({ subgraph: "people" }),
    setClock: (ms) => {
      clock.ms = ms;
    },
    close: async () => {
      await subgraph.close();
      await files.remove();
    },
  };
}

async function send(url: string, body: unknown, header: string | undefined): Promise<Reply> {
  const headers = { "content-type": "application/json", ...(header === undefined ? {} : { "hub-call": header }) };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

function createPeople(ran: string[]): Department {
  const told =
    <Value>(name: string, value: Value) =>
    (): Value => {
      ran.push(name);
      return value;
    };
  const ann = { __typename: "Person", ref: "P1" };
  return {
    name: "people",
    resolvers: {
      Query: {
        person: told("Query.person", ann),
        find: told("Query.find", [ann]),
        owners: told("Query.owners", [ann, { __typename: "Firm", ref: "F1" }]),
        things: told("Query.things", [ann]),
        places: told("Query.places", [{ code: "A" }]),
      },
      Person: {
        __resolveReference: (reference: object) => {
          ran.push("Person.__resolveReference");
          return reference;
        },
        label: told("Person.label", "Ann"),
        name: told("Person.name", "Ann"),
        hkid: told("Person.hkid", "A123456(3)"),
        file: told("Person.file", "file"),
        consents: told("Person.consents", ["checks"]),
        score: ({ height }: { readonly height?: number }) => `score ${height}`,
        size: ({ width }: { readonly width?: number }) => `size ${width}`,
      },
      Firm: { __resolveReference: (reference: object) => reference, label: told("Firm.label", "Firm") },
    },
    createContext: () => ({}),
    close: () => Promise.resolve(),
  };
}
