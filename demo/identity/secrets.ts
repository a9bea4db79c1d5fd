import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { demoApplications } from "./clients.ts";

const signingKeySchema = z.looseObject({ kty: z.string(), d: z.string() });

const secretsSchema = z.strictObject({
  /** Private JWKs that sign tokens, the newest first. */
  signingKeys: z.array(signingKeySchema).min(1),
  cookieKeys: z.array(z.string().min(32)).min(1),
  /** Secrets of the demo applications by client id. */
  clientSecrets: z.record(z.string(), z.string().min(32)),
});

/** What the demo identity provider keeps to itself between starts. */
export type IdentitySecrets = z.infer<typeof secretsSchema>;

/**
 * Reads the demo identity provider's secrets from `directory`, or makes them at the first start (file mode 0600).
 * Secrets of applications that were added since are made too.
 *
 * @throws {Error} When the file is there but can't be read as such; it is never overwritten then.
 */
export async function loadSecrets(directory: string): Promise<IdentitySecrets> {
  const file = join(directory, "secrets.json");
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  });
  const kept = text === undefined ? undefined : parseSecrets(file, text);
  const secrets: IdentitySecrets = {
    signingKeys: kept?.signingKeys ?? [createSigningKey()],
    cookieKeys: kept?.cookieKeys ?? [createSecret()],
    clientSecrets: Object.fromEntries(demoApplications.map(({ clientId }) => [clientId, kept?.clientSecrets[clientId] ?? createSecret()])),
  };
  await writePrivately(directory, file, JSON.stringify(secrets));
  return secrets;
}

function parseSecrets(file: string, text: string): IdentitySecrets {
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${file} is not a file of this identity provider. Remove it to have a new one made.`, { cause });
  }
}

function createSigningKey(): z.infer<typeof signingKeySchema> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const kid = randomBytes(8).toString("hex");
  return signingKeySchema.parse({ ...privateKey.export({ format: "jwk" }), kid, alg: "ES256", use: "sig" });
}

function createSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** Writes a file that only its owner can read, whole or not at all. */
export async function writePrivately(directory: string, file: string, text: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const half = `${file}.${process.pid}.tmp`;
  await writeFile(half, text, { mode: 0o600 });
  await rename(half, file);
}
