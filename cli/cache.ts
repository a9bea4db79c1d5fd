import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GraphQLError, parse, validate, visit } from "graphql";
import { clearOperation } from "../gateway/access/clear.ts";
import { explainFetch, type FetchExplanation } from "../gateway/cache/explain.ts";
import { isCondition } from "../gateway/core/conditions.ts";
import { createPlanEngine } from "../gateway/plan/engine.ts";
import { createPlanner } from "../gateway/plan/plan.ts";
import { readSupergraph } from "../schema/supergraph.ts";
import type { Shell } from "./command.ts";
import { readOptions, UsageError } from "./command.ts";
import { readFolders } from "./folders.ts";

const USAGE = `Usage: hub cache explain --operation FILE [--schema DIR]
       hub cache shred --level LEVEL

explain  Says of each call that an operation makes what the cache would keep of its reply, for how long and for whom, or why nothing.
         What \`@skip\` and \`@include\` exclude is explained too.
shred    Forgets the key of a level (OPEN, RESTRICTED or CONFIDENTIAL): whatever is kept of it can't be read any more, anywhere.
         The hub's own settings say which Redis (REDIS_URL, REDIS_CLUSTER).

  --operation FILE  A file with one GraphQL operation.
  --schema DIR      Folder of supergraph.graphql (default: the project's own).
`;

const OPTIONS = { operation: { type: "string" }, schema: { type: "string" }, level: { type: "string" } } as const;

/** `hub cache`: what is kept, and forgetting it. */
export async function runCache(args: readonly string[], shell: Shell): Promise<number> {
  const [action, ...rest] = args;
  if (action === "--help" || action === "-h") {
    shell.output(USAGE);
    return 0;
  }
  const values = readOptions(rest, OPTIONS, USAGE);
  if (values.help === true) {
    shell.output(USAGE);
    return 0;
  }
  if (action === "explain") {
    if (values.operation === undefined) throw new UsageError("--operation is needed", USAGE);
    return await explain(join(readFolders(values).schema, "supergraph.graphql"), values.operation, shell);
  }
  if (action === "shred") return await (await import("./shred.ts")).shredLevel(values.level, shell, USAGE);
  throw new UsageError(action === undefined ? "say explain or shred" : `there is no ${action}`, USAGE);
}

/** Longest that planning may take, in milliseconds. */
const planMs = 10_000;

async function explain(supergraphFile: string, file: string, shell: Shell): Promise<number> {
  const { sdl, apiSchema, catalogue } = readSupergraph(await readFile(supergraphFile, "utf8"));
  const document = parse(await readFile(file, "utf8"));
  const [error] = validate(apiSchema, document);
  if (error instanceof GraphQLError) throw new Error(`${file}: ${error.message}`);
  const whole = visit(document, { Directive: (directive) => (isCondition(directive) ? null : undefined) });
  const cleared = clearOperation({
    schema: apiSchema,
    document: whole,
    operationName: undefined,
    entitlement: undefined,
    onDenied: "withhold",
  });
  const planner = createPlanner({
    engine: createPlanEngine(sdl),
    apiSchema,
    overrideLabels: [],
    timeoutMs: planMs,
    concurrencyMax: 1,
    waitingMax: 1,
  });
  const { fetches } = await planner.plan(cleared, { draw: 0, set: new Set() });
  if (fetches.length === 0) shell.output("It asks no department.\n");
  for (const fetch of fetches) {
    const before = fetches.filter(({ id }) => fetch.earlier.has(id));
    shell.output(describe(explainFetch(fetch, before, { schema: apiSchema, catalogue }), fetch.text));
  }
  await planner.close();
  return 0;
}

function describe(explanation: FetchExplanation, text: string): string {
  const head = `${explanation.subgraph}: ${text}\n`;
  if (explanation.kind === "never") return `${head}  not kept: ${explanation.why}\n\n`;
  const lines = explanation.records.flatMap(({ what, level, isShared, fields, tags }) => [
    `  ${what} (${level}), ${isShared ? "shared by all bureaus" : "apart for each bureau and purpose"}`,
    ...fields.map(
      ({ name, lifetimeMs, staleMs }) => `    ${name}: ${lifetimeMs / 1_000} s${staleMs > 0 ? `, and ${staleMs / 1_000} s stale` : ""}`,
    ),
    ...(tags.length === 0 ? [] : [`    tags: ${tags.join(", ")}`]),
  ]);
  return `${head}${lines.join("\n")}\n\n`;
}
