/** Names of the 18 districts in English and in Traditional Chinese. Source: Home Affairs Department, Government of Hong Kong. */
const DISTRICTS: readonly (readonly [english: string, chinese: string])[] = [
  ["Central and Western", "中西區"],
  ["Wan Chai", "灣仔區"],
  ["Eastern", "東區"],
  ["Southern", "南區"],
  ["Yau Tsim Mong", "油尖旺區"],
  ["Sham Shui Po", "深水埗區"],
  ["Kowloon City", "九龍城區"],
  ["Wong Tai Sin", "黃大仙區"],
  ["Kwun Tong", "觀塘區"],
  ["Tsuen Wan", "荃灣區"],
  ["Tuen Mun", "屯門區"],
  ["Yuen Long", "元朗區"],
  ["North", "北區"],
  ["Tai Po", "大埔區"],
  ["Sai Kung", "西貢區"],
  ["Sha Tin", "沙田區"],
  ["Kwai Tsing", "葵青區"],
  ["Islands", "離島區"],
];

/**
 * The district of an address, in English: its last part after a comma, with or without the word District; or the Chinese name with
 * which the address begins, a region before it left out.
 *
 * @returns Undefined where the address names no district in its place: a street or a building may bear any name.
 */
export function districtOf(address: string): string | undefined {
  const last = address.split(",").findLast((part) => part.trim() !== "") ?? "";
  const name = last
    .trim()
    .toLowerCase()
    .replaceAll("&", "and")
    .replace(/\s+/g, " ")
    .replace(/ district$/, "");
  const start = address.trim().replace(/^(?:香港特別行政區|香港)?(?:香港島|九龍(?!城)|新界)?/u, "");
  return DISTRICTS.find(([english, chinese]) => english.toLowerCase() === name || start.startsWith(chinese))?.[0];
}
