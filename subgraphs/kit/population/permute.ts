import { mix32 } from "./random.ts";

const ROUNDS = 6;

/** What a permutation is made from. */
export interface PermutationOptions {
  /** Numbers from 0 to below this are put in another order; at most 2^40. */
  readonly size: number;
  /** Whole numbers below 2^32 that choose the order. */
  readonly key: readonly number[];
}

/**
 * Puts the numbers from 0 to below `size` in an order that shows nothing of the old one: a Feistel network over the next even number of bits
 * (M. Luby and C. Rackoff, 1988), walked on until it falls into the range (J. Black and P. Rogaway, 2002). Each number has one image and
 * each image one number, so identifiers made in this way are unique. It hides an order; with a public seed it keeps no secret.
 */
export function createPermutation({ size, key }: PermutationOptions): (index: number) => number {
  const halfBits = Math.max(1, Math.ceil(Math.log2(size) / 2));
  const half = 2 ** halfBits;
  const keyed = key.reduce((mixed, part) => mix32((mixed ^ part) + 0x9e3779b9), 0x243f6a88);
  const walk = (value: number): number => {
    let left = Math.floor(value / half);
    let right = value % half;
    for (let round = 0; round < ROUNDS; round += 1) {
      const mixed = mix32(right ^ mix32(keyed + round)) % half;
      [left, right] = [right, left ^ mixed];
    }
    return left * half + right;
  };
  return (index) => {
    if (!Number.isInteger(index) || index < 0 || index >= size)
      throw new RangeError(`${index} is no whole number from 0 to below ${size}.`);
    let image = walk(index);
    while (image >= size) image = walk(image);
    return image;
  };
}
