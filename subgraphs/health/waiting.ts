import { z } from "zod";
import { isDate } from "../kit/scalars.ts";

/** How long patients of one accident and emergency department wait, as the schema names it. Null where the feed says no time. */
export interface Waiting {
  readonly updatedAt: string;
  readonly isResuscitating: boolean;
  readonly criticalMinutes: number | null;
  readonly emergencyMinutes: number | null;
  readonly urgentMinutes: number | null;
  readonly urgentMinutesMost: number | null;
  readonly otherMinutes: number | null;
  readonly otherMinutesMost: number | null;
}

/** The waiting times by the hospital's name, folded. */
export type WaitingReport = ReadonlyMap<string, Waiting>;

/** The form in which names are compared: the Hospital Authority writes "St. John Hospital" in its list and "St John Hospital" in its feed. */
export function foldName(name: string): string {
  return name.replaceAll(".", "").trim().replace(/\s+/g, " ").toLowerCase();
}

const resuscitating = "managing multiple resuscitation cases";
const duration = /^(?:less than )?(\d{1,4}(?:\.\d)?) (minute|hour)s?$/;

/** Text of a time, such as "0 minute", "less than 15 minutes" and "2.5 hours", in minutes. Another wording is not guessed at. */
const wait = z
  .string()
  .max(100)
  .transform((text, context) => {
    const plain = text.trim().toLowerCase();
    const [, number, unit] = duration.exec(plain) ?? [];
    if (number !== undefined) return { minutes: Math.round(Number(number) * (unit === "hour" ? 60 : 1)), isResuscitating: false };
    if (plain === resuscitating) return { minutes: null, isResuscitating: true };
    if (plain === "" || plain === "n/a") return nothing;
    context.addIssue({ code: "custom", message: "must be a time" });
    return z.NEVER;
  });
const nothing = { minutes: null, isResuscitating: false } as const;
const waitOrMissing = wait.optional().transform((value) => value ?? nothing);

/** Such as "16/2/2026 1:00PM": day, month and year. */
const updateTime = z.string().transform((text, context) => {
  const [, day = "", month = "", year, hour = "", minute, half] =
    /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (1[0-2]|0?[1-9]):([0-5]\d) ?([AP])M$/i.exec(text.trim()) ?? [];
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  if (half !== undefined && isDate(date)) {
    const hours = (Number(hour) % 12) + (half.toUpperCase() === "P" ? 12 : 0);
    return `${date}T${String(hours).padStart(2, "0")}:${minute}:00+08:00`;
  }
  context.addIssue({ code: "custom", message: "must be a time" });
  return z.NEVER;
});

/**
 * The report `aedwtdata2-en.json`, every quarter of an hour. Unknown members are ignored.
 *
 * Source: Hospital Authority, Data Specification for A&E Waiting Time.
 */
export const waitingReport = z
  .object({
    waitTime: z
      .array(
        z.object({
          hospName: z.string().min(1),
          t1wt: waitOrMissing,
          t2wt: waitOrMissing,
          t3p50: waitOrMissing,
          t3p95: waitOrMissing,
          t45p50: waitOrMissing,
          t45p95: waitOrMissing,
        }),
      )
      .max(200),
    updateTime,
  })
  .transform(({ waitTime, updateTime: updatedAt }): WaitingReport => {
    return new Map(
      waitTime.map(({ hospName, t1wt, t2wt, t3p50, t3p95, t45p50, t45p95 }) => [
        foldName(hospName),
        {
          updatedAt,
          isResuscitating: t1wt.isResuscitating || t2wt.isResuscitating,
          criticalMinutes: t1wt.minutes,
          emergencyMinutes: t2wt.minutes,
          urgentMinutes: t3p50.minutes,
          urgentMinutesMost: t3p95.minutes,
          otherMinutes: t45p50.minutes,
          otherMinutesMost: t45p95.minutes,
        },
      ]),
    );
  });
