import type { Log } from "../../gateway/core/ports.ts";

/** One line that was logged. */
export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly event: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A log that keeps its lines for a test to read. */
export function collectLog(): { readonly log: Log; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const write = (level: LogLine["level"]) => (facts: LogLine["facts"], event: string) => void lines.push({ level, event, facts });
  return { log: { info: write("info"), warn: write("warn"), error: write("error") }, lines };
}
