import type { Department, OpenDepartment } from "../kit/department.ts";
import { createRestSource, type RestSource } from "../kit/rest.ts";
import { readDiseases } from "./diseases.ts";
import { createWaitingFeed, sourceName } from "./feed.ts";
import { readHospitals } from "./hospitals.ts";
import { createHealthResolvers } from "./resolvers.ts";

const timeoutMs = 3000;
const bodyBytesMax = 256 * 1024;

/** Opens the part of the Hospital Authority and the Department of Health over the feed at HOSPITALS_URL and their files. Throws a DataFileError for a bad row. */
export const openHealth: OpenDepartment = ({ settings, nowMs }) =>
  createHealth(createRestSource({ name: sourceName, baseUrl: settings.HOSPITALS_URL, timeoutMs, bodyBytesMax }), nowMs);

/** The department over a source, which it closes, and a clock in milliseconds. */
export async function createHealth(source: RestSource, nowMs: () => number): Promise<Department> {
  const [hospitals, diseases] = await Promise.all([readHospitals(), readDiseases()]);
  return {
    name: "health",
    resolvers: createHealthResolvers({ hospitals, diseases, waiting: createWaitingFeed(source, nowMs) }),
    createContext: () => ({}),
    close: () => source.close(),
  };
}
