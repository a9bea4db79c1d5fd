import type { OpenDepartment } from "../kit/department.ts";
import { readHours } from "./hours.ts";
import { createEnvironmentResolvers } from "./resolvers.ts";
import { readStations } from "./stations.ts";

/** Opens the Environmental Protection Department's part: its files are read and checked once. Throws a DataFileError for a bad row. */
export const openEnvironment: OpenDepartment = async () => {
  const stations = await readStations();
  const hours = await readHours(stations.all.map(({ id }) => id));
  return {
    name: "environment",
    resolvers: createEnvironmentResolvers(stations, hours),
    createContext: () => ({}),
    close: () => Promise.resolve(),
  };
};
