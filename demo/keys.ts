import { access, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createHubKey } from "../schema/contract.ts";

/** File of the hub's private key, in the folder of keys. */
export const privateKeyFile = "hub.json";
/** File of the key set that departments check the hub's calls with. */
export const publicKeysFile = "hub.jwks.json";

/**
 * Makes the hub's signing key at the first start (file mode 0600); keeps the one that is there.
 *
 * @returns Whether a key was made.
 */
export async function ensureHubKey(directory: string): Promise<boolean> {
  const hasBoth = await Promise.all([privateKeyFile, publicKeysFile].map((name) => exists(join(directory, name))));
  if (hasBoth.every(Boolean)) {
    return false;
  }
  const { privateJwk, jwks } = await createHubKey();
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeWhole(join(directory, publicKeysFile), JSON.stringify(jwks));
  await writeWhole(join(directory, privateKeyFile), JSON.stringify(privateJwk));
  return true;
}

/** File of the public keys with which departments sign orders to the hub, in the folder of keys. */
export const departmentKeysFile = "departments.jwks.json";

/** File of a department's private key, in the folder of keys. */
export function departmentKeyFile(department: string): string {
  return `department-${department}.json`;
}

/** Makes each department's signing key at the first start (file mode 0600); keeps them when all are there. */
export async function ensureDepartmentKeys(directory: string, departments: readonly string[]): Promise<void> {
  const files = [departmentKeysFile, ...departments.map(departmentKeyFile)];
  const found = await Promise.all(files.map((name) => exists(join(directory, name))));
  if (found.every(Boolean)) return;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const keySets = await Promise.all(
    departments.map(async (department) => {
      const { privateJwk, jwks } = await createHubKey();
      await writeWhole(join(directory, departmentKeyFile(department)), JSON.stringify(privateJwk));
      return [department, jwks] as const;
    }),
  );
  await writeWhole(join(directory, departmentKeysFile), JSON.stringify(Object.fromEntries(keySets)));
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}

async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.tmp`, text, { mode: 0o600 });
  await rename(`${file}.tmp`, file);
}
