import { ANCHOR_MARK } from "./anchors.ts";
import { addDays, REFERENCE_DAY } from "./days.ts";
import { type Household, householdsOf, type Member, type Population } from "./households.ts";
import { createPermutation } from "./permute.ts";
import { createRandom, pickWeighted, type Random, type Weighted } from "./random.ts";
import { streams } from "./streams.ts";

/** Class of a vehicle in the register. */
export type VehicleClass = "PRIVATE_CAR" | "MOTOR_CYCLE" | "LIGHT_GOODS" | "MEDIUM_GOODS" | "TAXI";

/** A vehicle as the Transport Department knows one. Synthetic. */
export interface VehicleRecord {
  /** Two letters without I, O and Q, then a number from 1 to 9999. */
  readonly mark: string;
  readonly ownerRef: string;
  readonly class: VehicleClass;
  readonly make: string;
  /** Residual value in cents. */
  readonly valueCents: number;
  /** ISO day, the last on which the licence is valid. */
  readonly licenceExpiry: string;
}

const LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ";
const NUMBERS = 9_999;
const MARKS = LETTERS.length ** 2 * NUMBERS;
const VEHICLES_MAX = 2;
const YEARLY_LOSS = 0.82;

/** Makes the Transport Department's records, of which the anchors' household has the first. */
export function* vehiclesOf(population: Population): Generator<VehicleRecord, void, void> {
  const markOf = createMarks(population.seed);
  for (const household of householdsOf(population)) {
    for (const member of household.members) {
      const random = createRandom(population.seed, streams.vehicle, member.index);
      const count = countOf(household, member, random);
      for (let place = 0; place < count; place += 1) {
        const made = household.isAnchor ? anchorVehicle : vehicleBy(random);
        yield { mark: markOf(member.index * VEHICLES_MAX + place), ownerRef: member.ref, ...made };
      }
    }
  }
}

const anchorVehicle: Omit<VehicleRecord, "mark" | "ownerRef"> = {
  class: "PRIVATE_CAR",
  make: "Toyota",
  valueCents: 8_600_000,
  licenceExpiry: "2027-06-30",
};

/** Marks are given out in an order that shows nothing; the anchor's mark changes places with the one that had it. */
function createMarks(seed: number): (serial: number) => string {
  const permute = createPermutation({ size: MARKS, key: [seed, streams.mark] });
  return (serial) => {
    if (serial === 0) return ANCHOR_MARK;
    const mark = formatMark(permute(serial));
    return mark === ANCHOR_MARK ? formatMark(permute(0)) : mark;
  };
}

function formatMark(image: number): string {
  const letters = Math.floor(image / NUMBERS);
  return `${LETTERS.charAt(Math.floor(letters / LETTERS.length))}${LETTERS.charAt(letters % LETTERS.length)}${(image % NUMBERS) + 1}`;
}

function countOf(household: Household, member: Member, random: Random): number {
  if (household.isAnchor) return member.role === "HEAD" ? 1 : 0;
  if (member.age < 18 || member.age > 80) return 0;
  const owns = household.tenure === "OWNER" ? 0.16 : household.isApplicant ? 0.05 : 0.08;
  if (!random.chance(owns)) return 0;
  return random.chance(0.07) ? VEHICLES_MAX : 1;
}

/** What vehicles of a class are: how common, which makes, and what a new one costs in Hong Kong dollars. */
interface Kind {
  readonly class: VehicleClass;
  readonly makes: readonly [string, ...string[]];
  readonly newMin: number;
  readonly newMax: number;
}

const kinds: readonly [Weighted<Kind>, ...Weighted<Kind>[]] = [
  [
    {
      class: "PRIVATE_CAR",
      makes: ["Toyota", "Tesla", "Honda", "BYD", "BMW", "Mercedes-Benz", "Nissan", "Mazda"],
      newMin: 160_000,
      newMax: 1_100_000,
    },
    74,
  ],
  [{ class: "MOTOR_CYCLE", makes: ["Honda", "Yamaha", "Suzuki", "Kawasaki"], newMin: 25_000, newMax: 160_000 }, 12],
  [{ class: "LIGHT_GOODS", makes: ["Toyota", "Nissan", "Isuzu"], newMin: 180_000, newMax: 420_000 }, 9],
  [{ class: "MEDIUM_GOODS", makes: ["Isuzu", "Hino", "Fuso"], newMin: 400_000, newMax: 900_000 }, 2],
  [{ class: "TAXI", makes: ["Toyota", "Nissan"], newMin: 230_000, newMax: 360_000 }, 3],
];

function vehicleBy(random: Random): Omit<VehicleRecord, "mark" | "ownerRef"> {
  const kind = pickWeighted(random, kinds);
  const value = random.whole(kind.newMin, kind.newMax) * YEARLY_LOSS ** random.whole(0, 14);
  return {
    class: kind.class,
    make: random.pick(kind.makes),
    valueCents: Math.round(value / 100) * 10_000,
    // A few licences have run out.
    licenceExpiry: addDays(REFERENCE_DAY, random.whole(-45, 364)),
  };
}
