/** A use of something that others may use too. */
export interface Share<Value> {
  readonly value: Value;
  /** Closes it when nobody else uses it. May be called again. */
  giveBack(): Promise<void>;
}

/** Things that are opened once for each key, however many use them, and closed after their last use. */
export interface Shared<Value> {
  /** @param open Called when nobody uses a thing of this key. What it throws reaches everybody who asked meanwhile, and isn't kept. */
  take(key: string, open: () => Promise<Value>): Promise<Share<Value>>;
}

interface Opened<Value> {
  readonly value: Promise<Value>;
  users: number;
}

/** Creates a store of things in use; it holds nothing else. */
export function createShared<Value>(close: (value: Value) => Promise<void>): Shared<Value> {
  const opened = new Map<string, Opened<Value>>();

  async function leave(key: string, entry: Opened<Value>): Promise<void> {
    entry.users -= 1;
    if (entry.users > 0) return;
    opened.delete(key);
    await close(await entry.value);
  }

  return {
    async take(key, open): Promise<Share<Value>> {
      const entry = opened.get(key) ?? { value: open(), users: 0 };
      opened.set(key, entry);
      entry.users += 1;
      let leaving: Promise<void> | undefined;
      try {
        const value = await entry.value;
        return {
          value,
          giveBack(): Promise<void> {
            leaving ??= leave(key, entry);
            return leaving;
          },
        };
      } catch (error) {
        if (opened.get(key) === entry) opened.delete(key);
        throw error;
      }
    },
  };
}
