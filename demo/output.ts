import { closeSync, openSync, renameSync, writeSync } from "node:fs";

/** Where the lines of one process go. */
export interface OutputLog {
  write(line: string): void;
  /** The last lines, for a message about a process that ended. */
  tail(): readonly string[];
  close(): void;
}

const bytesMax = 5_000_000;
const tailLines = 15;

/**
 * Keeps a process's output in `file`. When the file reaches 5 MB it becomes `file.old` and a new one begins, so two files at
 * most are kept.
 */
export function createOutputLog(file: string): OutputLog {
  const last: string[] = [];
  let descriptor = openSync(file, "w", 0o600);
  let bytes = 0;
  return {
    write(line) {
      last.push(line);
      if (last.length > tailLines) {
        last.shift();
      }
      if (bytes > bytesMax) {
        closeSync(descriptor);
        renameSync(file, `${file}.old`);
        descriptor = openSync(file, "w", 0o600);
        bytes = 0;
      }
      bytes += writeSync(descriptor, `${line}\n`);
    },
    tail: () => last,
    close: () => closeSync(descriptor),
  };
}
