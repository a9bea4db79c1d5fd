import { composeServices } from "@apollo/composition";
import { type GraphQLSchema, parse, validate } from "graphql";
import type { Caller } from "../../gateway/core/caller.ts";
import { HubError } from "../../gateway/core/errors.ts";
import { createPlanner, type Planner } from "../../gateway/plan/plan.ts";
import type { EntitlementQuestion, Policy } from "../../policies/engine/policy.ts";
import { readSupergraph, type Supergraph } from "../../schema/supergraph.ts";
import { type Chance, createChance } from "../federation/chance.ts";
import { subgraphSdl } from "../federation/graphs.ts";
import { type Model, makeModel } from "../federation/model.ts";
import { makeOperation, type RandomOperation } from "../federation/operations.ts";
import type { SharedPlanner } from "../federation/planners.ts";
import type { Faults } from "../federation/values.ts";
import { classifyAll, governModel, nowMs, withSecrets } from "./classify.ts";
import { buildDepartments, type OpenDepartments } from "./departments.ts";
import { type Asked, buildGovernedHub, type GovernedHub, type Seen } from "./governed.ts";
import { type Listing, listingSdl, makeListings } from "./lists.ts";
import { deciderOf, makePolicies } from "./policies.ts";
import { makeProbe } from "./probes.ts";
import { createEyes, type Eyes } from "./worlds.ts";

/** How a random federation fared. */
export interface LeakResult {
  readonly isComposed: boolean;
  /** Operations that were asked in both worlds. */
  readonly cases: number;
  /** What was seen of a difference, with the seed and the case that show it. */
  readonly leaks: readonly string[];
  /** How often each kind of answer was compared, so that a property that compares nothing is noticed. */
  readonly seen: ReadonlyMap<string, number>;
}

/** A world with the hub that stands in it. */
interface Side {
  readonly departments: OpenDepartments;
  readonly hub: GovernedHub;
}

/** Two worlds that one caller must not tell apart. */
interface Pair {
  readonly first: Side;
  readonly second: Side;
}

interface Scene {
  readonly seed: number;
  readonly model: Model;
  readonly apiSchema: GraphQLSchema;
  readonly caller: Caller;
  readonly other: Caller;
  /** Nobody but the caller asks these. */
  readonly alone: Pair;
  /** Another bureau asks these before, and at the same moment. */
  readonly busy: Pair;
  /** A hub whose graph holds more that nobody shares. */
  readonly secret: Side;
  readonly isDeep: boolean;
  /** How many operations weren't planned in time so far. */
  readonly unplanned: () => number;
}

/** Operations of one federation that the planner may fail to plan in time; then the next federation's turn is due. */
const unplannedMax = 3;
const planTimeoutMs = 5_000;

/** What a federation is tried with. */
export interface Trying extends Pick<Model, "isNarrowing"> {
  readonly shared: SharedPlanner;
}

/** Makes a federation with agreements from a seed and asks random operations in two worlds that differ in what the caller may not see. */
export async function tryLeaks(seed: number, casesMax: number, { shared, isNarrowing }: Trying): Promise<LeakResult> {
  const seen = new Map<string, number>();
  const chance = createChance(seed);
  const model = governModel(chance, makeModel(chance, seed, { isNarrowing }));
  const listings = makeListings(chance, model);
  const { supergraphSdl } = composeServices(
    model.subgraphs.map((name) => ({
      name,
      url: `http://${name}.invalid/`,
      typeDefs: parse(`${subgraphSdl(model, name)}\n${listingSdl(listings, name)}`),
    })),
  );
  if (supergraphSdl === undefined) return { isComposed: false, cases: 0, leaks: [], seen };
  const scene = await openScene(chance, { seed, model, listings, supergraphSdl, shared });
  const leaks: string[] = [];
  let cases = 0;
  for (let attempt = 0; attempt < casesMax * 8 && cases < casesMax && scene.unplanned() < unplannedMax; attempt += 1) {
    const operation = makeProbe(chance, scene.apiSchema, makeOperation(scene.apiSchema, chance));
    if (operation.isValid && validate(scene.apiSchema, parse(operation.text, { noLocation: true })).length > 0) continue;
    cases += 1;
    // What a cache holds hides a fault, and the graph with secrets has a cache of its own.
    const faults: Faults = operation.isSchema ? { kind: "none" } : makeFaults(chance, model);
    const finding = await tryCase(scene, { operation, faults, onDenied: chance.is(0.12) ? "refuse" : "withhold" }, seen);
    if (finding === undefined) continue;
    // What follows in the same federation mostly has the same cause, and what is kept is no longer alike.
    leaks.push(`LEAKS_SEED=${seed}: ${finding}`);
    break;
  }
  return { isComposed: true, cases, leaks, seen };
}

