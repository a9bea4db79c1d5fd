import type { ParseArgsConfig, ParseArgsOptionsConfig } from "node:util";
import { parseArgs } from "node:util";

/** Where a command writes. */
export interface Streams {
  readonly output: (text: string) => void;
  readonly errors: (text: string) => void;
}

/** What a command gets from the program that runs it. */
export interface Shell extends Streams {
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** One subcommand of `hub`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /**
   * @param args What follows the command's name.
   * @returns The exit status: 0 for good, 1 for a bad outcome.
   * @throws {UsageError} When the arguments are wrong; the status is 2 then.
   */
  readonly run: (args: readonly string[], shell: Shell) => Promise<number>;
}

/** Arguments that a command can't take. */
export class UsageError extends Error {
  /** How the command is used; undefined where the list of commands says it. */
  readonly usage: string | undefined;

  constructor(message: string, usage: string | undefined) {
    super(message);
    this.name = "UsageError";
    this.usage = usage;
  }
}

type Parsed<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Options & { help: { type: "boolean"; short: "h" } }; strict: true; allowPositionals: false }>
>["values"];

/**
 * Reads a command's options.
 *
 * @throws {UsageError} For an unknown option, a value that is missing or superfluous, and text that belongs to no option.
 */
export function readOptions<const Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
  usage: string,
): Parsed<Options> {
  try {
    return parseArgs({
      args: [...args],
      options: { ...options, help: { type: "boolean", short: "h" } },
      strict: true,
      allowPositionals: false,
    } satisfies ParseArgsConfig).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), usage);
  }
}
