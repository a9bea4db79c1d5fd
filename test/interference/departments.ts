import { execute, type GraphQLResolveInfo, type GraphQLSchema, parse, validate } from "graphql";
import { type Reply, readReplyText } from "../../gateway/fetch/reply.ts";
import type { Upstream } from "../../gateway/fetch/upstream.ts";
import { hashTexts } from "../federation/chance.ts";
import { fieldsOf, type Instance, type Model } from "../federation/model.ts";
import { buildSubgraph, resolveField } from "../federation/subgraphs.ts";
import { withUnread } from "../federation/unread.ts";
import type { Faults, World } from "../federation/values.ts";
import { answerListing, type Listing, listingSdl } from "./lists.ts";
import { type Eyes, readPlain } from "./worlds.ts";

/** The departments of a random federation in one process. */
export interface Departments {
  /** Opens them in one world. */
  open(eyes: Eyes, salt: string): OpenDepartments;
}

/** The departments of one world. */
export interface OpenDepartments {
  readonly upstream: Upstream;
  /** What goes wrong from now on. */
  fail(faults: Faults): void;
  /** Calls since the last time: the subgraph and the body, in an order of their own. */
  takeCalls(): readonly string[];
}

interface Context {
  readonly world: World;
  readonly otherWorld: World;
  readonly subgraph: string;
  readonly eyes: Eyes;
  readonly listings: readonly Listing[];
}

/** What departments are built from. */
export interface DepartmentsOptions {
  readonly model: Model;
  readonly listings: readonly Listing[];
  /** Names of fields that the caller may not see, by type. */
  readonly secrets: ReadonlyMap<string, readonly string[]>;
}

/** Builds the departments. Their replies hold more than was asked for, and their errors say what they know: nothing of it may leave. */
export function buildDepartments({ model, listings, secrets }: DepartmentsOptions): Departments {
  const schemas = new Map(model.subgraphs.map((name) => [name, buildSubgraph(model, name, listingSdl(listings, name))]));
  const otherModel: Model = { ...model, seed: model.seed + 1_000_003 };
  return {
    open(eyes, salt): OpenDepartments {
      let faults: Faults = { kind: "none" };
      const calls: string[] = [];
      const upstream = withUnread({
        async call({ subgraph, body, headers }): Promise<Reply> {
          calls.push(`${subgraph} ${body} ${JSON.stringify(headers)}`);
          if (faults.kind === "dead" && faults.subgraph === subgraph)
            return { kind: "failure", code: "SUBGRAPH_UNAVAILABLE", isRetryable: true };
          const schema = schemas.get(subgraph);
          if (schema === undefined) throw new Error(`No subgraph ${subgraph}.`);
          const world: World = { model, fields: fieldsOf(model), faults, isWhole: false, counter: 1 };
          const otherFaults: Faults = faults.kind === "fields" ? { ...faults, salt: faults.salt + 1 } : faults;
          const otherWorld: World = { ...world, model: otherModel, faults: otherFaults };
          const text = await answer(schema, body, { world, otherWorld, subgraph, eyes, listings });
          // One that sends what was asked for alone has its replies passed on as they are, where that is the answer.
          return readReplyText(hashTexts(body) % 2 === 0 ? text : spoil(text, { salt, secrets }));
        },
        async close() {},
      });
      return {
        upstream,
        fail(next) {
          faults = next;
        },
        takeCalls: () => calls.splice(0).toSorted(),
      };
    },
  };
}

async function answer(schema: GraphQLSchema, body: string, context: Context): Promise<string> {
  const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
  const document = parse(query, { noLocation: true });
  const errors = validate(schema, document);
  if (errors.length > 0) return JSON.stringify({ errors: errors.map(({ message }) => ({ message })) });
  const result = await execute({ schema, document, variableValues: variables ?? {}, contextValue: context, fieldResolver: resolve });
  return JSON.stringify(result);
}

function resolve(source: unknown, args: Record<string, unknown>, context: Context, info: GraphQLResolveInfo): unknown {
  const { world, otherWorld, subgraph, eyes, listings } = context;
  const read = (isOther: boolean): unknown => resolveField(source, args, { world: isOther ? otherWorld : world, subgraph }, info);
  const name = info.fieldName;
  if (name.startsWith("_")) return read(false);
  const parent = info.parentType.name;
  if (parent === "Query") {
    const listed = answerListing(listings, { name, args }, (field, instance) =>
      eyes.see({ type: instance.type, name: field.name, instance }, (isOther) => readPlain(isOther ? otherWorld : world, field, instance)),
    );
    return listed === undefined ? eyes.see({ type: parent, name, instance: undefined }, read) : listed.value;
  }
  const entity = (source as Partial<Instance>).index === undefined ? undefined : (source as Instance);
  return eyes.see({ type: entity?.type ?? parent, name, instance: entity }, read);
}

interface Spoiling {
  readonly salt: string;
  readonly secrets: DepartmentsOptions["secrets"];
}

/** Puts what a careless department might send along into a reply: other fields, texts of errors, things at the top. */
function spoil(text: string, spoiling: Spoiling): string {
  const { salt } = spoiling;
  const reply = JSON.parse(text) as { data?: unknown; errors?: { message: string; extensions?: unknown }[] };
  for (const error of reply.errors ?? []) {
    error.message = `${error.message} The record says ${salt}.`;
    error.extensions = { code: `SECRET_${salt}`, record: salt };
  }
  return JSON.stringify({ ...reply, data: addBelow(reply.data, spoiling), extensions: { trace: salt } });
}

function addBelow(value: unknown, spoiling: Spoiling): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => addBelow(item, spoiling));
  if (typeof value !== "object" || value === null) return value;
  const { salt, secrets } = spoiling;
  // What the caller names `__proto__` must stay a key like others.
  const own = Object.entries(value).map(([key, inner]) => [key, addBelow(inner, spoiling)] as const);
  const known = new Set(own.map(([key]) => key));
  const type: unknown = Object.hasOwn(value, "__typename") ? (value as Record<string, unknown>)["__typename"] : undefined;
  const names = (secrets.get(String(type)) ?? []).filter((name) => !known.has(name));
  return Object.fromEntries([...own, ...names.map((name) => [name, leaked(salt, name)] as const), ["leak", salt]]);
}

function leaked(salt: string, name: string): string | null {
  const hash = hashTexts(salt, name);
  return hash % 2 === 0 ? null : `leaked ${hash}`;
}
