import { destination, pino, stdTimeFunctions } from "pino";
import type { Clock, Log } from "../core/ports.ts";
import { flattenFacts } from "./facts.ts";

/** How and where to log. */
export interface LogOptions {
  readonly level: "silent" | "error" | "warn" | "info" | "debug";
  /** Takes whole lines, line feed included. Standard output when left out. */
  readonly write?: (line: string) => void;
  /** Stands in the lines' `time`; pino's own clock when left out. */
  readonly nowMs?: Clock;
}

/** Lines that wait for a reader of standard output; what comes beyond them is lost, as a stuck reader must not stop the hub. */
const waitingBytesMax = 4 * 1024 * 1024;

/**
 * Opens a log of JSON lines: `level`, `time` (RFC 3339 in UTC), `event` and the facts, made fit by `flattenFacts`.
 * What is logged leaves at the end of the event loop's turn; on exit, what still waits is written first.
 */
export function createLog({ level, write, nowMs }: LogOptions): Log {
  const out = write === undefined ? destination({ dest: 1, sync: false, maxLength: waitingBytesMax }) : { write };
  const logger = pino(
    {
      level,
      base: null,
      messageKey: "event",
      timestamp: nowMs === undefined ? stdTimeFunctions.isoTime : () => `,"time":"${new Date(nowMs()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    out,
  );
  // The facts are one property of the line, so that none of them can take the place of another property.
  return {
    info: (facts, event) => logger.info({ facts: flattenFacts(facts) }, event),
    warn: (facts, event) => logger.warn({ facts: flattenFacts(facts) }, event),
    error: (facts, event) => logger.error({ facts: flattenFacts(facts) }, event),
  };
}
