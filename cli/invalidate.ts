import { readFile } from "node:fs/promises";
import type { JWK } from "jose";
import { z } from "zod";
import { type Invalidation, signInvalidation } from "../schema/invalidation.ts";
import { readOptions, type Shell, UsageError } from "./command.ts";

const USAGE = `Usage: hub invalidate --subgraph NAME --key FILE (--all | --type TYPE [--entity JSON] | --tag TAG)

Writes a department's signed order to the hub to serve nothing more of what it has kept, as the body of \`POST /invalidate\`. It is good for a minute:

  curl -s https://hub.example/invalidate -H 'content-type: application/json' --data "$(npx hub invalidate --subgraph transport --key key.json --all)"

  --subgraph NAME  the department's subgraph
  --key FILE       its private key, a JWK of Ed25519 or P-256 with its kid; the hub knows the public one (DEPARTMENT_KEYS_FILE)
  --all            everything that the department has said
  --type TYPE      what it said of a type
  --entity JSON    what it said of one entity of the type, by its key fields, such as '{"id":"tdc1p1"}'
  --tag TAG        what has a tag (@cacheTag)
`;

const OPTIONS = {
  subgraph: { type: "string" },
  key: { type: "string" },
  all: { type: "boolean" },
  type: { type: "string" },
  entity: { type: "string" },
  tag: { type: "string" },
} as const;

/** `hub invalidate`: a department's order, signed. */
export async function runInvalidate(args: readonly string[], shell: Shell): Promise<number> {
  const values = readOptions(args, OPTIONS, USAGE);
  if (values.help === true) {
    shell.output(USAGE);
    return 0;
  }
  const { subgraph, key } = values;
  if (subgraph === undefined || key === undefined) throw new UsageError("--subgraph and --key are needed", USAGE);
  const item = itemOf(values);
  const token = await signInvalidation({ subgraph, items: [item] }, { privateJwk: await readKey(key), nowMs: shell.clock() });
  shell.output(`${JSON.stringify({ token })}\n`);
  return 0;
}

type Values = Readonly<Partial<Record<"type" | "entity" | "tag", string>>> & { readonly all?: boolean };

function itemOf({ all, type, entity, tag }: Values): Invalidation {
  const given = [all === true ? "all" : undefined, type, tag].filter((one) => one !== undefined);
  if (given.length !== 1) throw new UsageError("say one of --all, --type and --tag", USAGE);
  if (entity !== undefined && type === undefined) throw new UsageError("--entity goes with --type", USAGE);
  if (tag !== undefined) return { tag };
  if (type === undefined) return { all: true };
  return entity === undefined ? { type } : { type, key: readEntity(entity) };
}

const entitySchema = z.record(z.string(), z.unknown());

function readEntity(text: string): Record<string, unknown> {
  try {
    return entitySchema.parse(JSON.parse(text));
  } catch {
    throw new UsageError('--entity takes a JSON object of key fields, such as {"id":"tdc1p1"}', USAGE);
  }
}

const keySchema = z.looseObject({ kty: z.string(), kid: z.string(), d: z.string() });

async function readKey(file: string): Promise<JWK> {
  const text = await readFile(file, "utf8");
  try {
    return keySchema.parse(JSON.parse(text));
  } catch {
    throw new Error(`${file} is no private key as a JWK with \`kty\`, \`kid\` and \`d\``);
  }
}
