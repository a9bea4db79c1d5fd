/** A seeded source of choices; equal seeds choose alike. */
export interface Chance {
  /** A whole number from 0 to `below - 1`. */
  int(below: number): number;
  /** True with a probability. */
  is(probability: number): boolean;
  one<T>(items: readonly T[]): T;
  some<T>(items: readonly T[], probability: number): T[];
}

/** Mixes a number's bits (the finaliser of MurmurHash3, by Austin Appleby, in the public domain). */
export function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** A number that depends on the texts alone. */
export function hashTexts(...texts: readonly string[]): number {
  let bits = 17;
  for (const text of texts) {
    for (let index = 0; index < text.length; index += 1) bits = Math.imul(bits ^ text.charCodeAt(index), 0x01000193);
    bits = Math.imul(bits ^ 0x7f, 0x01000193);
  }
  return mix(bits);
}

export function createChance(seed: number): Chance {
  let state = mix(seed + 0x9e3779b9);
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    return mix(state) / 2 ** 32;
  };
  return {
    int: (below) => Math.floor(next() * below),
    is: (probability) => next() < probability,
    one(items) {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new Error("Nothing to choose from.");
      return item;
    },
    some: (items, probability) => items.filter(() => next() < probability),
  };
}
