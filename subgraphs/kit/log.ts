import { pino } from "pino";

/** Facts of an event: never personal data, tokens or variables. */
export type LogFacts = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes events with facts. */
export interface Log {
  readonly info: (event: string, facts?: LogFacts) => void;
  readonly error: (event: string, facts?: LogFacts) => void;
}

/** Lines of JSON on standard error, so that standard output stays for people. */
export function createLog(name: string): Log {
  const logger = pino({ name }, pino.destination({ dest: 2, sync: true }));
  return {
    info: (event, facts = {}) => logger.info(facts, event),
    error: (event, facts = {}) => logger.error(facts, event),
  };
}

/** Writes nothing. */
export function createSilentLog(): Log {
  return { info: () => undefined, error: () => undefined };
}
