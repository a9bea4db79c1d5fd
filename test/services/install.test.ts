import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { ensureProgram, findProgram } from "./install.ts";

test("a program that can't be installed here is named with its package", () => {
  const source = `
    const { ensureProgram } = await import(${JSON.stringify(new URL("./install.ts", import.meta.url).href)});
    process.setuid?.(process.getuid() === 0 ? 65534 : process.getuid());
    await ensureProgram({ names: ["no-such-program"], debianPackage: "no-such-package" });
  `;
  const result = spawnSync(process.execPath, ["--input-type=module", "-e", source], { encoding: "utf8", timeout: 20_000 });
  expect(result.status).not.toBe(0);
  expect(result.stderr).toContain("Tests need no-such-program. Install the package `no-such-package`");
});

test("a program is found on PATH, then in the folders of its package", async () => {
  expect(await findProgram({ names: ["no-such-program", "sh"], debianPackage: "dash" })).toMatch(/\/sh$/);
  expect(await findProgram({ names: ["no-such-program"], debianPackage: "none" })).toBeUndefined();
  expect(await ensureProgram({ names: ["sh"], debianPackage: "dash" })).toMatch(/\/sh$/);
});
