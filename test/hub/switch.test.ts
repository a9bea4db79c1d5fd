import { parse } from "graphql";
import { describe, expect, test } from "vitest";
import type { Answer } from "../../gateway/core/answer.ts";
import type { HubRequest } from "../../gateway/pipeline/answer.ts";
import { createSwitch, type Replaceable, type Switch } from "../../gateway/pipeline/switch.ts";
import { createShared } from "../../gateway/shared.ts";

const request: HubRequest = {
  requestId: "request",
  caller: undefined,
  document: parse("{ a }"),
  documentHash: "hash",
  operationName: undefined,
  variables: {},
};

/** A generation whose answers are its number, given when the test says so. */
interface Stand extends Replaceable {
  isClosed(): boolean;
  answerAll(): void;
}

function standOf(number: number): Stand {
  const held = Promise.withResolvers<void>();
  let isClosed = false;
  return {
    number,
    pipeline: {
      async answer(): Promise<Answer> {
        await held.promise;
        return {
          status: 200,
          data: Buffer.from(String(number)),
          errors: [],
          hub: {},
          ageSeconds: undefined,
          cacheStatus: undefined,
          epoch: undefined,
        };
      },
    },
    isClosed: () => isClosed,
    answerAll: () => held.resolve(),
    async close(): Promise<void> {
      isClosed = true;
    },
  };
}

function open(first: Stand, drainMs: number): Switch<Stand> {
  return createSwitch({ first, drainMs, openMax: 2, onCloseError: () => undefined });
}

const longMs = 60_000;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the switch between generations", () => {
  test("closes a replaced one at once when nothing runs on it, and tells who listens", async () => {
    const [one, two] = [standOf(1), standOf(2)];
    const pipelines = open(one, longMs);
    const told: number[] = [];
    const stop = pipelines.onSwitch((generation) => told.push(generation));
    await pipelines.switchTo(two);
    await turn();
    expect([one.isClosed(), two.isClosed(), pipelines.generation(), pipelines.openCount(), told]).toEqual([true, false, 2, 1, [2]]);
    stop();
    await pipelines.switchTo(standOf(3));
    expect(told).toEqual([2]);
  });

  test("keeps a replaced one open while a request or a lease is on it", async () => {
    const [one, two] = [standOf(1), standOf(2)];
    const pipelines = open(one, longMs);
    const lease = pipelines.lease();
    const answer = pipelines.answer(request);
    await pipelines.switchTo(two);
    one.answerAll();
    expect((await answer).data?.toString()).toBe("1");
    await turn();
    expect([one.isClosed(), lease.generation]).toEqual([false, 1]);
    lease.release();
    lease.release();
    await turn();
    expect([one.isClosed(), pipelines.openCount()]).toEqual([true, 1]);
  });

  test("closes a replaced one whose time to drain is up, and lets no more be open than it may", async () => {
    const [one, two, three] = [standOf(1), standOf(2), standOf(3)];
    const pipelines = open(one, 20);
    const late = pipelines.answer(request);
    await pipelines.switchTo(two);
    expect([one.isClosed(), pipelines.openCount()]).toEqual([false, 2]);
    await pipelines.switchTo(three);
    expect([one.isClosed(), pipelines.generation()]).toEqual([true, 3]);
    one.answerAll();
    expect((await late).data?.toString()).toBe("1");
  });

  test("closes all that are open when the hub ends", async () => {
    const [one, two] = [standOf(1), standOf(2)];
    const pipelines = open(one, longMs);
    pipelines.lease();
    await pipelines.switchTo(two);
    await pipelines.close();
    expect([one.isClosed(), two.isClosed()]).toEqual([true, true]);
  });
});

describe("what generations share", () => {
  test("is opened once for a key and closed after its last use", async () => {
    const events: string[] = [];
    const shared = createShared<string>(async (value) => void events.push(`close ${value}`));
    const make = async (): Promise<string> => {
      events.push("open");
      return "a";
    };
    const [one, two] = await Promise.all([shared.take("key", make), shared.take("key", make)]);
    await one.giveBack();
    await one.giveBack();
    expect([events, two.value]).toEqual([["open"], "a"]);
    await two.giveBack();
    expect(events).toEqual(["open", "close a"]);
    await shared.take("key", make);
    expect(events).toEqual(["open", "close a", "open"]);
  });

  test("is tried again after it could not be opened", async () => {
    const shared = createShared<string>(async () => undefined);
    await expect(shared.take("key", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect((await shared.take("key", async () => "b")).value).toBe("b");
  });
});
