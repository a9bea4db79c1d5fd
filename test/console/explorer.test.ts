import { mkdir, readFile } from "node:fs/promises";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Demo, startDemo, stopAndRemove } from "../demo/stack.ts";
import { findChromium } from "../services/chromium.ts";

const screenshotDirectory = new URL("../output/", import.meta.url).pathname;
const stepMs = 30_000;
const testMs = 120_000;
/** The first start seeds databases, and a fresh machine installs Chromium. */
const startMs = 420_000;

let demo: Demo | undefined;
let browser: Browser | undefined;
let context: BrowserContext;
let page: Page;
let complaints: string[];
let addresses: Set<string>;

beforeAll(async () => {
  await mkdir(screenshotDirectory, { recursive: true });
  demo = await startDemo();
  browser = await chromium.launch({
    executablePath: await findChromium(),
    chromiumSandbox: false,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // Whatever else the browser tried to reach could not be resolved.
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
}, startMs);

afterAll(async () => {
  await browser?.close();
  await stopAndRemove(demo);
}, testMs);

beforeEach(async () => {
  if (browser === undefined) throw new Error("The browser did not start");
  complaints = [];
  addresses = new Set();
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true });
  context.setDefaultTimeout(stepMs);
  page = await context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  context.on("request", (request) => {
    if (/^(https?|wss?):/.test(request.url())) addresses.add(new URL(request.url()).hostname);
  });
});

afterEach(async () => {
  await context.close();
});

async function openExplorer(): Promise<void> {
  await page.goto(`${demo?.hubUrl}/explorer`);
}

async function signIn(desk: string, person: string): Promise<void> {
  await page.getByRole("button", { name: desk }).click();
  await page.getByRole("button", { name: person }).click();
  await page.getByText("Signed in as").waitFor();
}

const signInAsAnalyst = (): Promise<void> => signIn("Statistics analyst", "Ada (demo analyst)");

async function runOperation(): Promise<void> {
  await page.getByRole("button", { name: /Execute query/ }).click();
  await page.getByRole("status").filter({ hasNotText: "Run an operation" }).waitFor();
}

/** What the result pane shows; the editor draws spaces as no-break spaces. */
async function readResult(): Promise<string> {
  const text = await page.locator(".graphiql-response .view-lines").textContent();
  return (text ?? "").replaceAll("\u00A0", " ");
}

describe("the explorer in a browser", { timeout: testMs }, () => {
  it("asks a visitor to sign in, and shows no editor before", async () => {
    await openExplorer();
    await page.getByRole("heading", { name: "Sign in to explore the city's data" }).waitFor();
    expect(await page.locator(".graphiql-container").count()).toBe(0);
    expect(await page.getAttribute("html", "lang")).toBe("en");
  });

  it("lets the analyst sign in, run case 7, read the answer and take a list away as CSV", async () => {
    await openExplorer();
    await signInAsAnalyst();
    await page.locator(".graphiql-query-editor .view-lines").filter({ hasText: "DistrictProfile" }).waitFor();
    await runOperation();
    const result = await readResult();
    expect(result).toContain('"code": "R"');
    expect(result).toContain('"en": "Sha Tin"');
    expect(await page.getByRole("status").textContent()).toBe("Answered in full, from open data.");
    await page.screenshot({ path: `${screenshotDirectory}/explorer.png` });
    await page.getByLabel("List").selectOption("district.estates");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download CSV" }).click()]);
    expect(download.suggestedFilename()).toBe("estates.csv");
    const csv = await readFile(await download.path(), "utf8");
    expect(csv.split("\r\n")[0]).toBe("\uFEFFname.en,name.tc,intakeYear,blocks,flats");
    expect(csv.split("\r\n").length).toBeGreaterThan(2);
    expect(complaints).toEqual([]);
    expect([...addresses]).toEqual(["127.0.0.1"]);
  });

  it("lets a housing officer run case 1, and shows what is withheld", async () => {
    await openExplorer();
    await signIn("Housing officer", "Hana (demo housing officer)");
    await page.locator(".graphiql-query-editor .view-lines").filter({ hasText: "PrhEligibility" }).waitFor();
    await runOperation();
    const result = await readResult();
    expect(result).toContain('"number": "HD-PRH-0000123"');
    expect(result).toContain('"coordinate": "Person.income"');
  });

  it("lets an auditor sign in", async () => {
    await openExplorer();
    await signIn("Auditor", "Otto (demo auditor)");
    await page.locator(".graphiql-container").waitFor();
    expect(complaints).toEqual([]);
  });

  it("keeps the token out of the browser's storage, and forgets the tabs at sign-out", async () => {
    await openExplorer();
    await signInAsAnalyst();
    await page.locator(".graphiql-query-editor .view-lines").filter({ hasText: "DistrictProfile" }).waitFor();
    const readStorage = async (): Promise<string> => await page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])");
    expect(await readStorage()).not.toContain("eyJ");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You are signed out.").waitFor();
    expect(JSON.parse(await readStorage())).toEqual([{}, {}]);
  });

  it("gives up a sign-in that it did not start", async () => {
    await page.goto(`${demo?.hubUrl}/explorer?code=stolen&state=made-up`);
    await page.getByRole("alert").filter({ hasText: "This sign-in was not started here." }).waitFor();
    expect(page.url()).toBe(`${demo?.hubUrl}/explorer`);
  });
});
