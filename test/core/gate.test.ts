import { expect, test } from "vitest";
import { createGate } from "../../gateway/core/gate.ts";

test("one more than may wait is refused at once", async () => {
  const gate = createGate({ concurrencyMax: 1, waitingMax: 1, what: "the planner" });
  await gate.enter(1_000);
  const waiting = gate.enter(20);
  await expect(gate.enter(1_000)).rejects.toMatchObject({ code: "OVERLOADED" });
  await expect(waiting).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
});

test("who waited too long does not take a place later", async () => {
  const gate = createGate({ concurrencyMax: 1, waitingMax: 5, what: "the planner" });
  const leave = await gate.enter(1_000);
  await expect(gate.enter(5)).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  leave();
  const again = await gate.enter(1_000);
  again();
});

test("waiters enter in the order in which they came, never more at once than may", async () => {
  const gate = createGate({ concurrencyMax: 2, waitingMax: 100, what: "a department" });
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      const leave = await gate.enter(5_000);
      order.push(index);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      leave();
      leave();
    }),
  );
  expect(order).toEqual(Array.from({ length: 50 }, (_, index) => index));
  expect(most).toBe(2);
});

const idle = (): (() => number) => () => 0;
const busy = (): (() => number) => () => 1;

/** Enters `count` times and counts who got in. Nobody leaves before they are told to. */
function enterAll(gate: ReturnType<typeof createGate>, count: number): { readonly inside: () => number; readonly leaves: (() => void)[] } {
  const leaves: (() => void)[] = [];
  for (let index = 0; index < count; index += 1) void gate.enter(5_000).then((leave) => leaves.push(leave));
  return { inside: () => leaves.length, leaves };
}

test("a narrow gate lets in few at first and, with an idle thread, all that may before long", async () => {
  const gate = createGate({ concurrencyMax: 16, waitingMax: 100, what: "a department", narrowing: { few: 4, meterLoad: idle } });
  const { inside } = enterAll(gate, 20);
  await new Promise((resolve) => setImmediate(resolve));
  expect(inside()).toBe(4);
  await expect.poll(inside).toBe(16);
});

test("with a busy thread it waits longer, and lets in more all the same", async () => {
  const gate = createGate({ concurrencyMax: 8, waitingMax: 100, what: "a department", narrowing: { few: 4, meterLoad: busy } });
  const startMs = performance.now();
  const { inside } = enterAll(gate, 8);
  await expect.poll(inside, { interval: 1 }).toBe(8);
  expect(performance.now() - startMs).toBeGreaterThan(45);
});

test("it is narrow again when few are inside", async () => {
  const gate = createGate({ concurrencyMax: 16, waitingMax: 100, what: "a department", narrowing: { few: 4, meterLoad: idle } });
  const first = enterAll(gate, 16);
  await expect.poll(first.inside).toBe(16);
  for (const leave of first.leaves) leave();
  const second = enterAll(gate, 16);
  await new Promise((resolve) => setImmediate(resolve));
  expect(second.inside()).toBe(4);
});

test("nobody is refused while fewer are inside than may be", async () => {
  const gate = createGate({ concurrencyMax: 6, waitingMax: 2, what: "a department", narrowing: { few: 1, meterLoad: busy } });
  const { inside } = enterAll(gate, 8);
  await new Promise((resolve) => setImmediate(resolve));
  expect(inside()).toBe(6);
  await expect(gate.enter(5_000)).rejects.toMatchObject({ code: "OVERLOADED" });
});
