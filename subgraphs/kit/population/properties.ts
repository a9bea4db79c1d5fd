import { districtNames, districtWeights } from "./districts.ts";
import { type Household, householdsOf, type Population } from "./households.ts";
import { createPermutation } from "./permute.ts";
import { createRandom, pickWeighted, type Random } from "./random.ts";
import { streams } from "./streams.ts";

/** What a property is used for. */
export type PropertyUse = "DOMESTIC" | "COMMERCIAL" | "INDUSTRIAL" | "PARKING";

/** A property as the Land Registry knows one. Synthetic. */
export interface PropertyRecord {
  /** 8 digits. */
  readonly prn: string;
  /** Of an estate that doesn't exist. */
  readonly address: string;
  /** Letter code of the district. */
  readonly district: string;
  readonly use: PropertyUse;
  /** One to three registered owners; their shares add up to one. */
  readonly owners: readonly { readonly ref: string; readonly share: string }[];
  /** What was paid at the last assignment, as decimal text. */
  readonly considerationCents: string;
}

/** The numbers that properties get: from the first on, these many. */
export const PRN_RANGE = { first: 10_000_000, count: 90_000_000 } as const;
const PROPERTIES_MAX = 4;

/** Makes the Land Registry's records. Homes belong to households that own theirs, and to a few applicants for public housing. */
export function* propertiesOf(population: Population): Generator<PropertyRecord, void, void> {
  const permute = createPermutation({ size: PRN_RANGE.count, key: [population.seed, streams.prn] });
  for (const household of householdsOf(population)) {
    const random = createRandom(population.seed, streams.property, household.index);
    for (const [place, use] of usesOf(household, random).entries()) {
      const district = use === "DOMESTIC" && place === 0 ? household.district : pickWeighted(random, districtWeights);
      yield {
        prn: String(PRN_RANGE.first + permute(household.index * PROPERTIES_MAX + place)),
        address: addressOf(use, district, random),
        district,
        use,
        owners: ownersOf(household, random),
        considerationCents: String(considerationOf(use, random)),
      };
    }
  }
}

/** The address at which a household lives: for owners that of their home in the register, for others one that nobody has in it. */
export function homeAddressOf({ seed }: Population, household: Household): string {
  const random = createRandom(seed, streams.property, household.index);
  usesOf(household, random);
  return addressOf("DOMESTIC", household.district, random);
}

function usesOf({ tenure, isApplicant, isAnchor }: Household, random: Random): readonly PropertyUse[] {
  if (isAnchor) return [];
  if (tenure !== "OWNER") {
    if (random.chance(isApplicant ? 0.02 : 0.01)) return ["DOMESTIC"];
    return random.chance(0.02) ? ["PARKING"] : [];
  }
  const uses: PropertyUse[] = ["DOMESTIC"];
  if (random.chance(0.15)) uses.push("PARKING");
  if (random.chance(0.06)) uses.push("DOMESTIC");
  if (random.chance(0.04)) uses.push(random.chance(0.6) ? "COMMERCIAL" : "INDUSTRIAL");
  return uses;
}

function ownersOf({ members }: Household, random: Random): PropertyRecord["owners"] {
  const adults = members.filter(({ age }) => age >= 18);
  const count = Math.min(adults.length, random.chance(0.05) ? 3 : random.chance(0.45) ? 2 : 1);
  const share = count === 1 ? "1/1" : `1/${count}`;
  return adults.slice(0, count).map(({ ref }) => ({ ref, share }));
}

const prices: Readonly<Record<PropertyUse, readonly [min: number, max: number]>> = {
  DOMESTIC: [1_800_000, 16_000_000],
  COMMERCIAL: [3_000_000, 40_000_000],
  INDUSTRIAL: [2_000_000, 25_000_000],
  PARKING: [400_000, 3_000_000],
};

/** Paid for a property of this use, in cents. */
export function considerationOf(use: PropertyUse, random: Random): number {
  const [min, max] = prices[use];
  // The square makes dear ones rarer; prices are agreed in thousands of dollars.
  return Math.round((min + (max - min) * random.share() ** 2) / 1_000) * 100_000;
}

const firstWords: readonly [string, ...string[]] = [
  "Amber",
  "Banyan",
  "Cedar",
  "Dragonfly",
  "Egret",
  "Fern",
  "Golden Reed",
  "Heron",
  "Ivory",
  "Jasmine",
  "Kapok",
  "Lychee",
];
const lastWords: readonly [string, ...string[]] = ["Court", "Garden", "Mansion", "Terrace", "Villas", "Heights"];

/** An address of an estate that doesn't exist. */
export function addressOf(use: PropertyUse, district: string, random: Random): string {
  const estate = `${random.pick(firstWords)} ${random.pick(lastWords)}`;
  const area = districtNames[district] ?? district;
  const floor = random.whole(1, 40);
  switch (use) {
    case "DOMESTIC":
      return `Flat ${random.pick(["A", "B", "C", "D", "E", "F", "G", "H"])}, ${floor}/F, Block ${random.whole(1, 12)}, ${estate}, ${area}`;
    case "PARKING":
      return `Parking Space ${random.whole(1, 400)}, ${estate}, ${area}`;
    case "COMMERCIAL":
      return `Shop ${random.whole(1, 60)}, G/F, ${estate}, ${area}`;
    case "INDUSTRIAL":
      return `Unit ${random.whole(1, 20)}, ${floor}/F, ${estate} Industrial Centre, ${area}`;
  }
}
