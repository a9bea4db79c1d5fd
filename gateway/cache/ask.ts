import type { CacheCall } from "../core/ports.ts";
import type { Part, Plan } from "./compile.ts";
import type { Wanted } from "./lookup.ts";
import { type Narrowed, narrowOperation } from "./narrow.ts";
import { TYPE_KEY } from "./shape.ts";

/** What calls are made of. */
export interface AskSite {
  readonly plan: Plan;
  /** Narrower operations by what they ask for; bounded. */
  readonly narrowed: Map<string, Narrowed>;
}

/** A call for what isn't held. */
export interface Question {
  readonly text: string | undefined;
  readonly representations: CacheCall["representations"];
  readonly variableNames: readonly string[];
  /** Parts of which all that the fetch asks for is asked. */
  readonly whole: ReadonlySet<Part>;
}

/** Asks for every field that one of the records lacks, of all records that lack one. */
export function questionFor({ plan, narrowed }: AskSite, fetched: readonly Wanted[]): Question {
  const { fetch, parts } = plan;
  const whole = new Set<Part>();
  const wanted = new Map<string, ReadonlySet<string>>();
  for (const part of parts) {
    const own = fetched.filter(({ bound }) => bound.part === part);
    const [first] = own;
    if (first === undefined) continue;
    const missing = new Set(own.flatMap(missingOf));
    const isWhole = first.bound.fields.every(({ responseKey }) => responseKey === TYPE_KEY || missing.has(responseKey));
    if (isWhole) whole.add(part);
    wanted.set(part.responseKey, missing);
  }
  const isEntities = fetch.attachments.length > 0;
  const representations = isEntities ? parts.map((part) => fetched.flatMap(({ bound, text }) => (bound.part === part ? [text] : []))) : [];
  // A field of the root that conditions leave out needs no narrower text either: the variables say so.
  const isAll = whole.size === wanted.size && parts.every((part) => wanted.has(part.responseKey));
  if (isAll) return { text: plan.text, variableNames: fetch.variableNames, representations, whole };
  const { text, variables } = narrowedFor({ plan, narrowed }, wanted);
  return { text, variableNames: fetch.variableNames.filter((name) => variables.has(name)), representations, whole };
}

/** A field of the root is fetched as a whole, and so is what has run out. */
function missingOf({ served, bound }: Wanted): readonly string[] {
  if (served.kind === "miss" && served.partial !== undefined) return served.missing;
  return bound.fields.map(({ responseKey }) => responseKey);
}

/** Narrower operations of one fetch that are kept, at most. */
const narrowedMax = 64;

function narrowedFor({ plan, narrowed }: AskSite, wanted: ReadonlyMap<string, ReadonlySet<string>>): Narrowed {
  const key = JSON.stringify([...wanted].map(([responseKey, below]) => [responseKey, [...below].toSorted()]));
  const known = narrowed.get(key);
  if (known !== undefined) return known;
  const isRoot = plan.fetch.attachments.length === 0;
  const made = narrowOperation(plan.operation, new Map([...wanted].map(([name, below]) => [name, isRoot ? undefined : below] as const)));
  if (narrowed.size >= narrowedMax) narrowed.clear();
  narrowed.set(key, made);
  return made;
}
