import { z } from "zod";
import { isDate } from "../kit/scalars.ts";
import { readTable, refuseRow } from "../kit/table.ts";

/** A place where passengers enter or leave Hong Kong. */
export interface ControlPoint {
  readonly id: string;
  readonly name: string;
}

/** Passengers through one control point on one day in one direction. */
export interface Traffic {
  readonly date: string;
  readonly controlPoint: ControlPoint;
  readonly direction: "ARRIVAL" | "DEPARTURE";
  readonly hongKongResidents: number;
  readonly mainlandVisitors: number;
  readonly otherVisitors: number;
  readonly total: number;
}

/** The published traffic, read once at the start. */
export interface TrafficFiles {
  /** By identifier, in the order of the file. */
  readonly controlPoints: ReadonlyMap<string, ControlPoint>;
  /** By date, then by control point, arrivals first. */
  readonly traffic: readonly Traffic[];
}

/**
 * Reads and checks controlpoints.csv and traffic.csv.
 *
 * @param folder Folder of the files, with "/" at its end.
 * @throws {DataFileError} That names file and line.
 */
export async function readTrafficFiles(folder: URL = new URL("data/", import.meta.url)): Promise<TrafficFiles> {
  const [points, days] = await Promise.all([
    readTable(new URL("controlpoints.csv", folder), pointRow),
    readTable(new URL("traffic.csv", folder), dayRow),
  ]);
  const controlPoints = new Map<string, ControlPoint>();
  for (const { line, values } of points.rows) {
    if (controlPoints.has(values.id)) refuseRow(points, line, `control point ${values.id} is there twice.`);
    controlPoints.set(values.id, values);
  }
  let before = "";
  const traffic = days.rows.flatMap(({ line, values }) => {
    const controlPoint =
      controlPoints.get(values.control_point) ?? refuseRow(days, line, `there is no control point ${values.control_point}.`);
    const key = `${values.date} ${values.control_point}`;
    if (key <= before) refuseRow(days, line, "rows must be in the order of date and control point, each once.");
    before = key;
    return [trafficOf(values, controlPoint, "arrivals"), trafficOf(values, controlPoint, "departures")];
  });
  return { controlPoints, traffic };
}

const persons = z
  .string()
  .regex(/^(0|[1-9]\d{0,6})$/, "must be a number of persons")
  .transform(Number);
const pointRow = z.object({ id: z.string().regex(/^[a-z-]{1,64}$/, "must be lower-case words"), name: z.string().min(1) });
const dayRow = z.object({
  date: z.string().refine(isDate, "must be a date"),
  control_point: z.string(),
  arrivals_hong_kong_residents: persons,
  arrivals_mainland_visitors: persons,
  arrivals_other_visitors: persons,
  departures_hong_kong_residents: persons,
  departures_mainland_visitors: persons,
  departures_other_visitors: persons,
});

function trafficOf(row: z.infer<typeof dayRow>, controlPoint: ControlPoint, way: "arrivals" | "departures"): Traffic {
  const hongKongResidents = row[`${way}_hong_kong_residents`];
  const mainlandVisitors = row[`${way}_mainland_visitors`];
  const otherVisitors = row[`${way}_other_visitors`];
  return {
    date: row.date,
    controlPoint,
    direction: way === "arrivals" ? "ARRIVAL" : "DEPARTURE",
    hongKongResidents,
    mainlandVisitors,
    otherVisitors,
    total: hongKongResidents + mainlandVisitors + otherVisitors,
  };
}
