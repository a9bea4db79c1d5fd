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
