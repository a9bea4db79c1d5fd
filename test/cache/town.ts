import { buildSubgraphSchema } from "@apollo/subgraph";
import { execute, type GraphQLSchema, parse, validate } from "graphql";
import { clearOperation } from "../../gateway/access/clear.ts";
import { createFetchCache } from "../../gateway/cache/cache.ts";
import type { CacheEngine } from "../../gateway/cache/engine.ts";
import { bumpsOf } from "../../gateway/cache/invalidate.ts";
import { type Reply, readReplyText } from "../../gateway/fetch/reply.ts";
import { createRunner, type Runner } from "../../gateway/fetch/run.ts";
import type { Collected } from "../../gateway/fetch/scene.ts";
import { createTypeKnowledge } from "../../gateway/fetch/types.ts";
import type { Call, Upstream } from "../../gateway/fetch/upstream.ts";
import { createPlanEngine } from "../../gateway/plan/engine.ts";
import { createPlanner } from "../../gateway/plan/plan.ts";
import { createProjector, type Projector } from "../../gateway/project/project.ts";
import { createSink } from "../../gateway/project/sink.ts";
import type { Invalidation } from "../../schema/invalidation.ts";
import type { Supergraph } from "../../schema/supergraph.ts";
import { setOf, testMoment } from "../federation/harness.ts";
import { withUnread } from "../federation/unread.ts";
import { compose, FEDERATION, graphOf } from "../schema/composing.ts";

const head = `extend schema ${FEDERATION}
extend schema @link(url: "https://crossharbour.example/hub/v1.0", import: ["@classified", "@cacheControl", "@cacheTag", "Level", "Identifier", "CacheControlScope"])
`;

/** Departments of a small town, by name: what each says of caching is what the tests are about. */
const bodies = {
  parks: `
type Query {
  park(id: ID!): Park @classified(level: OPEN) @cacheControl(maxAge: 60) @cacheTag(format: "park-{$args.id}")
  parks(first: Int = 2, kind: Kind): [Park!] @classified(level: OPEN) @cacheControl(maxAge: 60) @cacheTag(format: "lists")
  places: [Place!] @classified(level: OPEN) @cacheControl(maxAge: 60)
  clock: Int @classified(level: OPEN)
}
type Mutation { paint(id: ID!, colour: String!): Park @classified(level: OPEN) }
enum Kind { BIG SMALL }
interface Place { id: ID! }
type Park implements Place @key(fields: "id") @classified(level: OPEN) @cacheControl(maxAge: 60) {
  id: ID!
  name: String
  colour(shade: Int): String
  gates: [Gate!] @cacheControl(maxAge: 60)
  keeper: Person @cacheControl(maxAge: 60)
}
type Pond implements Place @key(fields: "id") @classified(level: OPEN) @cacheControl(maxAge: 60) { id: ID!  depth: Int }
type Gate @classified(level: OPEN) { code: String  width: Int }
type Person @key(fields: "ref", resolvable: false) @classified(level: RESTRICTED, personal: true) { ref: ID }`,
  traffic: `
type Park @key(fields: "id") { id: ID! @classified(level: OPEN)  spaces: Int @classified(level: OPEN) @cacheControl(maxAge: 10, staleFor: 20)
  visitors(day: Int): Int @classified(level: OPEN) @cacheControl(maxAge: 100)  wardens: [Warden!] @classified(level: OPEN) @cacheControl(maxAge: 100) }
type Warden @classified(level: OPEN) { name: String  badge: Int }`,
  people: `
type Query { person(ref: ID!): Person @classified(level: RESTRICTED, personal: true) @cacheControl(maxAge: 60) }
type Person @key(fields: "ref") @classified(level: RESTRICTED, personal: true) @cacheControl(maxAge: 60) {
  ref: ID  name: String  age: Int  secret: String @cacheControl(maxAge: 60, scope: NONE)  favourite: Park }
type Park @key(fields: "id", resolvable: false) { id: ID! @classified(level: OPEN) }`,
  welfare: `
type Person @key(fields: "ref") @classified(level: CONFIDENTIAL, personal: true) @cacheControl(maxAge: 60) {
  ref: ID  age: Int @external  band: String @requires(fields: "age") }`,
};

/** What the town's departments know; tests change it. */
export interface Facts {
  readonly parks: Map<string, { name: string | null; colour: string; spaces: number; gates: { code: string; width: number }[] | null }>;
  readonly people: Map<string, { name: string; age: number }>;
  clock: number;
}

