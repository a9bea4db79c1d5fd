import type { Population } from "../../subgraphs/kit/population/households.ts";
import { subgraphSettingsSchema } from "../../subgraphs/kit/settings.ts";
import { UsageError } from "../rest/serve.ts";

const settings = subgraphSettingsSchema.pick({ POPULATION: true, SEED: true });

/**
 * Reads which synthetic population the Registry's book is of, by the names and checks that the departments use. An empty variable counts as not set.
 *
 * @throws {UsageError} that names what is wrong.
 */
export function readPopulation(env: Readonly<Record<string, string | undefined>>): Population {
  const { success, data, error } = settings.safeParse({ POPULATION: env["POPULATION"] || undefined, SEED: env["SEED"] || undefined });
  if (!success) throw new UsageError(error.issues.map(({ path, message }) => `${path.join(".")}: ${message}.`).join(" "));
  return { seed: data.SEED, count: data.POPULATION };
}
