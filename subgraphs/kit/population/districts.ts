import type { Weighted } from "./random.ts";

/**
 * District codes weighted by the land-based non-institutional population of 2025, in hundreds of persons.
 * Source: Census and Statistics Department, table 110-06811, released on 2026-03-26.
 */
export const districtWeights: readonly [Weighted<string>, ...Weighted<string>[]] = [
  ["A", 2290],
  ["B", 1606],
  ["C", 5030],
  ["D", 2515],
  ["E", 2968],
  ["F", 4298],
  ["G", 4216],
  ["H", 4018],
  ["J", 6632],
  ["K", 2988],
  ["L", 5387],
  ["M", 6745],
  ["N", 3355],
  ["P", 3265],
  ["Q", 5012],
  ["R", 6873],
  ["S", 4849],
  ["T", 1960],
];

/** Names of the districts in addresses. Source: Home Affairs Department. */
export const districtNames: Readonly<Record<string, string>> = {
  A: "Central and Western",
  B: "Wan Chai",
  C: "Eastern",
  D: "Southern",
  E: "Yau Tsim Mong",
  F: "Sham Shui Po",
  G: "Kowloon City",
  H: "Wong Tai Sin",
  J: "Kwun Tong",
  K: "Tsuen Wan",
  L: "Tuen Mun",
  M: "Yuen Long",
  N: "North",
  P: "Tai Po",
  Q: "Sai Kung",
  R: "Sha Tin",
  S: "Kwai Tsing",
  T: "Islands",
};
