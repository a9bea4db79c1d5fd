import type { Department, OpenDepartment } from "../kit/department.ts";
import { createRestSource, type RestSource } from "../kit/rest.ts";
import { readObservatoryFiles } from "./climate.ts";
import { createFeed, sourceName } from "./feed.ts";
import { createObservatoryResolvers } from "./resolvers.ts";

const timeoutMs = 3000;
const bodyBytesMax = 256 * 1024;

/** Opens the Observatory's part over the feed at OBSERVATORY_URL and its files. Throws a DataFileError for a bad row. */
export const openObservatory: OpenDepartment = ({ settings, nowMs }) =>
  createObservatory(createRestSource({ name: sourceName, baseUrl: settings.OBSERVATORY_URL, timeoutMs, bodyBytesMax }), nowMs);

/** The department over a source, which it closes, and a clock in milliseconds. */
export async function createObservatory(source: RestSource, nowMs: () => number): Promise<Department> {
  const files = await readObservatoryFiles();
  return {
    name: "observatory",
    resolvers: createObservatoryResolvers(createFeed(source, nowMs), files),
    createContext: () => ({}),
    close: () => source.close(),
  };
}
