import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { execute, type GraphQLSchema, parse } from "graphql";
import { readConfig } from "../../gateway/config.ts";
import { startHub } from "../../gateway/hub.ts";
import type { Runtime } from "../../gateway/start.ts";
import { createHubKey } from "../../schema/contract.ts";
import { createKey, sign, startIssuer } from "../identity/issuer.ts";
import { compose, FEDERATION, graphOf, HUB } from "../schema/composing.ts";
import { createStillRuntime } from "../services/runtime.ts";
import { filesOf } from "./agreements.ts";

const HEAD = `extend schema ${FEDERATION}\nextend schema ${HUB}\n`;

const PEOPLE = `
type Query {
  people(order: PeopleOrder, where: PeopleWhere, after: String): [Person] @classified(level: RESTRICTED, personal: true)
  parties: [Party] @classified(level: OPEN)
}
type Person @key(fields: "ref") {
  ref: ID! @classified(level: OPEN)
  name: String @classified(level: RESTRICTED, personal: true)
  mark: String @classified(level: RESTRICTED, personal: true)
  salary: Int @classified(level: CONFIDENTIAL, personal: true)
}
enum PeopleOrder { NAME MARK SALARY }
input PeopleWhere { name: String salary: Int either: [PeopleWhere!] }
union Party = Person | Firm | Ghost
type Firm { title: String @classified(level: OPEN) }
type Ghost @inaccessible { haunts: String @classified(level: OPEN) }
`;

const TAXES = `
type Person @key(fields: "ref") {
  ref: ID! @classified(level: OPEN)
  salary: Int @external
  band: String @requires(fields: "salary") @classified(level: CONFIDENTIAL, personal: true)
}
`;

/** A person of the register. */
export interface Person {
  readonly ref: string;
  readonly name: string | null;
  readonly mark: string | null;
  readonly salary: number | null;
}

/** What a department answers in place of its own reply; undefined leaves that. */
export type Disturb = (department: string, body: string) => unknown;

/** A hub under agreements with two small departments, on loopback. */
export interface Office {
  readonly url: string;
  people: readonly Person[];
  disturb: Disturb | undefined;
  /** Awaited before a department answers. */
  hold: (() => Promise<void>) | undefined;
  /** Calls of departments, as `NAME BODY`. */
  readonly calls: string[];
  /** Epoch milliseconds of the hub's clock. */
  nowMs: number;
  /** Puts register, clock and departments back to what they were at the start. */
  reset(): void;
  /** Headers of a caller. */
  headersOf(bureau: "desk" | "lab"): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

/** Midday of 2026-11-24 in Hong Kong. */
export const noonMs = Date.parse("2026-11-24T12:00:00+08:00");

const register: readonly Person[] = [
  { ref: "1", name: "An", mark: "AB1234", salary: 300 },
  { ref: "2", name: "Bo", mark: "CD5634", salary: 100 },
  { ref: "3", name: "Cy", mark: "EF7834", salary: 200 },
];

const complete = {
  version: 1,
  title: "People",
  recipient: "desk",
  purpose: "checks",
  legalBasis: { ordinance: "Cap. 1", section: "2", kind: "statute" },
  valid: { from: "2026-04-01", until: "2027-04-01" },
  review: "2027-01-01",
  approvals: [
    { post: "Head", role: "data-owner", on: "2026-03-01" },
    { post: "Privacy Officer", role: "privacy-officer", on: "2026-03-01" },
  ],
  arguments: [],
} as const;

const why = "Needed";

/** The desk reads names, and marks of which two characters are left; the lab reads everything. What the desk reads begins and ends with a day. */
const agreements = [
  {
    ...complete,
    agreement: "DESK-PEOPLE",
    provider: "people",
    share: [
      { fields: ["Query.people"], why },
      { fields: ["Person.mark"], mask: { keep: { last: 2 } }, why },
    ],
    arguments: ["Query.people(order:)", "Query.people(where:)", "PeopleOrder.NAME", "PeopleWhere.name", "PeopleWhere.either"],
  },
  {
    ...complete,
    agreement: "DESK-NAMES",
    provider: "people",
    valid: { from: "2026-11-24", until: "2026-11-25" },
    review: "2026-11-25",
    share: [{ fields: ["Person.name"], why }],
  },
  { ...complete, agreement: "DESK-TAXES", provider: "taxes", share: [{ fields: ["Person.band"], why }] },
  {
    ...complete,
    agreement: "LAB-PEOPLE",
    provider: "people",
    recipient: "lab",
    share: [{ fields: ["Query.people", "Person.name", "Person.mark", "Person.salary"], why }],
    arguments: ["Query.people(order:)", "PeopleOrder.NAME", "PeopleOrder.MARK", "PeopleOrder.SALARY"],
  },
  { ...complete, agreement: "LAB-TAXES", provider: "taxes", recipient: "lab", share: [{ fields: ["Person.band"], why }] },
];

/** Starts an office. Close it, whatever happened. */
export async function startOffice(
  settings: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<Office> {
  const folder = await mkdtemp(join(tmpdir(), "office-"));
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true })];
  const key = await createKey("office", "ES256");
  const issuer = await startIssuer(key);
  closers.unshift(() => issuer.close());
  const office: Office = {
    url: "",
    people: register,
    disturb: undefined,
    hold: undefined,
    calls: [],
    nowMs: noonMs,
    async headersOf(bureau) {
      const exp = Math.floor(office.nowMs / 1_000) + 3_600;
      const token = await sign(key, {
        iss: "https://issuer.example",
        aud: "crossharbour",
        client_id: `${bureau}-app`,
        sub: "officer-1",
        exp,
      });
      return { authorization: `Bearer ${token}`, "hub-purpose": "checks" };
    },
    reset() {
      Object.assign(office, { people: register, disturb: undefined, hold: undefined, nowMs: noonMs });
      office.calls.length = 0;
    },
    async close() {
      for (const close of closers.splice(0)) await close();
    },
  };
  const urls = await serveDepartments(office, closers);
  await writeFiles(folder, files);
  const placed = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, value.replace("FOLDER", folder)]));
  const config = readConfig({
    HUB_PORT: "0",
    SUPERGRAPH_FILE: join(folder, "supergraph.graphql"),
    SUBGRAPH_URLS: JSON.stringify(urls),
    POLICIES_DIR: join(folder, "policies"),
    HUB_KEY_FILE: join(folder, "hub.json"),
    JOURNAL_DIR: join(folder, "journal"),
    ISSUER: "https://issuer.example",
    JWKS_URL: issuer.url,
    EXPLORER_DIR: join(folder, "explorer"),
    LOG_LEVEL: "silent",
    ...placed,
  });
  const hub = await startHub({ config, isUnrestricted: false, runtime: runtimeOf(office) });
  closers.unshift(() => hub.close());
  return Object.defineProperty(office, "url", { value: `${hub.url}/graphql` });
}

