import { addDays, REFERENCE_DAY } from "./days.ts";
import { districtWeights } from "./districts.ts";
import { createPermutation } from "./permute.ts";
import { createRandom, pickWeighted, type Random, type Weighted } from "./random.ts";
import { streams } from "./streams.ts";

/** What a synthetic population is made from; the same values make the same population on every machine. */
export interface Population {
  /** A whole number below 2^32. */
  readonly seed: number;
  /** Persons, 1 to 1,000,000. */
  readonly count: number;
}

/** A person's place in the household. */
export type Role = "HEAD" | "SPOUSE" | "CHILD" | "PARENT";

/** What all departments' records of a person go back to. */
export interface Member {
  /** Position in the population, from 0. */
  readonly index: number;
  /** The hub's opaque reference: P and 8 characters of Crockford's base 32. */
  readonly ref: string;
  readonly role: Role;
  readonly sex: "F" | "M";
  /** ISO day. */
  readonly dateOfBirth: string;
  /** Full years at the reference day. */
  readonly age: number;
}

/** How a household came to its home. */
export type Tenure = "OWNER" | "PRIVATE_RENT" | "PUBLIC_RENT";

/** Persons who live together. */
export interface Household {
  readonly index: number;
  /** Letter code of the district. */
  readonly district: string;
  readonly tenure: Tenure;
  /** Whether it has applied for public rental housing. */
  readonly isApplicant: boolean;
  /** Whether it is the household of the anchors (see anchors.ts). */
  readonly isAnchor: boolean;
  /** One to six, the head first. */
  readonly members: readonly [Member, ...Member[]];
}

/** What the tables of a population are called, so that tables of another one are recognised. The number counts changes of the generator. */
export function describePopulation({ seed, count }: Population): string {
  return `synthetic population 1: ${count} persons, seed ${seed}`;
}

/** Shares of households by size. Source: 2021 Population Census, domestic households by size, rounded; six stands for six and more. */
const sizeWeights: readonly [Weighted<number>, ...Weighted<number>[]] = [
  [1, 20],
  [2, 29],
  [3, 24],
  [4, 18],
  [5, 6],
  [6, 3],
];

/** A generous share of applicants, so that a population of 20,000 has more than 1,000 applications. */
const tenureWeights: readonly [Weighted<Tenure | "APPLICANT">, ...Weighted<Tenure | "APPLICANT">[]] = [
  ["OWNER", 42],
  ["PRIVATE_RENT", 14],
  ["PUBLIC_RENT", 25],
  ["APPLICANT", 19],
];

const ANCHOR_SIZE = 4;
const REF_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const REF_LENGTH = 8;

/**
 * Makes the households of a population one after the other, so that a large one needs little memory.
 *
 * All that it makes is synthetic: no record stands for a real person.
 */
export function* householdsOf(population: Population): Generator<Household, void, void> {
  const permute = createPermutation({ size: 2 ** (5 * REF_LENGTH), key: [population.seed, streams.ref] });
  const refOf = (index: number): string => `P${toBase32(permute(index))}`;
  let start = 0;
  for (let index = 0; start < population.count; index += 1) {
    const random = createRandom(population.seed, streams.household, index);
    const isAnchor = index === 0;
    const size = Math.min(isAnchor ? ANCHOR_SIZE : pickWeighted(random, sizeWeights), population.count - start);
    const kind = isAnchor ? "APPLICANT" : pickWeighted(random, tenureWeights);
    const roles = rolesOf(size, random);
    const headAge = isAnchor ? 41 : headAgeOf(roles, random);
    const [head, ...others] = roles.map((role, place): Member => {
      const at = start + place;
      return { index: at, ref: refOf(at), role, ...bornAs(role, { headAge, random: createRandom(population.seed, streams.person, at) }) };
    });
    if (head === undefined) return;
    yield {
      index,
      district: pickWeighted(random, districtWeights),
      tenure: kind === "APPLICANT" ? "PRIVATE_RENT" : kind,
      isApplicant: kind === "APPLICANT",
      isAnchor,
      members: [head, ...others],
    };
    start += size;
  }
}

/** Makes the references of all persons. */
export function* refsOf(population: Population): Generator<string, void, void> {
  for (const { members } of householdsOf(population)) for (const { ref } of members) yield ref;
}

function rolesOf(size: number, random: Random): readonly Role[] {
  const isCouple = size >= 4 || (size > 1 && random.chance(size === 2 ? 0.6 : 0.8));
  const roles: Role[] = isCouple ? ["HEAD", "SPOUSE"] : ["HEAD"];
  while (roles.length < size) roles.push(roles.length >= 4 || (size === 2 && random.chance(0.4)) ? "PARENT" : "CHILD");
  return roles;
}

/** Heads with children or parents in the home are of middle age. */
function headAgeOf(roles: readonly Role[], random: Random): number {
  if (roles.length === 1) return random.whole(22, 92);
  return roles.includes("PARENT") ? random.whole(26, 62) : random.whole(25, roles.includes("CHILD") ? 66 : 85);
}

function bornAs(
  role: Role,
  { headAge, random }: { readonly headAge: number; readonly random: Random },
): Pick<Member, "sex" | "dateOfBirth" | "age"> {
  const sex = random.chance(role === "HEAD" ? 0.42 : role === "SPOUSE" ? 0.62 : 0.52) ? "F" : "M";
  const age = ageOf(role, headAge, random);
  const days = Math.floor(age * 365.25) + random.whole(1, 364);
  return { sex, age, dateOfBirth: addDays(REFERENCE_DAY, -days) };
}

function ageOf(role: Role, headAge: number, random: Random): number {
  switch (role) {
    case "HEAD":
      return headAge;
    case "SPOUSE":
      return Math.max(20, headAge + random.whole(-6, 5));
    case "CHILD":
      return Math.max(0, Math.min(40, headAge - random.whole(23, 38)));
    case "PARENT":
      return Math.min(101, headAge + random.whole(22, 36));
  }
}

function toBase32(value: number): string {
  let text = "";
  for (let left = value; text.length < REF_LENGTH; left = Math.floor(left / 32)) text = `${REF_DIGITS.charAt(left % 32)}${text}`;
  return text;
}
