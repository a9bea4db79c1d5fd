import { setTimeout as sleep } from "node:timers/promises";
import type { State } from "./state.ts";

/** From so many records in a batch on, the next one waits for more: fewer writes for a hub that is this busy. */
const busyRecordsMin = 4;
/** So many are worth a write. */
const gatheredRecordsMin = 32;
const sliceMs = 2;
const gatherMsMax = 10;
/** A thread that had less to do than this, as a share of the time, gains nothing by waiting longer. */
const busyShareMin = 0.9;

/**
 * Waits for more records before a batch is written: 2 ms after a batch of four or more, and up to 10 ms as long as the thread has no idle time
 * meanwhile, or until the turn of its event loop in which they are over. A write costs as much for one record as for thirty, and nobody's answer is
 * late who would have waited for the thread anyway.
 */
export async function gatherMore(state: State): Promise<void> {
  if (state.lastBatchRecords < busyRecordsMin) return;
  const deadline = { isOver: false };
  const timer = setTimeout(() => {
    deadline.isOver = true;
  }, gatherMsMax);
  let isBusy = true;
  while (isBusy && !deadline.isOver && state.waiting.length < gatheredRecordsMin) {
    const busyShare = state.options.meterLoad();
    // oxlint-disable-next-line no-await-in-loop -- it waits for more records.
    await sleep(sliceMs);
    isBusy = busyShare() >= busyShareMin;
  }
  clearTimeout(timer);
}
