import { z } from "zod";

const httpUrl = z.url({ protocol: /^https?$/ });

/** Settings of a subgraph, read from the environment. Ports and the department's name come from the command line. */
export const subgraphSettingsSchema = z.object({
  POSTGRES_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe("PostgreSQL of the department; without it the department has an embedded one in DATA_DIR."),
  DATA_DIR: z.string().min(1).default(".data").describe("Folder of the embedded databases."),
  HUB_KEYS_FILE: z.string().min(1).describe("Key set (JWKS, JSON) with the hub's public keys; only the hub's calls are answered."),
  POLICIES_DIR: z
    .string()
    .min(1)
    .default("policies")
    .describe("Folder of the department's own copy of the agreements, by which it judges every call."),
  SUPERGRAPH_FILE: z.string().min(1).default("schema/supergraph.graphql").describe("The department's own copy of the composed supergraph."),
  RELOAD_POLL_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(86_400_000)
    .default(5_000)
    .describe("How often the agreements and the supergraph are looked at for changes, which two looks must agree on; 0 never looks."),
  LANDS_URL: httpUrl.default("http://127.0.0.1:4201").describe("REST service of the Land Registry, read by lands."),
  OBSERVATORY_URL: httpUrl.default("http://127.0.0.1:4202").describe("REST feed of the Observatory, read by observatory."),
  CARPARK_URL: httpUrl.default("http://127.0.0.1:4202").describe("REST feed of car-park vacancy, read by transport."),
  HOSPITALS_URL: httpUrl.default("http://127.0.0.1:4202").describe("REST feed of the Hospital Authority's waiting times, read by health."),
  POPULATION: z.coerce.number().int().min(100).max(1_000_000).default(20_000).describe("Persons in the synthetic population."),
  SEED: z.coerce.number().int().min(0).max(4_294_967_295).default(1).describe("Seed of the synthetic population."),
});

/** {@link subgraphSettingsSchema} as read. */
export type SubgraphSettings = Readonly<z.infer<typeof subgraphSettingsSchema>>;

/**
 * Reads the settings. An empty variable counts as not set.
 *
 * @throws {Error} That names every variable that is wrong.
 */
export function readSubgraphSettings(env: Readonly<Record<string, string | undefined>>): SubgraphSettings {
  const given = Object.entries(env).filter(([, value]) => value !== undefined && value !== "");
  const { success, data, error } = subgraphSettingsSchema.safeParse(Object.fromEntries(given));
  if (success) return data;
  const lines = error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`These settings are wrong:\n${lines.join("\n")}`);
}
