import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConsoleAssets } from "../../console/assets.ts";
import { buildExplorer } from "../../console/build.ts";
import { type ExplorerOptions, explorerPage, explorerPolicy } from "../../console/pages.ts";
import { startNode } from "../services/child.ts";
import { makeDirectory, removeDirectory } from "../services/process.ts";

let directory: string;

beforeAll(async () => {
  directory = await makeDirectory("console");
});

afterAll(async () => {
  await removeDirectory(directory);
});

const options: ExplorerOptions = {
  issuer: "https://issuer.example/realms/city",
  graphqlPath: "/graphql",
  callers: [{ clientId: "analyst", title: "</script><script>alert(1)</script>", purposes: [{ code: "p", title: "<!-- P" }] }],
  examples: [],
  build: { inputHash: "h", script: "s-1.js", style: "s-2.css", editorWorker: "e.js", jsonWorker: "j.js", graphqlWorker: "g.js" },
};

describe("the explorer's page", () => {
  it("lets no setting break out of its data block", () => {
    const html = explorerPage(options);
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toContain("<!--");
    const block = /<script type="application\/json" id="settings">(.*?)<\/script>/s.exec(html)?.[1] ?? "";
    expect(JSON.parse(block)).toMatchObject({ callers: [{ title: "</script><script>alert(1)</script>" }] });
  });

  it("allows scripts and workers from the hub's own files alone, and requests to the hub and the issuer", () => {
    const rules = new Map(
      explorerPolicy(options.issuer)
        .split("; ")
        .map((rule) => [rule.split(" ")[0], rule.split(" ").slice(1).join(" ")]),
    );
    expect(rules.get("default-src")).toBe("'none'");
    expect(rules.get("script-src")).toBe("'self'");
    expect(rules.get("worker-src")).toBe("'self'");
    expect(rules.get("connect-src")).toBe("'self' https://issuer.example");
    expect(rules.get("frame-ancestors")).toBe("'none'");
  });
});

describe("the explorer's build", () => {
  it("is not found where nothing was built, nor where its description is broken", async () => {
    expect(await loadConsoleAssets(`${directory}/none`)).toBeUndefined();
    await mkdir(`${directory}/broken`);
    await writeFile(`${directory}/broken/build.json`, "{");
    expect(await loadConsoleAssets(`${directory}/broken`)).toBeUndefined();
  });

  it("is made once, and again when its sources change", async () => {
    const dist = `${directory}/dist`;
    expect(await buildExplorer(dist)).toBe(true);
    expect(await buildExplorer(dist)).toBe(false);
    const description = await readFile(`${dist}/build.json`, "utf8");
    await writeFile(`${dist}/build.json`, description.replace(/"inputHash": "\w+"/, '"inputHash": "older"'));
    expect(await buildExplorer(dist)).toBe(true);
    expect(await readFile(`${dist}/build.json`, "utf8")).toBe(description);
  }, 120_000);

  it("survives two processes that make it at the same time", async () => {
    const dist = `${directory}/shared`;
    const build = "import('./console/build.ts').then(({ buildExplorer }) => buildExplorer(process.argv[1]))";
    const run = async (): Promise<number | null> => {
      const child = startNode(["--eval", build, dist]);
      child.stdout.resume();
      const [code] = (await once(child, "exit")) as [number | null];
      return code;
    };
    expect(await Promise.all([run(), run()])).toEqual([0, 0]);
    expect(await loadConsoleAssets(dist)).toBeDefined();
    expect((await readdir(directory)).filter((name) => name.startsWith("shared"))).toEqual(["shared"]);
  }, 120_000);

  it("holds every file that its description names, and loads nothing from elsewhere", async () => {
    const assets = await loadConsoleAssets(`${directory}/dist`);
    const { inputHash: _, ...names } = assets?.build ?? { inputHash: "" };
    expect(Object.values(names)).toHaveLength(5);
    expect(Object.values(names).filter((name) => !assets?.files.has(name))).toEqual([]);
    const style = new TextDecoder().decode(assets?.files.get(assets.build.style)?.bytes);
    expect(style).toContain(".result-footer");
    expect(style.match(/@import|url\("?https?:/g)).toBeNull();
  });
});
