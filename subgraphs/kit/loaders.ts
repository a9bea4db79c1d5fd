import DataLoader from "dataloader";

/** Keys that one statement or one call may carry; a request with more makes several. */
export const batchKeysMax = 5_000;

/** Options of {@link createLoader}. */
export interface LoaderOptions<Key, CacheKey> {
  /** Keys of one batch at most, {@link batchKeysMax} when not given. */
  readonly batchMax?: number;
  /** Makes equal keys equal, such as a mark without its spaces. Keys that are primitive need none. */
  readonly cacheKeyOf?: (key: Key) => CacheKey;
}

/**
 * Makes a loader for one request: what is asked for in one turn becomes one call of `readBatch` with distinct keys.
 *
 * @param readBatch One answer for each key, in the order of the keys; an Error stands for one key that failed. See {@link alignOne} and {@link alignMany}.
 */
export function createLoader<Key, Value, CacheKey = Key>(
  readBatch: (keys: readonly Key[]) => Promise<readonly (Value | Error)[]>,
  options: LoaderOptions<Key, CacheKey> = {},
): DataLoader<Key, Value, CacheKey> {
  return new DataLoader(readBatch, {
    maxBatchSize: options.batchMax ?? batchKeysMax,
    ...(options.cacheKeyOf === undefined ? {} : { cacheKeyFn: options.cacheKeyOf }),
  });
}

/** Puts rows in the order of their keys, null where a key has none. */
export function alignOne<Key, Row>(keys: readonly Key[], rows: Iterable<Row>, keyOf: (row: Row) => Key): (Row | null)[] {
  const byKey = new Map<Key, Row>();
  for (const row of rows) byKey.set(keyOf(row), row);
  return keys.map((key) => byKey.get(key) ?? null);
}

/** Groups rows by key, in the order of the keys; the rows of a key keep their order. */
export function alignMany<Key, Row>(keys: readonly Key[], rows: Iterable<Row>, keyOf: (row: Row) => Key): (readonly Row[])[] {
  const byKey = new Map<Key, Row[]>();
  for (const row of rows) {
    const group = byKey.get(keyOf(row));
    if (group === undefined) byKey.set(keyOf(row), [row]);
    else group.push(row);
  }
  return keys.map((key) => byKey.get(key) ?? []);
}
