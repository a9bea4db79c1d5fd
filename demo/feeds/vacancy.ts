import { hash } from "./hash.ts";
import { dayMs, hongKongClock, minuteMs } from "./time.ts";

/** Spaces of one vehicle type, as the Parking Vacancy Data Specification writes them. */
export interface VacancyEntry {
  /** `A`: the number of vacant spaces is reported. */
  readonly vacancy_type: "A";
  /** -1 when the operator sends no number. */
  readonly vacancy: number;
  readonly lastupdate: string;
}

/** The vacancy of one car park by vehicle type. */
export interface CarParkVacancy {
  readonly park_Id: string;
  readonly privateCar: readonly [VacancyEntry];
  readonly LGV?: readonly [VacancyEntry];
  readonly motorCycle?: readonly [VacancyEntry];
}

/**
 * The vacancy of one car park: the same for the same identifier and minute.
 *
 * @returns undefined for the one in twelve whose operator reports nothing.
 */
export function vacancyOf(id: string, nowMs: number): CarParkVacancy | undefined {
  if (hash(`reports ${id}`) % 12 === 0) return undefined;
  const minuteStartMs = nowMs - (nowMs % minuteMs);
  const entry = (type: string): readonly [VacancyEntry] => [entryOf(`${type} ${id}`, minuteStartMs)];
  return {
    park_Id: id,
    privateCar: entry("privateCar"),
    ...(hash(`LGV ${id}`) % 4 === 0 ? { LGV: entry("LGV") } : {}),
    ...(hash(`motorCycle ${id}`) % 4 === 0 ? { motorCycle: entry("motorCycle") } : {}),
  };
}

function entryOf(key: string, minuteStartMs: number): VacancyEntry {
  const silent = hash(`silent ${key}`) % 25 === 0;
  return { vacancy_type: "A", vacancy: silent ? -1 : spacesOf(key, minuteStartMs), lastupdate: hongKongClock(minuteStartMs) };
}

/** A daily wave with its own phase and size for each car park, and a little noise each minute. */
function spacesOf(key: string, minuteStartMs: number): number {
  const capacity = 20 + (hash(`size ${key}`) % 380);
  const phase = (hash(`phase ${key}`) % 360) / 360;
  const wave = 0.5 + 0.45 * Math.sin(2 * Math.PI * (minuteStartMs / dayMs + phase));
  const noise = ((hash(`${key} ${minuteStartMs}`) % 11) - 5) / 100;
  return Math.max(0, Math.round(capacity * (wave + noise)));
}
