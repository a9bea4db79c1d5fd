import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type InspectedHub, type Sample, startInspected } from "./inspected.ts";
import { type Licensing, openLicensing } from "./licensing.ts";

const waiting = { timeout: 15_000, interval: 50 };

let licensing: Licensing;
let inspected: InspectedHub | undefined;

beforeEach(async () => {
  licensing = await openLicensing({ RELOAD_WATCH: "false" });
});
afterEach(async () => {
  await inspected?.close();
  await licensing.close();
});

describe("many changes", () => {
  test("under load give no wrong answer, and leave no generation, planner or memory behind", { timeout: 240_000 }, async () => {
    inspected = await startInspected(licensing.environment);
    const { url } = inspected;
    const sample = (): Promise<Sample> => inspected?.sample() ?? Promise.reject(new Error("There is no hub."));
    let isOver = false;
    const answers = new Set<string>();
    const load = Array.from({ length: 2 }, async () => {
      while (!isOver) {
        const { status, data, extensions } = await licensing.ask(url);
        answers.add(JSON.stringify([status, data, (extensions["hub"] as { agreements?: unknown } | undefined)?.agreements]));
      }
    });
    const change = async (count: number): Promise<void> => {
      for (let index = 1; index <= count; index += 1) {
        await licensing.writeAgreement(index % 2 === 1 ? 2 : 1);
        if (index % 4 === 0) await licensing.writeSupergraph({ comment: String(Math.random()) });
        expect(await inspected?.reload()).toBe("switched");
      }
    };
    await change(12);
    const before = await sample();
    await change(24);
    isOver = true;
    await Promise.all(load);
    await vi.waitFor(async () => expect((await sample()).processes).toBe(1), waiting);
    const after = await sample();
    // A generation of this graph takes more than a megabyte.
    expect(after.heapUsed - before.heapUsed).toBeLessThan(12_000_000);
    expect([...answers].sort()).toEqual([
      '[200,{"vehicle":{"class":"TAXI","make":"Acme"}},["TD-OWN-2026-00@2"]]',
      '[200,{"vehicle":{"class":"TAXI","make":null}},["TD-OWN-2026-00@1"]]',
    ]);
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^hub_generations_open 1$/m);
  });
});
