import { expect, test } from "vitest";
import { createBreaker } from "../../gateway/cache/breaker.ts";

function setUp() {
  let now = 0;
  const changes: boolean[] = [];
  const breaker = createBreaker({ nowMs: () => now, failuresMax: 3, openMs: 100, onChange: (isOpen) => changes.push(isOpen) });
  return {
    breaker,
    changes,
    advance: (ms: number) => {
      now += ms;
    },
  };
}

test("failures in a row open it, others don't", () => {
  const { breaker, changes } = setUp();
  for (const step of ["fail", "fail", "succeed", "fail", "fail"] as const) {
    expect(breaker.enter()).toBe(true);
    breaker[step]();
  }
  expect(breaker.isOpen()).toBe(false);
  breaker.fail();
  expect(breaker.isOpen()).toBe(true);
  expect(breaker.enter()).toBe(false);
  expect(changes).toEqual([true]);
});

test("while open, one call in each period may try, and its success closes it", () => {
  const { breaker, changes, advance } = setUp();
  breaker.fail();
  breaker.fail();
  breaker.fail();
  advance(99);
  expect(breaker.enter()).toBe(false);
  advance(1);
  expect([breaker.enter(), breaker.enter()]).toEqual([true, false]);
  breaker.fail();
  expect(breaker.enter()).toBe(false);
  advance(100);
  expect(breaker.enter()).toBe(true);
  breaker.succeed();
  expect([breaker.enter(), breaker.enter(), breaker.isOpen()]).toEqual([true, true, false]);
  expect(changes).toEqual([true, false]);
});

test("a trial that never ends does not keep it open for ever", () => {
  const { breaker, advance } = setUp();
  breaker.fail();
  breaker.fail();
  breaker.fail();
  advance(100);
  expect(breaker.enter()).toBe(true);
  advance(100);
  expect(breaker.enter()).toBe(true);
});