function runtimeOf(office: Office): Runtime {
  return { ...createStillRuntime(() => office.nowMs), monotonicMs: () => performance.now() };
}

/** Starts the departments. @returns Their addresses by name. */
async function serveDepartments(office: Office, closers: (() => Promise<unknown>)[]): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries(
    await Promise.all(
      departmentsOf(office).map(async ([name, schema]) => {
        const server = createServer((request, response) => {
          void answer(office, { name, schema, request }).then((text) => response.setHeader("content-type", "application/json").end(text));
        });
        closers.unshift(() => closeServer(server));
        return [name, await listen(server)] as const;
      }),
    ),
  );
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const supergraph = graphOf(compose({ people: PEOPLE, taxes: TAXES })).sdl;
  const { privateJwk } = await createHubKey();
  await mkdir(join(folder, "policies/agreements"), { recursive: true });
  const all = {
    "supergraph.graphql": supergraph,
    "hub.json": JSON.stringify(privateJwk),
    ...Object.fromEntries(filesOf(agreements).map(({ path, text }) => [join("policies", path), text])),
    ...files,
  };
  for (const [path, text] of Object.entries(all)) await writeFile(join(folder, path), text, { mode: 0o600 });
}

function departmentsOf(office: Office): readonly (readonly [string, GraphQLSchema])[] {
  const find = ({ ref }: { readonly ref: string }): object | undefined => office.people.find((person) => person.ref === ref);
  const people = {
    Query: {
      people: (_: unknown, { order }: { order?: string }) =>
        order === undefined ? office.people : office.people.toSorted((one, other) => compare(one, other, order.toLowerCase())),
      parties: () => [
        { __typename: "Firm", title: "Ferries" },
        { __typename: "Ghost", haunts: "the tower" },
        { __typename: "Person", ref: "1" },
      ],
    },
    Person: { __resolveReference: find },
  };
  const taxes = { Person: { band: ({ salary }: Person) => (Number(salary) > 150 ? "high" : "low") } };
  const build = (sdl: string, resolvers: unknown): GraphQLSchema =>
    buildSubgraphSchema([{ typeDefs: parse(HEAD + withWords(sdl)), resolvers: resolvers as never }]);
  return [
    ["people", build(PEOPLE, people)],
    ["taxes", build(TAXES, taxes)],
  ];
}

/** The hub's own words, which composition adds by itself. */
function withWords(sdl: string): string {
  return `${sdl}
directive @classified(level: Level!, personal: Boolean = false) on OBJECT | FIELD_DEFINITION
directive @cacheControl(maxAge: Int) on OBJECT | FIELD_DEFINITION
enum Level { OPEN RESTRICTED CONFIDENTIAL }`;
}

function compare(one: Person, other: Person, field: string): number {
  const [left, right] = [one, other].map((person) => String(person[field as keyof Person]));
  return (left ?? "") < (right ?? "") ? -1 : 1;
}

interface Call {
  readonly name: string;
  readonly schema: GraphQLSchema;
  readonly request: IncomingMessage;
}

async function answer(office: Office, { name, schema, request }: Call): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString("utf8");
  office.calls.push(`${name} ${body}`);
  await office.hold?.();
  const disturbed = office.disturb?.(name, body);
  if (disturbed !== undefined) return JSON.stringify(disturbed);
  const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
  return JSON.stringify(await execute({ schema, document: parse(query), variableValues: variables ?? {}, contextValue: {} }));
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
