import type { Reporter, TestModule } from "vitest/node";

/** After how long a test file is called slow, and again each time, in milliseconds. */
const slowMs = 300_000;

/** Names test files that run for long, so that the output of a run which does not end tells where it stands. */
export class SlowReporter implements Reporter {
  readonly #timers = new Map<string, NodeJS.Timeout>();

  onTestModuleQueued(module: TestModule): void {
    this.#end(module);
    const startMs = performance.now();
    const tell = (): void => {
      const minutes = Math.round((performance.now() - startMs) / 60_000);
      process.stderr.write(`${module.relativeModuleId} has been running for ${minutes} minutes.\n`);
    };
    this.#timers.set(module.id, setInterval(tell, slowMs).unref());
  }

  onTestModuleEnd(module: TestModule): void {
    this.#end(module);
  }

  #end({ id }: TestModule): void {
    clearInterval(this.#timers.get(id));
    this.#timers.delete(id);
  }
}
