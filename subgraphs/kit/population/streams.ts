/** Streams of the generator: each kind of fact has its own, so that a new fact changes none of the others. */
export const streams = {
  household: 1,
  person: 2,
  name: 3,
  absence: 4,
  vehicle: 5,
  property: 6,
  application: 7,
  income: 8,
  ref: 9,
  hkid: 10,
  mark: 11,
  prn: 12,
} as const;
