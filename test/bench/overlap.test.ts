import { expect, test } from "vitest";
import { questionAt } from "../../bench/overlap.ts";

test("questions overlap: thirty selections, and wares by Zipf's law", () => {
  const questions = Array.from({ length: 30_000 }, (_, number) => questionAt(number));
  const counts = new Map<string, number>();
  for (const { code } of questions) counts.set(code, (counts.get(code) ?? 0) + 1);
  expect(new Set(questions.map(({ query }) => query)).size).toBe(30);
  // Of 10,000 the first is asked for in one of 9.79 questions, the tenth in one of 97.9.
  expect((counts.get("ware-0") ?? 0) / questions.length).toBeCloseTo(1 / 9.79, 2);
  expect((counts.get("ware-9") ?? 0) / questions.length).toBeCloseTo(1 / 97.9, 2);
  expect(counts.size).toBeGreaterThan(4_000);
});
