import { z } from "zod";

/** The part of package-lock.json (lockfileVersion 3) that licences are read from. */
const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      name: z.string().optional(),
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      dependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

/** Licences, by SPDX identifier, that whoever runs the hub may rely on without asking a lawyer. */
const freeLicences: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "PostgreSQL",
  "Python-2.0",
  "Unlicense",
]);

/**
 * Packages that are installed with the hub and whose licence is not on the list, as "name licence", sorted.
 * In an SPDX expression one free side of an OR is enough, and every side of an AND has to be free.
 *
 * @param lockText Text of package-lock.json.
 * @param exceptions Names that were looked at one by one.
 */
export function listUnfreePackages(lockText: string, exceptions: ReadonlySet<string>): readonly string[] {
  const { packages } = lockSchema.parse(JSON.parse(lockText));
  return Object.entries(packages)
    .filter(([key, entry]) => key !== "" && entry.dev !== true)
    .map(([key, entry]) => ({ name: entry.name ?? key.replace(/^.*node_modules\//, ""), licence: entry.license ?? "none" }))
    .filter(({ name, licence }) => !exceptions.has(name) && !isFree(licence))
    .map(({ name, licence }) => `${name} ${licence}`)
    .sort();
}

function isFree(expression: string): boolean {
  return expression
    .replaceAll(/[()]/g, "")
    .split(/\s+OR\s+/)
    .some((side) => side.split(/\s+AND\s+/).every((licence) => freeLicences.has(licence)));
}

/**
 * Who asks for a package among the packages that are installed with the hub: names, sorted; "" is the hub itself.
 *
 * @param lockText Text of package-lock.json.
 */
export function listDependents(lockText: string, name: string): readonly string[] {
  const { packages } = lockSchema.parse(JSON.parse(lockText));
  return Object.entries(packages)
    .filter(([, entry]) => entry.dev !== true && entry.dependencies?.[name] !== undefined)
    .map(([key]) => key.replace(/^.*node_modules\//, ""))
    .sort();
}
