import { hash } from "./hash.ts";
import { dayMs, hongKongHalfDayClock, minuteMs } from "./time.ts";

/** One hospital's waiting times, as the Hospital Authority's data specification writes them. */
export interface EmergencyEntry {
  readonly hospName: string;
  readonly t1wt: string;
  readonly manageT1case: "Y" | "N" | "N/A";
  readonly t2wt: string;
  readonly manageT2case: "Y" | "N" | "N/A";
  readonly t3p50: string;
  readonly t3p95: string;
  readonly t45p50: string;
  readonly t45p95: string;
}

/** The whole report. */
export interface EmergencyReport {
  readonly waitTime: readonly EmergencyEntry[];
  readonly updateTime: string;
}

const reportMs = 15 * minuteMs;

/** The waiting times of hospitals: the same for the same name and quarter of an hour. */
export function emergencyWaiting(hospitals: readonly string[], nowMs: number): EmergencyReport {
  const startMs = nowMs - (nowMs % reportMs);
  return { waitTime: hospitals.map((name) => entryOf(name, startMs)), updateTime: hongKongHalfDayClock(startMs) };
}

/** One in sixteen is managing several resuscitations, and then says nothing of critical and emergency patients. */
function entryOf(name: string, startMs: number): EmergencyEntry {
  const chance = (what: string): number => hash(`${what} ${name} ${startMs}`);
  const isResuscitating = chance("resuscitation") % 16 === 0;
  const managing = (what: string): "Y" | "N" | "N/A" => (isResuscitating ? "N/A" : chance(what) % 2 === 0 ? "Y" : "N");
  const urgent = 10 + Math.round(20 * crowd(name, startMs)) + (chance("urgent") % 5);
  const halfHours = 2 + Math.round(8 * crowd(name, startMs));
  return {
    hospName: name,
    t1wt: isResuscitating ? resuscitating : "0 minute",
    manageT1case: managing("critical"),
    t2wt: isResuscitating ? resuscitating : "less than 15 minutes",
    manageT2case: managing("emergency"),
    t3p50: `${urgent} minutes`,
    t3p95: `${urgent * 2 + (chance("most") % 15)} minutes`,
    t45p50: hoursOf(halfHours),
    t45p95: hoursOf(halfHours + 2 + (chance("others") % 4)),
  };
}

const resuscitating = "Managing multiple resuscitation cases";

/** How full the department is, from 0 to 1: a daily wave with its own phase for each hospital. */
function crowd(name: string, startMs: number): number {
  const phase = (hash(`phase ${name}`) % 360) / 360;
  return 0.5 + 0.5 * Math.sin(2 * Math.PI * (startMs / dayMs + phase));
}

function hoursOf(halfHours: number): string {
  return `${halfHours / 2} hour${halfHours === 2 ? "" : "s"}`;
}
