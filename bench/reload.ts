import type { Answer } from "../test/hub/ask.ts";
import { type Sample, startInspected } from "../test/hub/inspected.ts";
import { type Licensing, openLicensing } from "../test/hub/licensing.ts";
import { NOW_MS } from "../test/identity/issuer.ts";
import type { SoakOptions } from "./soak.ts";
import { writeTable } from "./table.ts";

/*
 * The soak of reloading. A hub in a process of its own answers one question without pause, while its agreement changes with every reload and its
 * supergraph with every fourth. Memory is sampled after a full garbage collection, some twenty times.
 *
 * It is flat when the line of least squares through the second half's samples rises by less than `heapBytesMax` of heap and `rssBytesMax` of
 * resident memory for each reload; one generation that is left behind takes a megabyte and more of heap. The first half fills what is bounded: prepared operations,
 * signed calls, compiled code.
 */

const samplesMax = 20;
const heapBytesMax = 8 * 1024;
const rssBytesMax = 64 * 1024;
/** A supergraph costs a planner's process, so it changes less often than the agreement. */
const graphEvery = 4;
const tokenSeconds = 86_400;
const mebibyte = 1024 * 1024;

/** What may be answered: without the field that only version 2 of the agreement shares, or with it. */
const rightAnswers: ReadonlySet<string> = new Set([
  '[200,{"vehicle":{"class":"TAXI","make":null}},["TD-OWN-2026-00@1"]]',
  '[200,{"vehicle":{"class":"TAXI","make":"Acme"}},["TD-OWN-2026-00@2"]]',
]);

interface Row extends Sample {
  readonly reloads: number;
  readonly answers: number;
}

/** Runs the soak. @returns Whether memory is flat and every answer was right. */
export async function soakReload({ numbers, say }: SoakOptions): Promise<boolean> {
  const reloads = numbers.get("reloads") ?? 0;
  const licensing = await openLicensing({ RELOAD_WATCH: "false" });
  try {
    const hub = await startInspected(licensing.environment);
    // One token, so that the hub's store of those it has verified doesn't fill meanwhile.
    const authorization = `Bearer ${await licensing.token({ exp: NOW_MS / 1_000 + tokenSeconds })}`;
    const ask = (): Promise<Answer> => licensing.ask(hub.url, { authorization });
    const load = startLoad(ask, numbers.get("concurrency") ?? 1);
    const rows: Row[] = [];
    const refused: string[] = [];
    const every = Math.max(1, Math.floor(reloads / samplesMax));
    for (let index = 1; index <= reloads; index += 1) {
      const result = await change(licensing, index).then(() => hub.reload());
      if (result !== "switched") refused.push(`reload ${index} was ${result}`);
      if (index % every !== 0) continue;
      rows.push({ ...(await hub.sample()), reloads: index, answers: load.answers() });
      say(`${index} reloads, ${load.answers()} answers`);
    }
    const wrong = await load.stop();
    await hub.close();
    return report(rows, [...refused, ...wrong]);
  } finally {
    await licensing.close();
  }
}

async function change(licensing: Licensing, index: number): Promise<void> {
  await licensing.writeAgreement(index % 2 === 1 ? 2 : 1);
  if (index % graphEvery === 0) await licensing.writeSupergraph({ comment: `graph ${index}` });
}

interface Load {
  answers(): number;
  /** @returns Wrong answers, each once. */
  stop(): Promise<readonly string[]>;
}

function startLoad(ask: () => Promise<Answer>, concurrency: number): Load {
  const wrong = new Set<string>();
  let count = 0;
  let isOver = false;
  const work = async (): Promise<void> => {
    while (!isOver) {
      const { status, data, extensions } = await ask();
      const text = JSON.stringify([status, data, (extensions["hub"] as { agreements?: unknown } | undefined)?.agreements]);
      if (!rightAnswers.has(text) && wrong.size < 10) wrong.add(text);
      count += 1;
    }
  };
  const works = Array.from({ length: concurrency }, () => work().catch((error: unknown) => wrong.add(String(error))));
  return {
    answers: () => count,
    async stop(): Promise<readonly string[]> {
      isOver = true;
      await Promise.all(works);
      return [...wrong];
    },
  };
}

function report(rows: readonly Row[], faults: readonly string[]): boolean {
  const half = rows.slice(Math.floor(rows.length / 2));
  const heapSlope = slopeOf(half.map(({ reloads, heapUsed }) => [reloads, heapUsed]));
  const rssSlope = slopeOf(half.map(({ reloads, rss }) => [reloads, rss]));
  const isFlat = heapSlope < heapBytesMax && rssSlope < rssBytesMax;
  const lines = rows.map(({ reloads, answers, heapUsed, external, rss, processes }) => [
    String(reloads),
    String(answers),
    ...[heapUsed, external, rss].map((bytes) => (bytes / mebibyte).toFixed(1)),
    String(processes),
  ]);
  console.log(
    [
      writeTable([["reloads", "answers", "heap MiB", "external MiB", "resident MiB", "planners"], ...lines]),
      "",
      `Slope over the second half: heap ${heapSlope.toFixed(0)} bytes a reload (below ${heapBytesMax}), resident ${rssSlope.toFixed(0)} (below ${rssBytesMax}).`,
      `Memory is ${isFlat ? "flat" : "NOT flat"}; ${faults.length === 0 ? "every answer was right" : `WRONG: ${faults.join("; ")}`}.`,
    ].join("\n"),
  );
  return isFlat && faults.length === 0;
}

/** Slope of the line of least squares. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const middleX = mean(points.map(([x]) => x));
  const middleY = mean(points.map(([, y]) => y));
  const over = points.reduce((sum, [x, y]) => sum + (x - middleX) * (y - middleY), 0);
  const under = points.reduce((sum, [x]) => sum + (x - middleX) ** 2, 0);
  return under === 0 ? 0 : over / under;
}
