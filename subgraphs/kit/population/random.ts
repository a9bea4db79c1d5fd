/** A source of pseudo-random numbers: the same ones for the same seed. */
export interface Random {
  /** A number from 0 to below 1. */
  readonly share: () => number;
  /** A whole number from `min` to `max`, both included. */
  readonly whole: (min: number, max: number) => number;
  /** True in that share of the cases. */
  readonly chance: (probability: number) => boolean;
  /** One of the values; all are equally likely. */
  readonly pick: <Value>(values: readonly [Value, ...Value[]]) => Value;
}

/** A value and how often it occurs in proportion to the others. */
export type Weighted<Value> = readonly [value: Value, weight: number];

/**
 * Makes the numbers of one stream of one thing, so that each fact of a person can be made without making all the facts before it.
 *
 * The generator is xoshiro128** by D. Blackman and S. Vigna (https://prng.di.unimi.it/xoshiro128starstar.c, public domain); its state is
 * filled by a splitmix of 32 bits, whose mixing step is the finalizer of MurmurHash3 by A. Appleby (public domain).
 *
 * @param path Seed, stream and index of the thing; whole numbers below 2^32.
 */
export function createRandom(...path: readonly number[]): Random {
  let mixed = 0x9e3779b9;
  for (const part of path) mixed = mix32((mixed ^ part) + 0x9e3779b9);
  let a = mix32(mixed + 0x9e3779b9);
  let b = mix32(mixed + 0x3c6ef372);
  let c = mix32(mixed + 0xdaa66d2b);
  // A state of zeros would stay at zero.
  let d = mix32(mixed + 0x78dde6e4) | 1;
  const next = (): number => {
    const scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return scrambled;
  };
  const share = (): number => next() / 0x1_0000_0000;
  const whole = (min: number, max: number): number => min + Math.floor(share() * (max - min + 1));
  return {
    share,
    whole,
    chance: (probability) => share() < probability,
    pick: (values) => values[whole(0, values.length - 1)] ?? values[0],
  };
}

/** One of the values, each as often as its weight says. */
export function pickWeighted<Value>(random: Random, values: readonly [Weighted<Value>, ...Weighted<Value>[]]): Value {
  const total = values.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random.share() * total;
  for (const [value, weight] of values) {
    left -= weight;
    if (left < 0) return value;
  }
  return values[0][0];
}

/** Mixes 32 bits so that each bit of the input changes half of the output's. */
export function mix32(value: number): number {
  let mixed = value >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
