/** What one answer holds. */
export interface Counted {
  /** Different subjects by agreement: of each type by itself, the most of any. */
  readonly subjects: ReadonlyMap<string, number>;
  /** Different objects of one type, the most of any, at which personal data of two departments or more meets. */
  readonly matched: number;
}

/** Counts for one answer. */
export interface Tally {
  add(agreement: string, type: string, identity: unknown): void;
  match(type: string, identity: unknown): void;
  counted(): Counted;
}

/** Starts to count. */
export function createTally(): Tally {
  const subjects = new Map<string, Map<string, Set<unknown>>>();
  const matched = new Map<string, Set<unknown>>();
  const setOf = (sets: Map<string, Set<unknown>>, type: string): Set<unknown> => {
    const known = sets.get(type) ?? new Set();
    sets.set(type, known);
    return known;
  };
  return {
    add(agreement, type, identity): void {
      const sets = subjects.get(agreement) ?? new Map<string, Set<unknown>>();
      subjects.set(agreement, sets);
      setOf(sets, type).add(identity);
    },
    match: (type, identity) => void setOf(matched, type).add(identity),
    counted: () => ({ subjects: new Map([...subjects].map(([agreement, sets]) => [agreement, largest(sets)])), matched: largest(matched) }),
  };
}

function largest(sets: ReadonlyMap<string, ReadonlySet<unknown>>): number {
  return Math.max(0, ...[...sets.values()].map(({ size }) => size));
}
