import { resolve } from "node:path";
import { z } from "zod";

const port = z.coerce.number().int().min(1).max(65_535);

/** Settings of `npm start`, read from the environment. The hub and the departments read their own settings from the same one. */
export const demoSettingsSchema = z.object({
  HUB_PORT: port.default(4000).describe("Port of the hub and the explorer."),
  IDENTITY_PORT: port.default(4300).describe("Port of the demo identity provider."),
  DEPARTMENTS_PORT: port.default(4101).describe("First of the departments' ports, which follow each other."),
  REGISTRY_PORT: port.default(4201).describe("Port of the demo land registry."),
  FEEDS_PORT: port.default(4202).describe("Port of the demo feeds of the Observatory, the car parks and the hospitals."),
  DATA_DIR: z.string().min(1).default(".data").describe("Folder for seeded data, keys, the journal and logs."),
  POPULATION: z.coerce.number().int().min(100).max(1_000_000).default(20_000).describe("Persons in the synthetic population."),
  SEED: z.coerce.number().int().min(0).default(1).describe("Seed of the synthetic population."),
  POSTGRES_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe("PostgreSQL for the departments; without it each has an embedded one."),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe("Redis for the hub's cache; without it the cache is in memory."),
  START_TIMEOUT_S: z.coerce.number().int().min(5).max(3600).default(300).describe("Seconds that each process may take to become ready."),
});

/** {@link demoSettingsSchema} as read, with an absolute data folder. */
export type DemoSettings = Readonly<z.infer<typeof demoSettingsSchema>>;

/**
 * Reads the settings. An empty variable counts as not set.
 *
 * @throws {Error} That names every variable that is wrong.
 */
export function readDemoSettings(env: Readonly<Record<string, string | undefined>>): DemoSettings {
  const given = Object.entries(env).filter(([, value]) => value !== undefined && value !== "");
  const { success, data, error } = demoSettingsSchema.safeParse(Object.fromEntries(given));
  if (!success) {
    const lines = error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`These settings are wrong:\n${lines.join("\n")}`);
  }
  return { ...data, DATA_DIR: resolve(data.DATA_DIR) };
}
