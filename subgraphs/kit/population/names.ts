import type { Random, Weighted } from "./random.ts";
import { pickWeighted } from "./random.ts";

/** A name or a part of one, in English and in Traditional Chinese. */
type NamePart = readonly [en: string, tc: string];

/** A person's name; persons without a Chinese name have null there. */
export interface SyntheticName {
  readonly en: string;
  readonly tc: string | null;
}

/** What a person's name depends on besides chance. */
export interface NameOptions {
  /** Decides the family's name and whether the family has Chinese names. */
  readonly family: Random;
  readonly own: Random;
  readonly sex: "F" | "M";
}

const WITHOUT_CHINESE_NAME = 0.05;
const WITH_ENGLISH_NAME = 0.4;

/** Makes a name such as "CHAN Wing Sum, Grace" and 陳詠心. The given names are put together by chance from single characters. */
export function nameOf({ family, own, sex }: NameOptions): SyntheticName {
  if (family.chance(WITHOUT_CHINESE_NAME)) {
    return { en: `${family.pick(otherSurnames)}, ${own.pick(sex === "F" ? englishFemale : englishMale)}`, tc: null };
  }
  const [surname, surnameTc] = pickWeighted(family, surnames);
  const [first, firstTc] = own.pick(sex === "F" ? femaleParts : maleParts);
  const [second, secondTc] = own.pick(sex === "F" ? femaleParts : maleParts);
  const english = own.chance(WITH_ENGLISH_NAME) ? `, ${own.pick(sex === "F" ? englishFemale : englishMale)}` : "";
  return { en: `${surname} ${first} ${second}${english}`, tc: `${surnameTc}${firstTc}${secondTc}` };
}

const surnames: readonly [Weighted<NamePart>, ...Weighted<NamePart>[]] = [
  [["CHAN", "陳"], 100],
  [["WONG", "黃"], 80],
  [["LEE", "李"], 75],
  [["LAM", "林"], 60],
  [["CHEUNG", "張"], 60],
  [["LEUNG", "梁"], 50],
  [["NG", "吳"], 50],
  [["LAU", "劉"], 48],
  [["HO", "何"], 40],
  [["CHOW", "周"], 35],
  [["YEUNG", "楊"], 35],
  [["TSANG", "曾"], 30],
  [["CHENG", "鄭"], 30],
  [["TANG", "鄧"], 28],
  [["YIP", "葉"], 25],
  [["LUI", "呂"], 22],
  [["MAK", "麥"], 22],
  [["TSE", "謝"], 22],
  [["KWOK", "郭"], 20],
  [["FUNG", "馮"], 20],
  [["SO", "蘇"], 18],
  [["LO", "羅"], 18],
  [["CHU", "朱"], 16],
  [["POON", "潘"], 15],
  [["KWAN", "關"], 14],
  [["HUI", "許"], 14],
  [["YUEN", "袁"], 12],
  [["SIU", "蕭"], 12],
  [["TO", "杜"], 8],
  [["AU YEUNG", "歐陽"], 5],
];

const maleParts: readonly [NamePart, ...NamePart[]] = [
  ["Chi", "志"],
  ["Wai", "偉"],
  ["Keung", "強"],
  ["Ming", "明"],
  ["Kin", "健"],
  ["Ho", "浩"],
  ["Chun", "俊"],
  ["Yin", "賢"],
  ["Lok", "樂"],
  ["Hei", "希"],
  ["Kwok", "國"],
  ["Wing", "榮"],
  ["Tak", "德"],
  ["Man", "文"],
  ["Fai", "輝"],
  ["Kit", "傑"],
  ["Sing", "誠"],
  ["Yat", "逸"],
  ["Pak", "柏"],
  ["Long", "朗"],
  ["Shing", "成"],
  ["On", "安"],
  ["Hon", "瀚"],
  ["Tsz", "子"],
];

const femaleParts: readonly [NamePart, ...NamePart[]] = [
  ["Wing", "詠"],
  ["Sum", "心"],
  ["Mei", "美"],
  ["Ling", "玲"],
  ["Yan", "欣"],
  ["Ka", "嘉"],
  ["Wai", "慧"],
  ["Yee", "怡"],
  ["Lai", "麗"],
  ["Fong", "芳"],
  ["Ching", "晴"],
  ["Tung", "彤"],
  ["Sze", "思"],
  ["Suet", "雪"],
  ["Man", "雯"],
  ["Kiu", "喬"],
  ["Yuk", "玉"],
  ["Lan", "蘭"],
  ["Po", "寶"],
  ["Nga", "雅"],
  ["Hiu", "曉"],
  ["Lam", "琳"],
  ["Oi", "愛"],
  ["Yuet", "悅"],
];

const englishMale: readonly [string, ...string[]] = [
  "Alex",
  "Brian",
  "Daniel",
  "Eric",
  "Felix",
  "Henry",
  "Ivan",
  "Jason",
  "Kevin",
  "Leo",
  "Oscar",
  "Victor",
];
const englishFemale: readonly [string, ...string[]] = [
  "Ada",
  "Bonnie",
  "Carmen",
  "Doris",
  "Elaine",
  "Fiona",
  "Grace",
  "Helen",
  "Ivy",
  "Joyce",
  "Mabel",
  "Vivian",
];
const otherSurnames: readonly [string, ...string[]] = [
  "SANTOS",
  "GURUNG",
  "RAI",
  "KHAN",
  "SINGH",
  "TANAKA",
  "WIJAYA",
  "REYES",
  "SMITH",
  "DUBOIS",
];
