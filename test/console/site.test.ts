import { describe, expect, it } from "vitest";
import type { ConsoleAssets } from "../../console/assets.ts";
import { createConsoleSite, explainMissingBuild } from "../../console/site.ts";

const assets: ConsoleAssets = {
  build: { inputHash: "h", script: "s-1.js", style: "s-2.css", editorWorker: "e.js", jsonWorker: "j.js", graphqlWorker: "g.js" },
  files: new Map([["s-1.js", { contentType: "text/javascript; charset=utf-8", bytes: new TextEncoder().encode("code"), etag: '"tag"' }]]),
};
const site = createConsoleSite(assets, {
  issuer: "https://issuer.example/realms/city",
  graphqlPath: "/graphql",
  callers: [{ clientId: "analyst", title: "</script><script>alert(1)</script>", purposes: [{ code: "p", title: "<!-- P" }] }],
  examples: [],
});

describe("the console's site", () => {
  it("answers 404 to paths that it doesn't know, whatever they try", () => {
    const paths = [
      "/",
      "/explorer/",
      "/explorer/assets/",
      "/explorer/assets/none.js",
      "/explorer/assets/../../package.json",
      "/explorer/assets/__proto__",
    ];
    expect(paths.map((path) => site(path, undefined).status)).toEqual(paths.map(() => 404));
    expect(explainMissingBuild().body).toContain("node console/build.ts");
  });

  it("lets no setting break out of the page's data block", () => {
    const html = String(site("/explorer", undefined).body);
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toContain("<!--");
    const block = /<script type="application\/json" id="settings">(.*?)<\/script>/s.exec(html)?.[1] ?? "";
    expect(JSON.parse(block)).toMatchObject({ callers: [{ title: "</script><script>alert(1)</script>" }] });
  });

  it("allows scripts and workers from its own files alone, and requests to itself and the issuer", () => {
    const policy = site("/explorer", undefined).headers["content-security-policy"] ?? "";
    const rules = new Map(policy.split("; ").map((rule) => [rule.split(" ")[0], rule.split(" ").slice(1).join(" ")]));
    expect(rules.get("default-src")).toBe("'none'");
    expect(rules.get("script-src")).toBe("'self'");
    expect(rules.get("worker-src")).toBe("'self'");
    expect(rules.get("connect-src")).toBe("'self' https://issuer.example");
    expect(rules.get("frame-ancestors")).toBe("'none'");
  });

  it("serves a file for ever, and answers 304 to whoever has it", () => {
    const reply = site("/explorer/assets/s-1.js", undefined);
    expect([reply.status, reply.headers["content-type"], reply.headers["cache-control"]]).toEqual([
      200,
      "text/javascript; charset=utf-8",
      "public, max-age=31536000, immutable",
    ]);
    expect(site("/explorer/assets/s-1.js", '"tag"').status).toBe(304);
    expect(site("/explorer/assets/s-1.js", '"other"').status).toBe(200);
  });
});
