import { createHangup, type Hangup, type HangupSource } from "./hangup.ts";

/** Work that is done once for all who ask for it at the same time. */
export interface Flights<T> {
  /**
   * Joins the work of a key, or begins it. When everybody who joined has hung up, the work is told so, and the next who asks begins anew.
   *
   * @param hangup Of the one who asks; left out by one who never hangs up.
   * @param begin Does the work, which all share: what it gives must not be changed.
   */
  join(key: string, hangup: Hangup | undefined, begin: (hangup: Hangup) => Promise<T>): Promise<T>;
}

interface Flight<T> {
  readonly result: Promise<T>;
  readonly hangup: HangupSource;
  waiting: number;
}

/** Creates a table of work under way; an entry leaves it when its work ends, so it is as large as what is under way. */
export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, Flight<T>>();

  function forget(key: string, flight: Flight<T>): void {
    if (flights.get(key) === flight) flights.delete(key);
  }

  function begin(key: string, work: (hangup: Hangup) => Promise<T>): Flight<T> {
    const hangup = createHangup();
    const flight: Flight<T> = { result: work(hangup).finally(() => forget(key, flight)), hangup, waiting: 0 };
    flights.set(key, flight);
    return flight;
  }

  return {
    async join(key, hangup, work): Promise<T> {
      const flight = flights.get(key) ?? begin(key, work);
      flight.waiting += 1;
      const takeBack = hangup?.onGone(() => {
        flight.waiting -= 1;
        if (flight.waiting > 0) return;
        forget(key, flight);
        flight.hangup.tell();
      });
      try {
        return await flight.result;
      } finally {
        takeBack?.();
      }
    },
  };
}
