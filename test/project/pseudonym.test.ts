import { expect, test } from "vitest";
import { maskWriter } from "../../gateway/project/mask.ts";

const write = (value: unknown): string | undefined => (typeof value === "string" ? JSON.stringify(value) : undefined);

test("without a secret no pseudonym leaves, and no value either", () => {
  expect(maskWriter({ kind: "pseudonym", key: "A-1" }, write)("A123456(3)")).toBeUndefined();
});

test("a pseudonym is the same for the same value under one agreement and secret, and another under another", () => {
  const secret = new Uint8Array(32).fill(1);
  const make = (key: string, from: Uint8Array, value: string): string | undefined =>
    maskWriter({ kind: "pseudonym", key }, write, from)(value);
  const made = make("A-1", secret, "A123456(3)");
  expect(made).toMatch(/^"[\w-]{22}"$/);
  expect(make("A-1", secret, "A123456(3)")).toBe(made);
  const others = [
    make("A-2", secret, "A123456(3)"),
    make("A-1", new Uint8Array(32).fill(2), "A123456(3)"),
    make("A-1", secret, "A123456(4)"),
  ];
  expect(new Set([made, ...others]).size).toBe(4);
});

test("initials keep the first letter of each word, of names in Chinese too", () => {
  const initials = maskWriter({ kind: "initials" }, write);
  expect(initials(7)).toBeUndefined();
  expect(initials("CHAN Tai-man, Peter")).toBe('"C. T. M. P."');
  expect(initials("陳大文")).toBe('"陳."');
  expect(initials("")).toBe('""');
});

test("an address gives the district in which it ends, and nothing where it names none in its place", () => {
  const district = maskWriter({ kind: "district" }, write);
  for (const address of ["12 North Street", "Eastern Court, 5 Some Road", "", "Nowhere, Kowloon"])
    expect(district(address)).toBeUndefined();
  expect(district("Flat A, 12/F, 3 Castle Peak Road, Sham Shui Po")).toBe('"Sham Shui Po"');
  expect(district("1 Some Road, Central & Western District")).toBe('"Central and Western"');
  expect(district("九龍深水埗區青山道3號")).toBe('"Sham Shui Po"');
});
