import { Kind } from "graphql";
import type { Level } from "../../schema/catalogue.ts";
import type { FetchStep } from "../core/layout.ts";
import { bindPart, compilePlan } from "./compile.ts";
import { TYPE_KEY } from "./shape.ts";
import type { TemplateContext } from "./template.ts";

/** What is kept of one fetch, or why nothing is. */
export type FetchExplanation =
  | { readonly kind: "kept"; readonly subgraph: string; readonly records: readonly RecordExplanation[] }
  | { readonly kind: "never"; readonly subgraph: string; readonly why: string };

/** One kind of record that a fetch reads and fills. */
export interface RecordExplanation {
  /** A type of entities, or a field of the root. */
  readonly what: string;
  readonly level: Level;
  /** Whether all bureaus share it. */
  readonly isShared: boolean;
  readonly fields: readonly { readonly name: string; readonly lifetimeMs: number; readonly staleMs: number }[];
  /** Formats of the tags by which it is invalidated, arguments' values in their places where they are known. */
  readonly tags: readonly string[];
}

/** Says what a cache would keep of a fetch. @param before Fetches that have ended when this one begins. */
export function explainFetch(fetch: FetchStep, before: readonly FetchStep[], context: TemplateContext): FetchExplanation {
  const { subgraph } = fetch;
  const plan = compilePlan(fetch, before, context);
  if (plan === undefined) return { kind: "never", subgraph, why: whyNot(fetch, context) };
  const records = plan.parts.map((part): RecordExplanation => {
    const fields = part.template.fields.filter(({ name }) => name !== TYPE_KEY);
    return {
      what: part.label,
      level: part.level,
      isShared: part.isShared,
      fields: [...new Set(fields.map(({ responseKey }) => responseKey))].map((name) => {
        const terms = part.terms.get(name);
        const staleMs = bindPart(part, {})?.groups.some((group) => group.staleMs > 0) === true ? (terms?.staleMs ?? 0) : 0;
        return { name, lifetimeMs: terms?.lifetimeMs ?? 0, staleMs };
      }),
      tags: [...new Set(fields.flatMap(({ deepTags }) => deepTags.map(formatOf)))],
    };
  });
  return { kind: "kept", subgraph, records };
}

type Tag = NonNullable<ReturnType<typeof compilePlan>>["parts"][number]["template"]["fields"][number]["tags"][number];

function formatOf(tag: Tag): string {
  return tag.map((part) => (typeof part === "string" ? part : part.value.kind === Kind.STRING ? part.value.value : "…")).join("");
}

function whyNot({ operationKind, coordinates, topCoordinates }: FetchStep, { catalogue }: TemplateContext): string {
  if (operationKind !== "query") return `a ${operationKind} is never kept`;
  if (coordinates === undefined) return "it asks for a field that callers don't see, whose terms aren't known";
  const silent = topCoordinates.filter((coordinate) => catalogue.fields.get(coordinate)?.maxAgeSeconds === undefined);
  if (silent.length > 0) return `no department says how long ${silent.join(", ")} may be kept`;
  const forbidden = coordinates.filter((coordinate) => catalogue.fields.get(coordinate)?.cacheScope === "NONE");
  if (forbidden.length > 0) return `${forbidden.join(", ")} may not be kept`;
  const none = coordinates.filter((coordinate) => catalogue.fields.get(coordinate)?.maxAgeSeconds === 0);
  if (none.length > 0) return `${none.join(", ")} may be kept for no time`;
  return "the planner has written it in a form whose replies can't be told apart";
}