/** A call that a department has had. */
export interface TownCall {
  readonly subgraph: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What was asked and brought. */
export interface TownAnswer {
  readonly data: unknown;
  readonly problems: readonly string[];
  readonly collected: Collected;
  readonly calls: readonly string[];
}

/** A hub of a town, without identity, agreements and record: fetching alone is looked at. */
export interface Town {
  readonly facts: Facts;
  readonly supergraph: Supergraph;
  /** Every call that departments have had. */
  readonly calls: TownCall[];
  ask(
    operation: string,
    options?: { variables?: Record<string, unknown>; asker?: string; seenMark?: string | undefined },
  ): Promise<TownAnswer>;
  /** As a department would. */
  invalidate(subgraph: string, ...items: Invalidation[]): Promise<string | undefined>;
  /** Awaited between a department's reading its facts and its answer. */
  hold: ((call: TownCall) => Promise<void>) | undefined;
  /** Changes a reply's text; `fail` makes the call fail. */
  disturb: ((call: TownCall, text: string) => string) | undefined;
  /** Coordinates whose values conditions may keep back from now on. */
  conditioned: readonly string[];
}

/** Builds a town on an engine. Towns on one engine, or on engines of one Redis, are replicas that share their facts if they are given. */
export function buildTown(engine: CacheEngine | undefined, facts: Facts = createFacts()): Town {
  const supergraph = graphOf(compose(bodies, head));
  const { apiSchema, entityKeys } = supergraph;
  const calls: TownCall[] = [];
  const prepare = createPrepare(
    supergraph,
    engine,
    withUnread({ call: (call) => callTown(town, subgraphs, call), close: async () => undefined }),
  );
  const subgraphs = new Map(Object.entries(bodies).map(([name, sdl]) => [name, buildSubgraph(sdl, facts, name)]));
  const town: Town = {
    facts,
    supergraph,
    calls,
    hold: undefined,
    disturb: undefined,
    conditioned: [],
    async ask(operation, { variables = {}, asker, seenMark } = {}): Promise<TownAnswer> {
      const before = calls.length;
      const { runner, projector } = await prepare(operation, variables, town.conditioned);
      const deadlineAtMs = Date.now() + 20_000;
      const collected = await runner.run({ variables, asker, seenMark, headersFor: async () => ({}), deadlineAtMs, nowMs: Date.now });
      const { joined, problems } = collected;
      const projected = projector.project({ joined, problems, introspection: undefined, moment: testMoment });
      return {
        data: JSON.parse(projected.data.toString("utf8")),
        problems: projected.problems.map(({ code, path }) => `${code} ${path.join(".")}`),
        collected,
        calls: calls.slice(before).map(({ subgraph, query }) => `${subgraph} ${query}`),
      };
    },
    async invalidate(subgraph, ...items): Promise<string | undefined> {
      return await engine?.table.bump([bumpsOf({ schema: apiSchema, entityKeys }, { subgraph, items })]);
    },
  };
  return town;
}

interface Prepared {
  readonly runner: Runner;
  readonly projector: Projector;
}

/** Plans and compiles each operation once. */
function createPrepare(
  supergraph: Supergraph,
  engine: CacheEngine | undefined,
  upstream: Upstream,
): (operation: string, variables: Readonly<Record<string, unknown>>, conditioned: readonly string[]) => Promise<Prepared> {
  const { apiSchema, catalogue, entityKeys, sdl } = supergraph;
  const types = createTypeKnowledge(apiSchema);
  const isRelated: typeof types.isRelated = (typeName, condition) => types.isRelated(typeName, condition);
  const parts = { schema: apiSchema, catalogue, schemaHash: "town", entityKeys, isRelated };
  const cache = engine === undefined ? undefined : createFetchCache({ engine, ...parts });
  const limits = { overrideLabels: [], timeoutMs: 5_000, concurrencyMax: 2, waitingMax: 10 };
  const planner = createPlanner({ engine: createPlanEngine(sdl), apiSchema, ...limits });
  const prepared = new Map<string, Promise<Prepared>>();

  async function prepare(operation: string, set: ReadonlySet<string>, conditioned: readonly string[]): Promise<Prepared> {
    const document = parse(operation);
    const [error] = validate(apiSchema, document);
    if (error !== undefined) throw error;
    const cleared = clearOperation({ schema: apiSchema, document, operationName: undefined, entitlement: undefined, onDenied: "withhold" });
    const plan = await planner.plan(cleared, { draw: 0, set });
    const runner = createRunner({ plan, types, upstream, cache, conditioned: new Set(conditioned) });
    return { runner, projector: createProjector({ schema: apiSchema, cleared, plan, sink: createSink(), pseudonymSecret: undefined }) };
  }

  return (operation, variables, conditioned) => {
    const set = setOf(variables);
    const key = JSON.stringify([operation, [...set].toSorted(), conditioned]);
    const known = prepared.get(key) ?? prepare(operation, set, conditioned);
    prepared.set(key, known);
    return known;
  };
}

async function callTown(town: Town, subgraphs: ReadonlyMap<string, GraphQLSchema>, { subgraph, body }: Call): Promise<Reply> {
  const { query = "", variables = {} } = JSON.parse(body) as Partial<TownCall>;
  const call: TownCall = { subgraph, query, variables };
  town.calls.push(call);
  const text = await answer(subgraphs.get(subgraph), call);
  await town.hold?.(call);
  const disturbed = town.disturb?.(call, text) ?? text;
  return disturbed === "fail" ? { kind: "failure", code: "SUBGRAPH_UNAVAILABLE", isRetryable: false } : readReplyText(disturbed);
}

/** What the departments know at first. */
export function createFacts(): Facts {
  return {
    parks: new Map([
      [
        "1",
        {
          name: "Green",
          colour: "green",
          spaces: 10,
          gates: [
            { code: "N", width: 2 },
            { code: "S", width: 3 },
          ],
        },
      ],
      ["2", { name: null, colour: "red", spaces: 20, gates: [] }],
      ["3", { name: "Blue", colour: "blue", spaces: 30, gates: null }],
    ]),
    people: new Map([
      ["A", { name: "Ann", age: 30 }],
      ["B", { name: "Bob", age: 70 }],
    ]),
    clock: 0,
  };
}

function buildSubgraph(sdl: string, facts: Facts, name: string): GraphQLSchema {
  const words = `
directive @classified(level: Level!, personal: Boolean = false, identifier: Identifier = NONE) on OBJECT | FIELD_DEFINITION
directive @cacheControl(maxAge: Int, staleFor: Int, scope: CacheControlScope) on OBJECT | FIELD_DEFINITION
directive @cacheTag(format: String!) repeatable on OBJECT | FIELD_DEFINITION
enum Level { OPEN RESTRICTED CONFIDENTIAL }
enum Identifier { DIRECT QUASI NONE }
enum CacheControlScope { PUBLIC PRIVATE NONE }`;
  return buildSubgraphSchema([
    { typeDefs: parse(`extend schema ${FEDERATION}\n${words}\n${sdl}`), resolvers: resolversOf(facts, name) as never },
  ]);
}

function resolversOf({ parks, people, ...rest }: Facts, name: string): unknown {
  const find = (id: string): unknown => {
    const park = parks.get(id);
    return park === undefined ? null : { __typename: "Park", id, ...park, keeper: { ref: id === "1" ? "A" : "B" } };
  };
  const parkFields = {
    __resolveReference: ({ id }: { id: string }) => find(id),
    colour: ({ colour }: { colour: string }, { shade }: { shade?: number | null }) =>
      shade === null || shade === undefined ? colour : `${colour}-${shade}`,
  };
  const traffic = {
    __resolveReference: ({ id }: { id: string }) => find(id),
    visitors: ({ id }: { id: string }, { day }: { day?: number | null }) => Number(id) * 100 + (day ?? 0),
    wardens: ({ id }: { id: string }) => [{ name: `w${id}`, badge: Number(id) }],
  };
  switch (name) {
    case "parks":
      return {
        Query: {
          park: (_: unknown, { id }: { id: string }) => find(id),
          parks: (_: unknown, { first, kind }: { first: number; kind?: string }) =>
            [...parks.keys()].slice(0, kind === "SMALL" ? 1 : first).map(find),
          places: () => [find("1"), { __typename: "Pond", id: "9", depth: 5 }],
          clock: () => rest.clock,
        },
        Mutation: {
          paint: (_: unknown, { id, colour }: { id: string; colour: string }) => {
            const park = parks.get(id);
            if (park !== undefined) park.colour = colour;
            return find(id);
          },
        },
        Park: parkFields,
      };
    case "traffic":
      return { Park: traffic };
    case "people": {
      const read = (ref: string): unknown => {
        const person = people.get(ref);
        return person === undefined ? null : { ref, ...person, secret: `s${ref}`, favourite: { id: "1" } };
      };
      return {
        Query: { person: (_: unknown, { ref }: { ref: string }) => read(ref) },
        Person: { __resolveReference: ({ ref }: { ref: string }) => read(ref) },
      };
    }
    default:
      return {
        Person: { __resolveReference: (person: unknown) => person, band: ({ age }: { age: number }) => (age > 65 ? "OLD" : "YOUNG") },
      };
  }
}

async function answer(schema: GraphQLSchema | undefined, { subgraph, query, variables }: TownCall): Promise<string> {
  if (schema === undefined) throw new Error(`There is no subgraph ${subgraph}.`);
  const document = parse(query);
  const errors = validate(schema, document);
  // A call that its department must refuse is a fault of the hub's.
  if (errors.length > 0) throw new Error(`${subgraph} refuses ${query}: ${errors.map(({ message }) => message).join(" ")}`);
  return JSON.stringify(await execute({ schema, document, variableValues: variables }));
}
