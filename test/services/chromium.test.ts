import { chromium } from "playwright-core";
import { expect, test } from "vitest";
import { findChromium } from "./chromium.ts";

test("a Chromium opens a page", async () => {
  const browser = await chromium.launch({
    executablePath: await findChromium(),
    chromiumSandbox: process.getuid?.() !== 0,
    timeout: 60_000,
  });
  try {
    const page = await browser.newPage();
    await page.goto("data:text/html,<title>harbour</title>", { timeout: 20_000 });
    expect(await page.title()).toBe("harbour");
  } finally {
    await browser.close();
  }
}, 90_000);