interface Making {
  readonly seed: number;
  readonly model: Model;
  readonly listings: readonly Listing[];
  readonly supergraphSdl: string;
  readonly shared: SharedPlanner;
}

async function openScene(chance: Chance, { seed, model, listings, supergraphSdl, shared }: Making): Promise<Scene> {
  const supergraph = classifyAll(readSupergraph(supergraphSdl), { chance, model, listings });
  const { policy } = makePolicies(chance, supergraph, listings);
  const caller: Caller = {
    bureau: "desk",
    application: "desk-app",
    officer: "officer-1",
    purpose: chance.is(0.8) ? "checks" : "lists",
    caseReference: chance.is(0.25) ? undefined : chance.one(["A-1", "A-1", "B-1"]),
    onDenied: "withhold",
  };
  const other: Caller = { ...caller, bureau: "lab", application: "lab-app", officer: "officer-2", purpose: "checks", caseReference: "A-1" };
  const question: EntitlementQuestion = { ...caller, nowMs };
  const isDeep = chance.is(0.3);
  const eyes = createEyes({ model, policy, question, isDeep });
  const departments = buildDepartments({ model, listings, secrets: secretsOf(policy, question) });
  const { planner, unplanned } = await openPlanner(supergraphSdl, supergraph, shared);
  const open = async (seeing: Eyes, salt: string): Promise<Side> => {
    const opened = departments.open(seeing, salt);
    return { departments: opened, hub: await buildGovernedHub({ supergraph, policy, planner, departments: opened }) };
  };
  const pair = async (): Promise<Pair> => ({ first: await open(eyes[0], "first"), second: await open(eyes[1], "second") });
  const [alone, busy] = [await pair(), await pair()];
  const secretDepartments = departments.open(eyes[0], "first");
  const secretHub = await openSecret(chance, { supergraph, policy, planner, departments: secretDepartments });
  const secret: Side = { departments: secretDepartments, hub: secretHub };
  return { seed, apiSchema: supergraph.apiSchema, model, caller, other, alone, busy, secret, isDeep, unplanned };
}

interface OpenPlanner {
  readonly planner: Planner;
  readonly unplanned: Scene["unplanned"];
}

async function openPlanner(supergraphSdl: string, { apiSchema }: Supergraph, shared: SharedPlanner): Promise<OpenPlanner> {
  const engine = await shared.read(supergraphSdl);
  const planned = new Map<string, ReturnType<typeof engine.plan>>();
  let unplanned = 0;
  const planOnce: typeof engine.plan = async (request, timeoutMs) => {
    try {
      return await engine.plan(request, timeoutMs);
    } catch (error) {
      if (error instanceof HubError && error.code === "DEADLINE_EXCEEDED") unplanned += 1;
      throw error;
    }
  };
  // Five hubs plan the same operations here.
  const remembering: typeof engine = {
    ...engine,
    plan(request, timeoutMs) {
      const key = JSON.stringify(request);
      const plan = planned.get(key) ?? planOnce(request, timeoutMs);
      planned.set(key, plan);
      return plan;
    },
  };
  const limits = { overrideLabels: [], timeoutMs: planTimeoutMs, concurrencyMax: 1, waitingMax: 100 };
  return { planner: createPlanner({ engine: remembering, apiSchema, ...limits }), unplanned: () => unplanned };
}

/** The same hub on a graph with more in it. */
async function openSecret(chance: Chance, options: Parameters<typeof buildGovernedHub>[0]): Promise<GovernedHub> {
  const { supergraph, policy } = options;
  const grown = readSupergraph(withSecrets(supergraph.sdl, chance));
  const fields = new Map(
    [...grown.catalogue.fields].map(([coordinate, field]) => [coordinate, supergraph.catalogue.fields.get(coordinate) ?? field] as const),
  );
  return buildGovernedHub({
    ...options,
    supergraph: { ...grown, catalogue: { fields, unclassified: [] } },
    policy,
  });
}

/** Fields that the caller gets nothing of, by type. */
function secretsOf(policy: Policy, question: EntitlementQuestion): ReadonlyMap<string, readonly string[]> {
  const decide = deciderOf(policy);
  const fields = [...policy.schema.catalogue.fields.values()];
  const needed = new Set(fields.flatMap(({ requires }) => requires));
  const hidden = fields.filter(({ coordinate }) => !needed.has(coordinate) && decide(question, coordinate).kind === "deny");
  const byType = Map.groupBy(hidden, ({ coordinate }) => coordinate.slice(0, coordinate.indexOf(".")));
  return new Map([...byType].map(([type, all]) => [type, all.map(({ coordinate }) => coordinate.slice(type.length + 1))]));
}

