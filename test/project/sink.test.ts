import { expect, test } from "vitest";
import { createSink, putByte, putBytes, putInteger, putQuoted, putText, takeBytes } from "../../gateway/project/sink.ts";
import { fc } from "../services/fc.ts";

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: "grapheme", minLength: 120, maxLength: 135 }),
  fc.constantFrom(
    "\ud800",
    "a\udfffb",
    '"',
    "\\",
    "\u2028",
    "\u007f",
    "香港特別行政區",
    "é".repeat(128),
    "\u07ff\u0800\ud7ff\ue000\uffff",
    "x".repeat(129),
  ),
);

test("strings are written as JSON.stringify writes them, wherever they stand", () => {
  fc.assert(
    fc.property(fc.array(anyText, { maxLength: 20 }), (texts) => {
      const sink = createSink();
      for (const text of texts) putQuoted(sink, text);
      expect(takeBytes(sink).toString("utf8")).toBe(texts.map((text) => JSON.stringify(text)).join(""));
    }),
  );
});

test("a unit that isn't written as it is may stand anywhere in a text", () => {
  const sink = createSink();
  for (const unit of ["\u0000", "\u001f", '"', "\\", "\u007f", "\u0080", "\u00ff", "\u0100", "\u2028", "\ud800", "\uffff", "~", " "]) {
    for (let length = 0; length < 12; length += 1) {
      for (let at = 0; at <= length; at += 1) {
        const text = `${"a".repeat(at)}${unit}${"z".repeat(length - at)}`;
        putQuoted(sink, text);
        expect(takeBytes(sink).toString("utf8")).toBe(JSON.stringify(text));
      }
    }
  }
});

test("whole numbers of 32 bits are written as JSON.stringify writes them", () => {
  const edges = [0, -0, 9, 10, -10, 99, 100, 999_999_999, 1_000_000_000, 2_147_483_647, -2_147_483_648];
  const sink = createSink();
  for (const value of edges) putInteger(sink, value);
  expect(takeBytes(sink).toString()).toBe(edges.map((value) => JSON.stringify(value)).join(""));
  fc.assert(
    fc.property(fc.integer({ min: -2_147_483_648, max: 2_147_483_647 }), (value) => {
      putInteger(sink, value);
      expect(takeBytes(sink).toString()).toBe(JSON.stringify(value));
    }),
  );
});

test("JSON text is written in UTF-8, whatever its characters", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 20 }), (values) => {
      const sink = createSink();
      const texts = values.map((value) => JSON.stringify(value));
      for (const text of texts) putText(sink, text);
      expect(takeBytes(sink)).toEqual(Buffer.from(texts.join("")));
    }),
  );
});

test("a sink grows with what is written, and what was taken out stays as it was", () => {
  const sink = createSink();
  const part = Buffer.alloc(10_000, 0x61);
  for (let count = 0; count < 1_000; count += 1) {
    putBytes(sink, part);
    putByte(sink, 0x2c);
  }
  const first = takeBytes(sink);
  putText(sink, "b".repeat(100_000));
  expect(takeBytes(sink).length).toBe(100_000);
  expect(first.length).toBe(10_001_000);
  expect(first.every((byte, index) => byte === (index % 10_001 === 10_000 ? 0x2c : 0x61))).toBe(true);
});

test("what was written last is taken back by its length", () => {
  const sink = createSink();
  putText(sink, "[1,");
  const { length } = sink;
  putQuoted(sink, "gone");
  sink.length = length;
  putText(sink, "2]");
  expect(takeBytes(sink).toString()).toBe("[1,2]");
});
