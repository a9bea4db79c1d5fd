import { GraphQLError, getNamedType } from "graphql";
import { LRUCache } from "lru-cache";
import { decideAll } from "../../policies/engine/decide.ts";
import type { Policy } from "../../policies/engine/policy.ts";
import type { Condition } from "../../policies/engine/words.ts";
import type { HubCall } from "../../schema/contract.ts";
import type { OwnAgreements } from "./agreements.ts";
import type { Joins } from "./joins.ts";

/** What one bureau's calls for one purpose may ask of this subgraph, until the agreements or a date change it. */
export interface Clearance {
  /**
   * Coordinates that may be asked for: what the bureau may read, in clear or masked, and what the hub fetches so as to join, compute and
   * check it (keys, inputs of `@requires`, fields that conditions name). `__typename` is not among them and always free.
   */
  readonly coordinates: { has(coordinate: string): boolean };
  /** Coordinates that the shield let pass once. Its rules look at nothing but the clearance, so they needn't be asked again. */
  readonly passed: Set<string>;
}

/** Finds the clearance of a call. */
export interface Clearances {
  of(call: HubCall): Clearance;
}

/** A bureau has one for each purpose and set of case patterns. */
const CLEARANCES_MAX = 500;

interface Kept extends Clearance {
  /** Epoch milliseconds between which nothing changes: from the first, until before the second. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Keeps clearances by one copy of the agreements. */
export function createClearances(own: OwnAgreements, nowMs: () => number): Clearances {
  const kept = new LRUCache<string, Kept>({ max: CLEARANCES_MAX });
  // The verifier gives the same call for the same token.
  const known = new WeakMap<HubCall, Kept>();
  return {
    of(call) {
      const now = nowMs();
      const last = known.get(call);
      if (last !== undefined && isCurrent(last, now)) return last;
      const key = JSON.stringify([call.bureau, call.purpose, call.casePatterns.toSorted()]);
      const found = kept.get(key);
      const clearance = found !== undefined && isCurrent(found, now) ? found : compileClearance(own, call, now);
      kept.set(key, clearance);
      known.set(call, clearance);
      return clearance;
    },
  };
}

function isCurrent({ fromMs, untilMs }: Kept, nowMs: number): boolean {
  return fromMs <= nowMs && nowMs < untilMs;
}

function compileClearance({ policy, joins }: OwnAgreements, call: HubCall, nowMs: number): Kept {
  const terms = policy.terms.filter(({ agreement }) => agreement.recipient === call.bureau);
  const patterns = new Set(call.casePatterns);
  const decisions = decideAll(policy.graph, terms, { purpose: call.purpose, nowMs, matches: ({ source }) => patterns.has(source) });
  const gathering: Gathering = { policy, joins, found: new Set(), waiting: [] };
  for (const [coordinate, decision] of decisions) {
    // Nobody is refused the name of a type, so it doesn't make a type one of which something is fetched.
    if (decision.kind === "deny" || coordinate.endsWith(".__typename")) continue;
    add(gathering, coordinate);
    for (const condition of decision.where ?? []) addCondition(gathering, condition, [condition.type]);
  }
  const instants = terms.flatMap(({ isActive, fromMs, untilMs }) => (isActive ? [fromMs, untilMs] : []));
  return {
    coordinates: closeOver(gathering),
    passed: new Set(),
    fromMs: Math.max(-Infinity, ...instants.filter((instant) => instant <= nowMs)),
    untilMs: Math.min(Infinity, ...instants.filter((instant) => instant > nowMs)),
  };
}

interface Gathering {
  readonly policy: Policy;
  readonly joins: Joins;
  readonly found: Set<string>;
  /** Coordinates whose keys and inputs are still to be added. */
  readonly waiting: string[];
}

function add({ found, waiting }: Gathering, coordinate: string): void {
  if (found.has(coordinate)) return;
  found.add(coordinate);
  waiting.push(coordinate);
}

/** Adds the fields on the way of a condition. @param types Possible types of the object that its path starts from. */
function addCondition(gathering: Gathering, { path, comparison }: Condition, types: readonly string[]): void {
  const { graph } = gathering.policy;
  let parents = types;
  for (const step of path) {
    const fields = parents.flatMap((parent) => graph.fields.get(`${parent}.${step}`) ?? []);
    for (const { coordinate } of fields) add(gathering, coordinate);
    const names = fields.map(({ type }) => getNamedType(type).name);
    parents = [...new Set(names.flatMap((name) => graph.abstractTypes.get(name) ?? name))];
  }
  if (comparison.kind === "some") for (const inner of comparison.conditions) addCondition(gathering, inner, parents);
}

/** Adds what the hub fetches for what was found, until nothing is left to add. */
function closeOver(gathering: Gathering): ReadonlySet<string> {
  const { joins, found, waiting } = gathering;
  for (let coordinate = waiting.pop(); coordinate !== undefined; coordinate = waiting.pop()) {
    const type = coordinate.slice(0, coordinate.indexOf("."));
    for (const input of joins.requires.get(coordinate) ?? []) add(gathering, input);
    // Only a type of which something is fetched is joined: a key alone would tell which objects there are.
    for (const key of joins.keys.get(type) ?? []) add(gathering, key);
  }
  // A subgraph that knows an interface as an object can't tell its types apart, so the hub alone can judge by type there.
  for (const [name, types] of joins.interfaceObjects) {
    const members = new Set(types);
    for (const coordinate of found) {
      const dot = coordinate.indexOf(".");
      if (members.has(coordinate.slice(0, dot))) found.add(name + coordinate.slice(dot));
    }
  }
  return found;
}

/** The refusal of a coordinate, with its name and no value. */
export function refuseCoordinate(coordinate: string): GraphQLError {
  return new GraphQLError("The department doesn't share this with the bureau for this purpose.", {
    extensions: { code: "FORBIDDEN", coordinate, http: { status: 403 } },
  });
}
