import { expect, test } from "vitest";
import { createGate } from "../../gateway/core/gate.ts";

test("one more than may wait is refused at once", async () => {
  const gate = createGate(1, 1, "the planner");
  await gate.enter(1_000);
  const waiting = gate.enter(20);
  await expect(gate.enter(1_000)).rejects.toMatchObject({ code: "OVERLOADED" });
  await expect(waiting).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
});

test("who waited too long does not take a place later", async () => {
  const gate = createGate(1, 5, "the planner");
  const leave = await gate.enter(1_000);
  await expect(gate.enter(5)).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  leave();
  const again = await gate.enter(1_000);
  again();
});

test("waiters enter in the order in which they came, never more at once than may", async () => {
  const gate = createGate(2, 100, "a department");
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
