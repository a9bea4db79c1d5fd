import { readFile, rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ANCHOR_APPLICATION } from "../../subgraphs/kit/population/anchors.ts";
import type { Answer } from "./ask.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
let operation: string;

beforeAll(async () => {
  world = await startWorld();
  operation = await readFile(new URL("../../demo/operations/case1.graphql", import.meta.url), "utf8");
});
afterAll(() => world?.close());

const eligibility = (): Promise<Answer> => world.ask({ operation, variables: { number: ANCHOR_APPLICATION } });
const openOnly = (): Promise<Answer> => world.ask({ operation: '{ district(code: "A") { code } }' });

/** Path, code and department of each error besides those that explain withheld fields. */
function failuresIn({ errors }: Answer): readonly unknown[] {
  return errors
    .filter(({ extensions }) => extensions.code !== "UNAUTHORIZED_FIELD_OR_TYPE")
    .map(({ path, extensions }) => [path?.join("."), extensions.code, extensions["department"]]);
}

describe("a department that is down", () => {
  test("leaves out its own fields, with one error for the place they belong to, and comes back", async () => {
    const whole = await eligibility();
    const { prhApplication } = whole.data as { readonly prhApplication: { readonly members: readonly object[] } };
    expect(failuresIn(whole)).toEqual([]);
    await world.stop("transport");
    const partial = await eligibility();
    expect(partial.status).toBe(200);
    expect(partial.data).toEqual({
      prhApplication: { ...prhApplication, members: prhApplication.members.map((member) => ({ ...member, vehicles: null })) },
    });
    expect(failuresIn(partial)).toEqual([["prhApplication.members.@", "SUBGRAPH_UNAVAILABLE", "transport"]]);
    expect(partial.text).not.toMatch(/ECONNREFUSED|127\.0\.0\.1|socket/);
    await world.restart("transport");
    const again = await eligibility();
    expect([again.data, failuresIn(again)]).toEqual([whole.data, []]);
  });

  test("leaves out what others compute from its fields as well", async () => {
    await world.stop("lands");
    const partial = await eligibility();
    await world.restart("lands");
    const { members } = (partial.data as { readonly prhApplication: { readonly members: readonly Record<string, unknown>[] } })
      .prhApplication;
    expect(members.length).toBeGreaterThan(0);
    for (const member of members) {
      expect(member).toMatchObject({ ownsDomesticProperty: null, incomeBand: null });
      expect(member["residentStatus"]).not.toBeNull();
    }
    expect(failuresIn(partial)).toEqual([["prhApplication.members.@", "SUBGRAPH_UNAVAILABLE", "lands"]]);
    expect(failuresIn(await eligibility())).toEqual([]);
  });

  test("that all others follow from leaves nothing but its error", async () => {
    await world.stop("housing");
    const partial = await eligibility();
    await world.restart("housing");
    expect(partial.data).toEqual({ prhApplication: null });
    expect(failuresIn(partial)).toEqual([["prhApplication", "SUBGRAPH_UNAVAILABLE", "housing"]]);
    expect(failuresIn(await eligibility())).toEqual([]);
  });
});

describe("a journal that can't be written", () => {
  test("keeps restricted data in, lets open data out, and mends itself", async () => {
    await eligibility();
    // Gone with its open segment, and nothing can be made in its place, as when a disk is taken away.
    await rm(world.journalDir, { recursive: true });
    await writeFile(world.journalDir, "");
    const refused = await eligibility();
    expect([refused.status, refused.errors.map(({ extensions }) => extensions.code)]).toEqual([503, ["AUDIT_UNAVAILABLE"]]);
    expect(refused.data ?? null).toBeNull();
    expect(refused.text).not.toContain(world.folder);
    expect(refused.text).not.toContain("HD-PRH");
    const open = await openOnly();
    expect([open.status, open.data]).toEqual([200, { district: { code: "A" } }]);
    const ready = await fetch(`${world.hubUrl}/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([503, { journal: "unavailable" }]);
    await rm(world.journalDir);
    // The journal tries again by itself, at growing intervals.
    await vi.waitFor(async () => expect((await eligibility()).status).toBe(200), { timeout: 20_000, interval: 250 });
  });
});
