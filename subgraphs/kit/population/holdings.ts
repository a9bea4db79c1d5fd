import { companyRefOf } from "../keys.ts";
import { type CompanyRecord, companiesOf } from "./companies.ts";
import { districtWeights } from "./districts.ts";
import type { Population } from "./households.ts";
import { createPermutation } from "./permute.ts";
import { addressOf, considerationOf, PRN_RANGE, type PropertyRecord, type PropertyUse, propertiesOf } from "./properties.ts";
import { createRandom, pickWeighted, type Random, type Weighted } from "./random.ts";
import { streams } from "./streams.ts";

/** Makes the whole register of the Land Registry: what persons own, then what companies own, alone or together with a director. */
export function* registeredPropertiesOf(population: Population): Generator<PropertyRecord, void, void> {
  yield* propertiesOf(population);
  yield* holdingsOf(population);
}

/** Makes the properties of companies. The anchors' company owns a shop, alone. */
export function* holdingsOf(population: Population): Generator<PropertyRecord, void, void> {
  const permute = createPermutation({ size: PRN_RANGE.count, key: [population.seed, streams.prn] });
  for (const company of companiesOf(population)) {
    const random = createRandom(population.seed, streams.company, company.index, 1);
    const isAnchor = company.index === 0;
    if (!isAnchor && (company.status === "DISSOLVED" || !random.chance(0.4))) continue;
    const use = isAnchor ? "COMMERCIAL" : pickWeighted(random, uses);
    const district = isAnchor ? "R" : pickWeighted(random, districtWeights);
    yield {
      // Counted from the end, so that a number of persons' property is never met.
      prn: String(PRN_RANGE.first + permute(PRN_RANGE.count - 1 - company.index)),
      address: addressOf(use, district, random),
      district,
      use,
      owners: ownersOf(company, random),
      considerationCents: String(considerationOf(use, random)),
    };
  }
}

const uses: readonly [Weighted<PropertyUse>, ...Weighted<PropertyUse>[]] = [
  ["COMMERCIAL", 45],
  ["INDUSTRIAL", 25],
  ["DOMESTIC", 15],
  ["PARKING", 15],
];

function ownersOf({ ubi, index, officers: [director] }: CompanyRecord, random: Random): PropertyRecord["owners"] {
  const ref = companyRefOf(ubi);
  const isShared = index !== 0 && random.chance(0.25);
  if (!isShared || director === undefined) return [{ ref, share: "1/1" }];
  return [
    { ref, share: "1/2" },
    { ref: director.ref, share: "1/2" },
  ];
}