function makeFaults(chance: Chance, model: Model): Faults {
  const kind = chance.one(["none", "none", "none", "none", "fields", "fields", "dead", "lost"] as const);
  const subgraph = chance.one(model.subgraphs);
  const salt = chance.int(1_000);
  if (kind === "none") return { kind };
  return kind === "fields" ? { kind, salt } : kind === "dead" ? { kind, subgraph } : { kind, subgraph, salt };
}

interface Trial {
  readonly operation: RandomOperation & { readonly isSchema: boolean };
  readonly faults: Faults;
  readonly onDenied: Caller["onDenied"];
}

/** @returns What a caller could tell the worlds apart by; undefined when there is nothing. */
async function tryCase(scene: Scene, trial: Trial, seen: Map<string, number>): Promise<string | undefined> {
  const { alone, busy, caller, other, isDeep } = scene;
  const { operation, faults, onDenied } = trial;
  for (const { departments } of [alone.first, alone.second, busy.first, busy.second, scene.secret]) departments.fail(faults);
  const asked: Asked = { ...operation, caller: { ...caller, onDenied } };
  const [first, second] = await askBoth(alone, asked);
  count(seen, kindOf(first.answer));
  const tell = (what: string, one: unknown, two: unknown): string =>
    `${what} (faults: ${JSON.stringify(faults)}, caller: ${JSON.stringify(asked.caller)})\n${operation.text}\n${JSON.stringify(operation.variables)}\n  one:   ${JSON.stringify(one)}\n  other: ${JSON.stringify(two)}`;
  if (!isSame(first.answer, second.answer)) return tell("the answers differ", first.answer, second.answer);
  if (!isDeep && !isSame(first.calls, second.calls)) return tell("the calls differ", first.calls, second.calls);
  if (!isDeep && !isSame(first.records, second.records)) return tell("the records differ", first.records, second.records);
  const [busyFirst, busySecond] = await askBusy(scene, asked, { ...operation, caller: other });
  if (!isSame(visibleOf(busyFirst.answer, !isDeep), visibleOf(busySecond.answer, !isDeep)))
    return tell("the answers differ after another bureau's", busyFirst.answer, busySecond.answer);
  if (faults.kind === "none" && !isSame(visibleOf(first.answer, false), visibleOf(busyFirst.answer, false)))
    return tell("the answer differs from the one after another bureau's", first.answer, busyFirst.answer);
  if (!operation.isSchema) return undefined;
  const secret = await scene.secret.hub.ask(asked);
  const expected = first.answer;
  return isSame(visibleOf(secret, false), visibleOf(expected, false)) ? undefined : tell("a graph with secrets differs", expected, secret);
}

interface Observed {
  readonly answer: Seen;
  readonly calls: readonly string[];
  readonly records: unknown;
}

async function observe({ hub, departments }: Side, asked: Asked): Promise<Observed> {
  const answer = await hub.ask(asked);
  return { answer, calls: departments.takeCalls(), records: hub.takeRecords() };
}

async function askBoth({ first, second }: Pair, asked: Asked): Promise<readonly [Observed, Observed]> {
  return [await observe(first, asked), await observe(second, asked)];
}

/** Another bureau asks before, and once more at the same moment. */
async function askBusy(scene: Scene, asked: Asked, others: Asked): Promise<readonly [Observed, Observed]> {
  const { first, second } = scene.busy;
  await askBoth(scene.busy, others);
  const observeBusy = async ({ hub, departments }: Side): Promise<Observed> => {
    const [, answer] = await Promise.all([hub.ask(others), hub.ask(asked)]);
    return { answer, calls: departments.takeCalls(), records: hub.takeRecords() };
  };
  // One world after the other: they share a planner, and waiting for it would change what happens first.
  return [await observeBusy(first), await observeBusy(second)];
}

/** What must be the same whatever a cache holds: everything but the age of the data and the header that tells of it. */
function visibleOf({ status, headers, body }: Seen, isWhole: boolean): unknown {
  if (isWhole) return { status, headers, body };
  return { status, body: body.replace(/,"dataAgeSeconds":\d+/, "") };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function kindOf({ status, body }: Seen): string {
  if (status !== 200) return `status ${status}`;
  return body.startsWith(`{"errors"`) ? "partial" : "whole";
}

function count(seen: Map<string, number>, kind: string): void {
  seen.set(kind, (seen.get(kind) ?? 0) + 1);
}
