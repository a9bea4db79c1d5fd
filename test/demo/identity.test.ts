import type { ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../../cli/command.ts";
import { tokenCommand } from "../../cli/token.ts";
import { createMemoryAdapters } from "../../demo/identity/adapter.ts";
import { readDirectory } from "../../demo/identity/directory.ts";
import { obtainToken } from "../../demo/identity/obtain.ts";
import { loadSecrets } from "../../demo/identity/secrets.ts";
import { startNode } from "../services/child.ts";
import { findFreePort, makeDirectory, removeDirectory } from "../services/process.ts";

const explorerUrl = "http://127.0.0.1:4000/explorer";
let dataDirectory: string;
let port: number;
let issuer: string;
let provider: ChildProcess;

beforeAll(async () => {
  dataDirectory = await makeDirectory("identity");
  port = await findFreePort();
  issuer = `http://127.0.0.1:${port}`;
  provider = await startProvider();
});

afterAll(async () => {
  await stopProvider(provider);
  await removeDirectory(dataDirectory);
});

async function startProvider(): Promise<ChildProcess> {
  const child = startNode(["demo/identity/main.ts", "--port", String(port)], { ...process.env, DATA_DIR: dataDirectory });
  child.stdout.resume();
  const endMs = Date.now() + 50_000;
  while (
    !(await fetch(`${issuer}/health`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (Date.now() > endMs || child.exitCode !== null) throw new Error("The identity provider did not start");
    await sleep(50);
  }
  return child;
}

async function stopProvider(child: ChildProcess): Promise<number | null> {
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  return await exited;
}

async function fetchToken(clientId: string): Promise<string> {
  return await obtainToken(await readDirectory(`${dataDirectory}/identity`), clientId);
}

async function verify(token: string): ReturnType<typeof jwtVerify> {
  return await jwtVerify(token, createRemoteJWKSet(new URL(`${issuer}/jwks`)), { issuer, audience: "crossharbour", typ: "at+jwt" });
}

async function postForm(path: string, form: Readonly<Record<string, string>>): Promise<Response> {
  return await fetch(issuer + path, { method: "POST", body: new URLSearchParams(form), redirect: "manual" });
}

function authorizeUrl(changes: Readonly<Record<string, string>>): string {
  const challenge = createHash("sha256").update(randomBytes(32).toString("base64url")).digest("base64url");
  const query = { client_id: "stats-analyst", redirect_uri: explorerUrl, response_type: "code", scope: "openid profile" };
  return `${issuer}/auth?${new URLSearchParams({ ...query, code_challenge: challenge, code_challenge_method: "S256", ...changes }).toString()}`;
}

describe("the demo identity provider", () => {
  it("refuses a wrong secret and an unknown client", async () => {
    const wrong = { grant_type: "client_credentials", client_id: "housing-app", client_secret: "guess" };
    expect((await postForm("/token", wrong)).status).toBe(401);
    expect((await postForm("/token", { ...wrong, client_id: "nobody" })).status).toBe(401);
    await expect(fetchToken("nobody")).rejects.toThrow('There is no demo client "nobody". Known: housing-app');
  });

  it("refuses a sign-in without PKCE, and one that would end at another address", async () => {
    const { location } = Object.fromEntries(
      (await fetch(authorizeUrl({ code_challenge: "", code_challenge_method: "" }), { redirect: "manual" })).headers,
    );
    expect(location).toContain("error=invalid_request");
    const elsewhere = await fetch(authorizeUrl({ redirect_uri: "http://127.0.0.1:9/steal" }), { redirect: "manual" });
    expect(elsewhere.status).toBe(400);
    expect(elsewhere.headers.get("location")).toBeNull();
    expect(await elsewhere.text()).not.toContain("googleapis");
  });

  it("refuses to sign in a person of another desk", async () => {
    const begun = await fetch(authorizeUrl({}), { redirect: "manual" });
    const cookie = begun.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
    const signIn = new URL(begun.headers.get("location") ?? "", issuer);
    const reply = await fetch(signIn, {
      method: "POST",
      headers: { cookie },
      body: new URLSearchParams({ subject: "auditor-9e05" }),
      redirect: "manual",
    });
    expect(reply.status).toBe(400);
  });

  it("answers nobody under another host name", async () => {
    const status = await new Promise((resolve) => {
      request({ port, host: "127.0.0.1", path: "/health", headers: { host: "evil.example" } }, (reply) => resolve(reply.statusCode)).end();
    });
    expect(status).toBe(421);
  });

  it("gives applications a token for the hub, good for one hour", async () => {
    const { payload, protectedHeader } = await verify(await fetchToken("housing-app"));
    expect(payload).toMatchObject({ iss: issuer, aud: "crossharbour", client_id: "housing-app", sub: "housing-app" });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
    expect(protectedHeader.alg).toBe("ES256");
  });

  it("gives people a token with a pseudonym as its subject", async () => {
    const { payload } = await verify(await fetchToken("stats-analyst"));
    expect(payload).toMatchObject({ client_id: "stats-analyst", sub: "analyst-7f3a", aud: "crossharbour" });
  });

  it("lets the explorer's page, and no other, read its answers", async () => {
    const ask = async (origin: string): Promise<string | null> => {
      const form = new URLSearchParams({
        grant_type: "authorization_code",
        client_id: "stats-analyst",
        code: "x",
        redirect_uri: explorerUrl,
      });
      const reply = await fetch(`${issuer}/token`, { method: "POST", body: form, headers: { origin } });
      return reply.headers.get("access-control-allow-origin");
    };
    expect(await ask("https://evil.example")).toBeNull();
    expect(await ask(new URL(explorerUrl).origin)).toBe(new URL(explorerUrl).origin);
  });

  it("says on its sign-in page that it is a demonstration, and runs no script there", async () => {
    const begun = await fetch(authorizeUrl({}), { redirect: "manual" });
    const cookie = begun.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
    const page = await fetch(new URL(begun.headers.get("location") ?? "", issuer), { headers: { cookie } });
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    const html = await page.text();
    expect(html).toContain("Demonstration.");
    expect(html).toContain("Ada (demo analyst)");
    expect(html).not.toContain("<script");
  });

  it("keeps its keys and secrets over a restart, for its owner's eyes only", async () => {
    const before = await fetchToken("hub-auditor");
    expect(await stopProvider(provider)).toBe(0);
    provider = await startProvider();
    await verify(before);
    expect(decodeProtectedHeader(await fetchToken("hub-auditor")).kid).toBe(decodeProtectedHeader(before).kid);
    const modes = await Promise.all(["secrets.json", "clients.json"].map((name) => stat(`${dataDirectory}/identity/${name}`)));
    expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o600, 0o600]);
  });

  it("does not overwrite a file of secrets that it can't read", async () => {
    const directory = await makeDirectory("secrets");
    await writeFile(`${directory}/secrets.json`, "{}");
    await expect(loadSecrets(directory)).rejects.toThrow("secrets.json is not a file of this identity provider");
    expect(await readFile(`${directory}/secrets.json`, "utf8")).toBe("{}");
    await removeDirectory(directory);
  });

  it("keeps a bounded number of sessions and codes, the oldest making room", async () => {
    const adapter = createMemoryAdapters(3)("Session");
    for (const id of ["a", "b", "c", "d"]) await adapter.upsert(id, { uid: `uid-${id}` }, 60);
    expect(await adapter.find("a")).toBeUndefined();
    expect(await adapter.findByUid("uid-d")).toEqual({ uid: "uid-d" });
  });
});

describe("hub token", () => {
  it("says what to do when no identity provider runs, and fails", async () => {
    const run = await runTokenCommand(["--client", "housing-app", "--data-dir", "/nowhere"]);
    expect(run.status).toBe(1);
    expect(run.errors).toContain("Start one with `npm start`");
    await expect(runTokenCommand(["--data-dir", dataDirectory])).rejects.toThrow("name a client");
    await expect(runTokenCommand(["--colour", "red"])).rejects.toThrow(UsageError);
  });

  it("prints a token that the hub takes, and nothing else", async () => {
    const run = await runTokenCommand(["--client", "housing-app", "--data-dir", dataDirectory]);
    expect(run.status).toBe(0);
    expect((await verify(run.output.trim())).payload["client_id"]).toBe("housing-app");
  });
});

async function runTokenCommand(
  args: readonly string[],
): Promise<{ readonly status: number; readonly output: string; readonly errors: string }> {
  const written = { output: "", errors: "" };
  const status = await tokenCommand.run(args, {
    clock: Date.now,
    environment: {},
    output: (text) => {
      written.output += text;
    },
    errors: (text) => {
      written.errors += text;
    },
  });
  return { status, ...written };
}
