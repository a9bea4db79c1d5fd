import { describe, expect, it } from "vitest";
import { findLists, writeCsv } from "../../console/csv.ts";

const mark = "\uFEFF";

describe("CSV of an answer", () => {
  it("disarms texts that a spreadsheet would run as a formula", () => {
    const rows = ["=1+1", "+SUM(A1)", "-2+3", "@cmd", "\tx", "＝1"].map((text) => ({ text }));
    expect(writeCsv(rows)).toBe(`${mark}text\r\n'=1+1\r\n'+SUM(A1)\r\n'-2+3\r\n'@cmd\r\n'\tx\r\n'＝1\r\n`);
  });

  it("leaves negative numbers alone, as numbers and as amounts in text", () => {
    expect(writeCsv([{ a: -1.5, b: "-1200", c: "-0.5" }])).toBe(`${mark}a,b,c\r\n-1.5,-1200,-0.5\r\n`);
  });

  it("quotes commas, quotation marks and line ends", () => {
    expect(writeCsv([{ a: 'x,"y"', b: "1\n2" }])).toBe(`${mark}a,b\r\n"x,""y""","1\n2"\r\n`);
  });

  it("makes columns of objects, in the order of first appearance, and keeps inner lists as JSON", () => {
    const rows = [
      { code: "A", name: { en: "Central", tc: "中" }, years: [1, 2] },
      { code: "B", name: null, extra: true },
    ];
    expect(writeCsv(rows)).toBe(`${mark}code,name.en,name.tc,years,name,extra\r\nA,Central,中,"[1,2]",,\r\nB,,,,,true\r\n`);
  });

  it("writes a list of plain values as one column, and null as an empty cell", () => {
    expect(writeCsv([1, null, "x"])).toBe(`${mark}value\r\n1\r\n\r\nx\r\n`);
  });

  it("takes a key named __proto__ for what it is: a column", () => {
    const rows = JSON.parse('[{"__proto__":"x","constructor":"y"}]') as readonly unknown[];
    expect(writeCsv(rows)).toBe(`${mark}__proto__,constructor\r\nx,y\r\n`);
  });
});

describe("the lists of an answer", () => {
  it("are found in the answer's order, with their path", () => {
    const answer = { district: { name: "x", years: [1], estates: [] }, warnings: [2, 3] };
    expect(findLists(answer)).toEqual([
      { path: ["district", "years"], rows: [1] },
      { path: ["district", "estates"], rows: [] },
      { path: ["warnings"], rows: [2, 3] },
    ]);
  });

  it("don't include lists within lists, and nothing is found in an answer without lists", () => {
    expect(findLists({ a: [[1], [2]] })).toHaveLength(1);
    expect(findLists({ a: { b: null } })).toEqual([]);
    expect(findLists(undefined)).toEqual([]);
  });

  it("are 50 at most", () => {
    expect(findLists(Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`a${index}`, []])))).toHaveLength(50);
  });
});
