import { expect, test } from "vitest";
import type { Answer } from "../../gateway/core/answer.ts";
import { bytesOfAnswer, textOfAnswer } from "../../gateway/http/operation.ts";

const whole = Buffer.from('{"data":{"name":"港"}}');
const answer: Answer = {
  status: 200,
  data: whole.subarray(8, -1),
  whole,
  errors: [],
  hub: {},
  ageSeconds: undefined,
  cacheStatus: undefined,
  epoch: undefined,
};
const error = { message: "It failed.", path: ["name"], extensions: { code: "SUBGRAPH_ERROR" } };
const data = { name: "港" };

test("an answer that stands written already leaves in those bytes", () => {
  expect(bytesOfAnswer(answer)).toBe(whole);
  expect(bytesOfAnswer({ ...answer, whole: undefined })).toEqual(whole);
});

test.each<[string, Partial<Answer>, unknown]>([
  ["errors", { whole: undefined, errors: [error] }, { errors: [error], data }],
  ["what it rests on", { whole: undefined, hub: { masks: ["A.b"] } }, { data, extensions: { hub: { masks: ["A.b"] } } }],
  ["both", { whole: undefined, errors: [error], hub: { masks: [] } }, { errors: [error], data, extensions: { hub: { masks: [] } } }],
  ["no data", { data: undefined, whole: undefined, errors: [error] }, { errors: [error] }],
  ["no data and what it rests on", { data: undefined, whole: undefined, hub: { masks: [] } }, { extensions: { hub: { masks: [] } } }],
])("an answer with %s says so", (_what, given, expected) => {
  expect(JSON.parse(textOfAnswer({ ...answer, ...given }))).toEqual(expected);
});
