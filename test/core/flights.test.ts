import { expect, test } from "vitest";
import { createFlights } from "../../gateway/core/flights.ts";
import { createHangup, type Hangup } from "../../gateway/core/hangup.ts";

interface Work {
  readonly begun: Hangup[];
  readonly begin: (hangup: Hangup) => Promise<string>;
  end(index: number, text: string): void;
}

function createWork(): Work {
  const begun: Hangup[] = [];
  const ends: ((text: string) => void)[] = [];
  return {
    begun,
    begin: (hangup) => {
      begun.push(hangup);
      return new Promise((resolve) => ends.push(resolve));
    },
    end: (index, text) => ends[index]?.(text),
  };
}

test("work goes on while one of those who share it still waits", async () => {
  const flights = createFlights<string>();
  const work = createWork();
  const [first, second] = [createHangup(), createHangup()];
  const answers = Promise.all([flights.join("key", first, work.begin), flights.join("key", second, work.begin)]);
  first.tell();
  expect(work.begun.map((hangup) => hangup.isGone())).toEqual([false]);
  work.end(0, "done");
  expect(await answers).toEqual(["done", "done"]);
});

test("work is told when all who share it have hung up, and the next who asks begins anew", async () => {
  const flights = createFlights<string>();
  const work = createWork();
  const [first, second] = [createHangup(), createHangup()];
  const gone = Promise.all([flights.join("key", first, work.begin), flights.join("key", second, work.begin)]);
  first.tell();
  second.tell();
  const next = flights.join("key", createHangup(), work.begin);
  expect(work.begun.map((hangup) => hangup.isGone())).toEqual([true, false]);
  work.end(0, "given up");
  work.end(1, "done");
  expect(await gone).toEqual(["given up", "given up"]);
  expect(await next).toBe("done");
});

test("one who never hangs up keeps the work going, and other keys have work of their own", async () => {
  const flights = createFlights<string>();
  const work = createWork();
  const hangup = createHangup();
  const answers = Promise.all([
    flights.join("key", undefined, work.begin),
    flights.join("key", hangup, work.begin),
    flights.join("other", hangup, work.begin),
  ]);
  hangup.tell();
  expect(work.begun.map((told) => told.isGone())).toEqual([false, true]);
  work.end(0, "one");
  work.end(1, "two");
  expect(await answers).toEqual(["one", "one", "two"]);
});

test("a failure is everybody's, and is not kept", async () => {
  const flights = createFlights<string>();
  const fail = async (): Promise<string> => {
    throw new Error("no");
  };
  const both = await Promise.allSettled([flights.join("key", undefined, fail), flights.join("key", undefined, fail)]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await flights.join("key", undefined, async () => "yes")).toBe("yes");
});

test("a hang-up is told once, also to one who comes late or has taken his listener back", () => {
  const hangup = createHangup();
  const heard: string[] = [];
  hangup.onGone(() => heard.push("early"));
  const takeBack = hangup.onGone(() => heard.push("taken back"));
  takeBack();
  hangup.tell();
  hangup.tell();
  hangup.onGone(() => heard.push("late"));
  expect(heard).toEqual(["early", "late"]);
});
