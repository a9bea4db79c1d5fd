import { serverAudits } from "graphql-http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWorld, type World } from "../hub/world.ts";
import { type BareHub, startBareHub } from "./hub.ts";

let hub: BareHub;
let world: World;
let token: string;

beforeAll(async () => {
  hub = await startBareHub();
  world = await startWorld({ departments: [] });
  token = await world.token({ client_id: "stats-analyst" });
});
afterAll(async () => {
  await hub?.close();
  await world?.close();
});

const names = serverAudits({ url: "http://127.0.0.1/" });

test("there are 61 audits", () => {
  expect(names.length).toBe(61);
});

describe("GraphQL over HTTP, by a hub without agreements", () => {
  const audits = serverAudits({ url: () => hub.url });

  test.for(audits.map((audit, index) => [audit.id, audit.name, index] as const))("%s: %s", async ([, , index]) => {
    const result = await audits[index]?.fn();
    expect(result).toMatchObject({ status: "ok" });
  });
});

describe("GraphQL over HTTP, by a hub under agreements", () => {
  const audits = serverAudits({
    url: () => `${world.hubUrl}/graphql`,
    fetchFn: (url: string, init: RequestInit = {}) =>
      fetch(url, {
        ...init,
        headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${token}`, "hub-purpose": "open-statistics" },
      }),
  });

  test.for(audits.map((audit, index) => [audit.id, audit.name, index] as const))("%s: %s", async ([, , index]) => {
    const result = await audits[index]?.fn();
    expect(result).toMatchObject({ status: "ok" });
  });
});
