import { HubError } from "./errors.ts";

/** The name of a limit on what one request may ask. */
export type LimitName = keyof typeof limitTable;

/** The limits in force. */
export type Limits = Readonly<Record<LimitName, number>>;

/**
 * Every limit on what one request may ask: its default, what it counts and why it is what it is.
 * docs/config.md is generated from this table, among others. Limits hold before an operation is planned, whatever way it came in.
 */
export const limitTable = {
  bodyBytesMax: {
    default: 262_144,
    counts: "Bytes of a request's body.",
    why: "The longest operations people write are under 20 KB; the rest is room for a batch of 1,000 keys among the variables.",
  },
  tokensMax: {
    default: 4_000,
    counts: "Tokens of the document.",
    why: "GraphiQL's introspection query has about 320, generated operations of large clients about 1,500. Parsing and validating 4,000 takes a few ms.",
  },
  depthMax: {
    default: 24,
    counts: "Fields from the root to a leaf, fragments followed.",
    why: "GraphiQL's introspection query is 15 deep and no question to the graph needs more than 10. Every level may cost one more round of calls.",
  },
  valueDepthMax: {
    default: 16,
    counts: "Lists and objects inside each other in one argument or variable.",
    why: "Inputs of the graph are flat; values are read recursively, so their depth must be bounded before.",
  },
  aliasesMax: {
    default: 60,
    counts: "Fields under another name, fragments followed.",
    why: "Aliases repeat a field in one request, which is how limits on requests are walked around; a page of a form needs a dozen.",
  },
  rootFieldsMax: {
    default: 20,
    counts: "Fields at the root, fragments followed.",
    why: "Every root field is a query of its own at a department.",
  },
  selectionsMax: {
    default: 3_000,
    counts: "Fields after every fragment is written out where it is used.",
    why: "Planning and projecting cost grows with it, however short the text: 600 bytes of nested fragments can stand for millions of fields.",
  },
  repeatsMax: {
    default: 100,
    counts: "Times that one selection set names one response key; each fragment it spreads counts as naming it too.",
    why: "Validation compares the fields of one key with each other, pair by pair: 1,000 equal ones take 0.2 s, 100 take 2 ms.",
  },
  withheldPathsMax: {
    default: 200,
    counts: "Places of the answer that are withheld, each of which gets its own error.",
    why: "Explanations must stay readable, and must not outgrow the answer.",
  },
  directivesMax: {
    default: 200,
    counts: "Directives in the document.",
    why: "Each condition on a variable can double what is compiled for one operation.",
  },
  costMax: {
    default: 100_000,
    counts: "Cost of the operation: about the objects that its answer can hold (`@cost`, `@listSize`, `LIST_SIZE_DEFAULT`).",
    why: "An object takes some 10 microseconds to read, join and write, so the limit is about a second of one processor; the demonstration's case costs a hundred.",
  },
  variablesMax: {
    default: 100,
    counts: "Variables given with the operation.",
    why: "Every one is judged and coerced by itself; forms have a dozen.",
  },
  listSizeMax: {
    default: 1_000,
    counts: "Items of one list among arguments and variables.",
    why: "A department answers 1,000 keys with one statement; longer lists are asked for in parts.",
  },
} as const satisfies Record<string, { readonly default: number; readonly counts: string; readonly why: string }>;

/** The limits that hold unless settings say otherwise. */
export function defaultLimits(): Limits {
  const entries = Object.entries(limitTable).map(([name, limit]) => [name, limit.default] as const);
  // The entries are those of the table, so every name is there.
  return Object.fromEntries(entries) as Record<LimitName, number>;
}

/** What a caller is told of a limit. */
export interface LimitExcess {
  readonly limit: LimitName;
  /** At least so many; counting stops soon after the limit. */
  readonly value: number;
  readonly max: number;
}

/** The refusal of something that is over a limit. */
export function limitError({ limit, value, max }: LimitExcess): HubError {
  const code = limit === "bodyBytesMax" ? "BODY_TOO_LARGE" : "OPERATION_LIMIT";
  const message = `The request is over the limit \`${limit}\`: ${value}, where ${max} is the most. ${limitTable[limit].counts}`;
  const how = "Split the operation, or ask the Digital Policy Office for a higher limit with the reason.";
  return new HubError(code, message, { limit, value, max, how });
}
