const prefix = "crossharbour:";

/**
 * Where the editor keeps its tabs: in this browser tab, apart for each kind of user, and gone with it. Variables can name
 * people, so nothing may stay on the machine.
 */
export function createTabStorage(clientId: string): Storage {
  const keyOf = (key: string): string => `${prefix}${clientId}:${key}`;
  return {
    getItem: (key) => sessionStorage.getItem(keyOf(key)),
    setItem: (key, value) => sessionStorage.setItem(keyOf(key), value),
    removeItem: (key) => sessionStorage.removeItem(keyOf(key)),
    clear: clearTabStorage,
    key: () => null,
    get length() {
      return Object.keys(sessionStorage).filter((key) => key.startsWith(prefix)).length;
    },
  };
}

/** Forgets the tabs of everybody who signed in here. */
export function clearTabStorage(): void {
  for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith(prefix))) {
    sessionStorage.removeItem(key);
  }
}
