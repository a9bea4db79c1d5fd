import { z } from "zod";
import { type LimitName, type Limits, limitTable } from "./core/limits.ts";
import { type Setting, settingTable } from "./settings.ts";

type Table = typeof settingTable;

/** The hub's settings, checked. */
export type Config = {
  readonly [Key in Exclude<keyof Table, "jwksUrl">]: z.output<Table[Key]["schema"]>;
} & {
  readonly jwksUrl: string;
  readonly limits: Limits;
};

const limitSchema = z
  .string()
  .regex(/^\d{1,10}$/, "must be a whole number")
  .transform(Number)
  .pipe(z.number().min(1).max(1_000_000_000));

function listLimits(): [LimitName, Setting<number>][] {
  return Object.entries(limitTable).map(([name, { counts, why, default: fallback }]) => {
    const setting = { name: limitSettingName(name), schema: limitSchema, default: String(fallback), description: `${counts} ${why}` };
    return [name as LimitName, setting];
  });
}

function limitSettingName(name: string): string {
  return `LIMIT_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** Every setting of the hub. Names are environment variables; sizes are in bytes, times in milliseconds. */
export function listSettings(): readonly Setting[] {
  return [...Object.values(settingTable), ...listLimits().map(([, setting]) => setting)];
}

/** A setting that can't be used, and what to do. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The settings can't be used:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/**
 * Reads the settings from an environment.
 *
 * @throws {ConfigError} for a value that doesn't fit, and for a variable `HUB_…` that is no setting.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const settings = listSettings();
  const known: ReadonlySet<string> = new Set(settings.map(({ name }) => name));
  for (const name of Object.keys(environment)) {
    if (name.startsWith("HUB_") && !known.has(name)) problems.push(`${name} is not a setting of the hub; see docs/config.md.`);
  }
  const values = new Map<string, unknown>();
  for (const { name, schema, default: fallback } of settings) {
    const given = environment[name];
    const result = schema.safeParse(given === undefined || given === "" ? fallback : given);
    if (result.success) values.set(name, result.data);
    else problems.push(`${name}: ${result.error.issues.map((issue) => issue.message).join("; ")}`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return configOf(values);
}

function configOf(values: ReadonlyMap<string, unknown>): Config {
  // Each value was checked by its own schema above.
  const entries = Object.entries(settingTable).map(([key, { name }]) => [key, values.get(name)]);
  const settings = Object.fromEntries(entries) as Omit<Config, "jwksUrl" | "limits"> & { readonly jwksUrl: string | undefined };
  const limits = Object.fromEntries(listLimits().map(([key, { name }]) => [key, values.get(name)])) as Record<LimitName, number>;
  return { ...settings, jwksUrl: settings.jwksUrl ?? `${settings.issuer.replace(/\/$/, "")}/jwks`, limits };
}
