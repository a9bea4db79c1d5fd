import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createHubKey } from "../schema/contract.ts";

/** What a governed hub of the benchmarks needs. */
export interface Governed {
  /** Settings of the hub. */
  readonly environment: Readonly<Record<string, string>>;
  /** Headers of a caller by the number of the request; numbers share the tokens of as many officers as there are. */
  readonly headersAt: (index: number) => Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const issuer = "https://issuer.example";
const officersCount = 256;
const dayMs = 86_400_000;
const purpose = "market-inspection";

const agreements: Readonly<Record<string, string>> = {
  traders: `share:
  - fields: [Query.traders, Query.trader, Trader.id, Trader.name, Trader.licence]
    why: Tells whose stall is inspected
  - fields: [Trader.phone]
    mask: { keep: { last: 2 } }
    why: Lets the inspector tell two traders apart
arguments: [Query.traders(first:), Query.traders(nonce:), Query.trader(id:), Query.trader(nonce:), Trader.name(nonce:)]
`,
  wares: `share:
  - fields: [Ware.supplier]
    why: Leads from the ware to who answers for it
`,
  stores: `share:
  - fields: [Depot.keeper]
    why: Leads from the depot to who answers for it
`,
  notes: `share:
  - fields: [Trader.notes, Trader.rota, Note.id, Note.text, Note.stars, Note.ware, Ware.remarks]
    why: What was found before
arguments: [Trader.notes(nonce:), Trader.rota(nonce:), Ware.remarks(nonce:)]
`,
};

/** Writes agreements, keys and a place for the journal into a folder, and serves the issuer's keys. */
export async function prepareGovernment(folder: string, nowMs: number): Promise<Governed> {
  const policies = join(folder, "policies");
  await mkdir(join(policies, "agreements"), { recursive: true });
  await writeFile(join(policies, "purposes.yaml"), purposesYaml);
  await writeFile(join(policies, "applications.yaml"), applicationsYaml);
  const day = (offset: number): string => new Date(nowMs + offset * dayMs).toISOString().slice(0, 10);
  for (const [provider, terms] of Object.entries(agreements)) {
    await writeFile(join(policies, "agreements", `inspectors-${provider}.yaml`), `${headOf(provider, day)}${terms}`);
  }
  const hubKey = join(folder, "hub.json");
  await writeFile(hubKey, JSON.stringify((await createHubKey()).privateJwk), { mode: 0o600 });
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "bench", alg: "ES256", use: "sig" }] });
  const server = createServer((_request, response) => void response.writeHead(200, { "content-type": "application/json" }).end(keys));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const officers = Array.from({ length: officersCount }, (_, number) =>
    new SignJWT({ client_id: "inspections", sub: `officer-${number}` })
      .setProtectedHeader({ alg: "ES256", kid: "bench" })
      .setIssuer(issuer)
      .setAudience("crossharbour")
      .setExpirationTime(Math.floor((nowMs + dayMs) / 1_000))
      .sign(privateKey),
  );
  const tokens = await Promise.all(officers);
  return {
    environment: {
      POLICIES_DIR: policies,
      HUB_KEY_FILE: hubKey,
      JOURNAL_DIR: join(folder, "journal"),
      ISSUER: issuer,
      JWKS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
      EXPLORER_DIR: join(folder, "explorer"),
    },
    headersAt: (index) => ({
      authorization: `Bearer ${tokens[index % officersCount] ?? ""}`,
      "hub-purpose": purpose,
      "hub-case": "MI-0000007",
    }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const purposesYaml = `purposes:
  - code: ${purpose}
    title: Inspection of markets
    description: Checking that traders of the market keep the terms of their licences.
`;

const applicationsYaml = `bureaus:
  - { code: inspectors, title: Inspectors of markets }
  - { code: traders, title: Traders }
  - { code: wares, title: Wares }
  - { code: stores, title: Stores }
  - { code: notes, title: Notes }
applications:
  - client: inspections
    title: Inspections
    bureau: inspectors
    purposes: [${purpose}]
`;

function headOf(provider: string, day: (offset: number) => string): string {
  return `agreement: MI-${provider.toUpperCase()}-1
version: 1
title: What inspectors of markets read of ${provider}
provider: ${provider}
recipient: inspectors
purpose: ${purpose}
legalBasis: { ordinance: "Cap. 0", section: "1", kind: statute }
matching:
  ground: commissioner
  reference: The benchmark's own
valid: { from: ${day(-30)}, until: ${day(300)} }
review: ${day(200)}
approvals:
  - { post: Owner of ${provider}, role: data-owner, on: ${day(-40)} }
  - { post: Privacy Officer, role: privacy-officer, on: ${day(-39)} }
`;
}

/** Blurs traders' phones in an answer as the agreements say, so that a governed answer can be compared. */
export function maskPhones(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskPhones);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]: [string, unknown]) => [
      key,
      key === "phone" && typeof child === "string" ? "*".repeat(child.length - 2) + child.slice(-2) : maskPhones(child),
    ]),
  );
}
