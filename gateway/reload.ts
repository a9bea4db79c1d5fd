import type { Config } from "./config.ts";
import { buildGeneration, type Generation, type Parts } from "./generation.ts";
import type { Switch } from "./pipeline/switch.ts";
import { compileSource, readSource, type SourceText } from "./source.ts";
import { SourceError, type SourceFault } from "./start.ts";

/** How a look at the files ended. */
export type ReloadResult = "switched" | "unchanged" | "refused";

/** The last change that was refused, for `GET /ready`: where it is wrong, but not what it says. */
export interface Refusal {
  readonly at: string;
  readonly fault: SourceFault | "INTERNAL";
  /** `file:line`; the first few. */
  readonly places: readonly string[];
}

/** Replaces what the hub serves when its files change. */
export interface Reloader {
  /**
   * Looks at the files now. Never rejects. Asked again while it looks, it looks once more afterwards, for everybody who asked.
   *
   * @param isSettled Whether the files are known to be written to their end; else they are read until two readings agree.
   */
  check(isSettled: boolean): Promise<ReloadResult>;
  /** Undefined when the files are those that are served. */
  refusal(): Refusal | undefined;
  /** Waits for a look that goes on; no further one begins. */
  close(): Promise<void>;
}

/** What reloading needs. */
export interface ReloadOptions {
  readonly parts: Parts;
  readonly isUnrestricted: boolean;
  readonly pipelines: Switch<Generation>;
}

const placesMax = 5;
/** How often files that keep changing are read again before the next sign of a change is waited for. */
const readingsMax = 10;

/** Creates what replaces generations. */
export function createReloader(options: ReloadOptions): Reloader {
  const { metrics } = options.parts;
  let refusal: Refusal | undefined;
  let refusedHash: string | undefined;
  let running: Promise<ReloadResult> | undefined;
  let waiting: Promise<ReloadResult> | undefined;
  let isClosed = false;

  function settle(next: Refusal | undefined, hash: string | undefined): void {
    refusal = next;
    refusedHash = hash;
  }

  async function look(isSettled: boolean): Promise<ReloadResult> {
    let text: SourceText | undefined;
    try {
      text = await readSettled(options, isSettled);
      if (text === undefined) return "unchanged";
      // The same fault isn't told again and again.
      if (text.hash === refusedHash && !isSettled) return "refused";
      const isNew = text.hash !== options.pipelines.current().source.hash;
      if (isNew) await replace(options, text);
      settle(undefined, undefined);
      return isNew ? "switched" : "unchanged";
    } catch (error) {
      settle(refuse(options.parts, error), text?.hash);
      return "refused";
    }
  }

  async function lookOnce(isSettled: boolean): Promise<ReloadResult> {
    const result = isClosed ? "unchanged" : await look(isSettled);
    metrics.countReload(result);
    return result;
  }

  function start(isSettled: boolean): Promise<ReloadResult> {
    const looking = lookOnce(isSettled).finally(() => {
      if (running === looking) running = undefined;
    });
    running = looking;
    return looking;
  }

  return {
    check(isSettled): Promise<ReloadResult> {
      if (running === undefined) return start(isSettled);
      waiting ??= running.then(() => {
        waiting = undefined;
        return start(isSettled);
      });
      return waiting;
    },
    refusal: () => refusal,
    async close(): Promise<void> {
      isClosed = true;
      await (waiting ?? running);
    },
  };
}

/** Reads until two readings agree: half of a file, or of a set of files, may look like a whole one. @returns undefined when they never do. */
async function readSettled({ parts, isUnrestricted }: ReloadOptions, isSettled: boolean): Promise<SourceText | undefined> {
  const { config } = parts;
  let text = await readSource(config, isUnrestricted);
  if (isSettled) return text;
  for (let reading = 1; reading < readingsMax; reading += 1) {
    // oxlint-disable-next-line no-await-in-loop
    await sleep(config.reloadDebounceMs);
    // oxlint-disable-next-line no-await-in-loop
    const again = await readSource(config, isUnrestricted);
    if (again.hash === text.hash) return again;
    text = again;
  }
  parts.log.warn({ readings: readingsMax }, "reload.unsettled");
  return undefined;
}

async function replace({ parts, pipelines }: ReloadOptions, text: SourceText): Promise<void> {
  const current = pipelines.current();
  const source = await compileSource(parts.config, text, current.source);
  const next = await buildGeneration(parts, source, current.number + 1);
  const prepared = await warm(next, current, parts.config);
  await pipelines.switchTo(next);
  parts.log.info(
    { generation: next.number, supergraph: source.schemaHash, bundle: source.policy?.bundle.hash, prepared },
    "reload.switched",
  );
}

/** Prepares what was asked last, so that the switch makes no caller wait. What can't be prepared is left to its caller. */
async function warm(next: Generation, current: Generation, { reloadPrepareMax, reloadPrepareMs }: Config): Promise<number> {
  const deadline = Promise.withResolvers<"late">();
  const timer = setTimeout(() => deadline.resolve("late"), reloadPrepareMs);
  let prepared = 0;
  for (const ask of current.recent(reloadPrepareMax)) {
    const work = next.pipeline.warm(ask).then(
      () => "ready" as const,
      () => "refused" as const,
    );
    // One after the other, as requests that run meanwhile come first.
    // oxlint-disable-next-line no-await-in-loop
    const outcome = await Promise.race([work, deadline.promise]);
    if (outcome === "late") break;
    if (outcome === "ready") prepared += 1;
    // oxlint-disable-next-line no-await-in-loop
    await nextTurn();
  }
  clearTimeout(timer);
  return prepared;
}

function refuse({ log, runtime }: Parts, error: unknown): Refusal {
  const at = new Date(runtime.nowMs()).toISOString();
  const isKnown = error instanceof SourceError;
  const places = isKnown ? error.places.slice(0, placesMax) : [];
  const fault = isKnown ? error.fault : "INTERNAL";
  log.error({ fault, place: places[0], reason: isKnown ? error.message : undefined, error }, "reload.refused");
  return { at, fault, places };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
