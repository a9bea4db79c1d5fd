import { ANCHOR_COMPANY } from "./anchors.ts";
import { addDays, REFERENCE_DAY } from "./days.ts";
import { type Household, householdsOf, type Member, type Population } from "./households.ts";
import { createPermutation } from "./permute.ts";
import { createIdentities, type Identity } from "./persons.ts";
import { homeAddressOf } from "./properties.ts";
import { createRandom, pickWeighted, type Random, type Weighted } from "./random.ts";
import { streams } from "./streams.ts";

/** Kind of a company in the register. */
export type CompanyType = "PRIVATE" | "PUBLIC" | "GUARANTEE" | "NON_HONG_KONG";

/** Whether a company is in business. */
export type CompanyStatus = "LIVE" | "DORMANT" | "DISSOLVED";

/** What an officer is in the company. */
export type OfficerRole = "DIRECTOR" | "SECRETARY";

/** An officer of a company: a person of the population. */
export interface OfficerRecord extends Identity {
  readonly ref: string;
  readonly role: OfficerRole;
  /** ISO day of the appointment. */
  readonly since: string;
  readonly residentialAddress: string;
}

/** A company as the Companies Registry knows one. Synthetic. */
export interface CompanyRecord {
  /** Unique business identifier, 8 digits. */
  readonly ubi: string;
  readonly nameEn: string;
  readonly nameTc: string;
  readonly type: CompanyType;
  readonly status: CompanyStatus;
  /** ISO day. */
  readonly incorporatedOn: string;
  /** One to three, directors first. */
  readonly officers: readonly OfficerRecord[];
  /** Position of the founder's household in the population, from 0; no other company has it. */
  readonly index: number;
}

/** Below the anchor's identifier, so that it is nobody else's. */
const UBI_RANGE = { first: 10_000_000, count: 60_000_000 } as const;

/** Makes the Companies Registry's records; the anchors' comes first. One household in twelve has founded a company. */
export function* companiesOf(population: Population): Generator<CompanyRecord, void, void> {
  const permute = createPermutation({ size: UBI_RANGE.count, key: [population.seed, streams.ubi] });
  const identityOf = createIdentities(population.seed);
  for (const household of householdsOf(population)) {
    const random = createRandom(population.seed, streams.company, household.index);
    if (!foundsCompany(household, random)) continue;
    const made = household.isAnchor ? anchorCompany : companyBy(random);
    const ubi = household.isAnchor ? ANCHOR_COMPANY : String(UBI_RANGE.first + permute(household.index));
    const address = homeAddressOf(population, household);
    yield {
      ...made,
      ubi,
      index: household.index,
      officers: officersOf(household, random).map(([member, role]) => ({
        ref: member.ref,
        role,
        since: made.incorporatedOn,
        residentialAddress: address,
        ...identityOf(household, member),
      })),
    };
  }
}

type Made = Pick<CompanyRecord, "nameEn" | "nameTc" | "type" | "status" | "incorporatedOn">;

const anchorCompany: Made = {
  nameEn: "Harbour Lantern Kitchen Limited",
  nameTc: "海燈小廚有限公司",
  type: "PRIVATE",
  status: "LIVE",
  incorporatedOn: "2021-03-15",
};

function foundsCompany({ members: [head], isAnchor }: Household, random: Random): boolean {
  return isAnchor || (head.age >= 25 && random.chance(1 / 12));
}

/** The head is a director; the husband or wife, or a grown-up child, may be another or the secretary. The anchors' head is alone. */
function officersOf({ members: [head, ...others], isAnchor }: Household, random: Random): readonly (readonly [Member, OfficerRole])[] {
  const adults = others.filter(({ age }) => age >= 18 && !isAnchor);
  const [second, third] = adults;
  const officers: [Member, OfficerRole][] = [[head, "DIRECTOR"]];
  const isSecondDirector = random.chance(0.5);
  if (second !== undefined && isSecondDirector) officers.push([second, "DIRECTOR"]);
  const secretary = isSecondDirector ? third : second;
  if (secretary !== undefined && random.chance(0.7)) officers.push([secretary, "SECRETARY"]);
  return officers;
}

const types: readonly [Weighted<CompanyType>, ...Weighted<CompanyType>[]] = [
  ["PRIVATE", 92],
  ["PUBLIC", 2],
  ["GUARANTEE", 4],
  ["NON_HONG_KONG", 2],
];
const statuses: readonly [Weighted<CompanyStatus>, ...Weighted<CompanyStatus>[]] = [
  ["LIVE", 84],
  ["DORMANT", 6],
  ["DISSOLVED", 10],
];

type NamePart = readonly [en: string, tc: string];

const places: readonly [NamePart, ...NamePart[]] = [
  ["Amber Bay", "琥珀灣"],
  ["Cedar Hill", "柏山"],
  ["Egret", "白鷺"],
  ["Fern Valley", "蕨谷"],
  ["Golden Reed", "金蘆"],
  ["Heron", "蒼鷺"],
  ["Jasmine", "茉莉"],
  ["Kapok", "木棉"],
  ["Lychee Grove", "荔林"],
  ["Northern Star", "北辰"],
];
const trades: readonly [NamePart, ...NamePart[]] = [
  ["Trading", "貿易"],
  ["Catering", "飲食"],
  ["Engineering", "工程"],
  ["Logistics", "物流"],
  ["Design", "設計"],
  ["Bakery", "餅店"],
  ["Books", "書店"],
  ["Property", "置業"],
];

function companyBy(random: Random): Made {
  const [place, placeTc] = random.pick(places);
  const [trade, tradeTc] = random.pick(trades);
  const type = pickWeighted(random, types);
  return {
    nameEn: `${place} ${trade} ${type === "GUARANTEE" ? "Association " : ""}Limited`,
    nameTc: `${placeTc}${tradeTc}${type === "GUARANTEE" ? "協會" : ""}有限公司`,
    type,
    status: pickWeighted(random, statuses),
    incorporatedOn: addDays(REFERENCE_DAY, -random.whole(120, 9_000)),
  };
}
