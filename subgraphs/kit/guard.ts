import type { DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { LRUCache } from "lru-cache";
import type { HubCall } from "../../schema/contract.ts";
import type { AgreementsSource, OwnAgreements } from "./agreements.ts";
import { type Clearance, createClearances, refuseCoordinate } from "./clearance.ts";
import { type Demand, demandOf } from "./demand.ts";
import { compileReferences, type ReferenceCheck, refuseReference } from "./references.ts";
import { addValue } from "./values.ts";

/** One operation as a subgraph received it, valid in its schema. */
export interface AskedOperation {
  /** What tells the operation's text, and which operation of it is meant, from all others. */
  readonly key: string;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A call that was taken in, with what it may ask. */
export interface Admission {
  readonly clearance: Clearance;
  /** What the agreements refuse of an operation; undefined when nothing. To be asked before any resolver runs. */
  check(asked: AskedOperation): GraphQLError | undefined;
}

/** The second fence of a subgraph: judges each operation by the department's own agreements, whatever the hub said. */
export interface Guard {
  admit(call: HubCall): Promise<Admission>;
}

/** What a guard is made from. */
export interface GuardOptions {
  readonly schema: GraphQLSchema;
  readonly agreements: AgreementsSource;
  readonly nowMs: () => number;
  /** Entities that all `_entities` fields of one operation may refer to. */
  readonly referencesMax: number;
}

const OPERATIONS_MAX = 2_000;

/** Makes the guard of one subgraph. */
export function createGuard(options: GuardOptions): Guard {
  const { agreements } = options;
  let judge = createJudge(options, agreements.current());
  return {
    async admit(call) {
      const looking = agreements.compare(call.bundleHash);
      if (looking !== undefined) await looking;
      const own = agreements.current();
      if (judge.own !== own) judge = createJudge(options, own);
      return judge.admit(call);
    },
  };
}

interface Judge {
  readonly own: OwnAgreements;
  admit(call: HubCall): Admission;
}

/** An operation that was read once, with what each clearance refuses of it. */
interface Known {
  readonly demand: Demand;
  readonly lookups: readonly ReferenceCheck[];
  readonly refused: WeakMap<Clearance, string | typeof NOTHING>;
}

const NOTHING = Symbol("nothing");

function createJudge(options: GuardOptions, own: OwnAgreements): Judge {
  const { schema, nowMs, referencesMax } = options;
  const clearances = createClearances(own, nowMs);
  const admissions = new WeakMap<Clearance, Admission>();
  const operations = new LRUCache<string, Known>({ max: OPERATIONS_MAX });
  const references = { schema, entities: own.joins.entities };

  function know({ key, document, operation }: AskedOperation): Known {
    const known = operations.get(key);
    if (known !== undefined) return known;
    const demand = demandOf(schema, document, operation);
    const lookups = demand.lookups.map((lookup) => compileReferences(references, lookup));
    const read: Known = { demand, lookups, refused: new WeakMap() };
    operations.set(key, read);
    return read;
  }

  function createAdmission(clearance: Clearance): Admission {
    return {
      clearance,
      check(asked) {
        const known = know(asked);
        const refused = known.refused.get(clearance) ?? refusedOf(known, clearance);
        if (refused !== NOTHING) return refuseCoordinate(refused);
        return checkVariables(known.demand, clearance, asked.variables) ?? checkLookups(known, asked.variables, referencesMax);
      },
    };
  }

  return {
    own,
    admit(call) {
      const clearance = clearances.of(call);
      const known = admissions.get(clearance) ?? createAdmission(clearance);
      admissions.set(clearance, known);
      return known;
    },
  };
}

function refusedOf({ demand, refused }: Known, clearance: Clearance): string | typeof NOTHING {
  const found = demand.coordinates.find((coordinate) => !clearance.coordinates.has(coordinate)) ?? NOTHING;
  refused.set(clearance, found);
  return found;
}

function checkVariables(
  { inputVariables }: Demand,
  clearance: Clearance,
  variables: Readonly<Record<string, unknown>>,
): GraphQLError | undefined {
  if (inputVariables.length === 0) return undefined;
  const found = new Set<string>();
  for (const { name, type } of inputVariables) if (Object.hasOwn(variables, name)) addValue(found, type, variables[name]);
  const refused = [...found].find((coordinate) => !clearance.coordinates.has(coordinate));
  return refused === undefined ? undefined : refuseCoordinate(refused);
}

function checkLookups({ lookups }: Known, variables: Readonly<Record<string, unknown>>, referencesMax: number): GraphQLError | undefined {
  if (lookups.length === 0) return undefined;
  const room = { left: referencesMax };
  for (const check of lookups) {
    const fault = check(variables, room);
    if (fault !== undefined) return refuseReference(fault);
  }
  return undefined;
}
