import type { OpenDepartment } from "../kit/department.ts";
import { readCensusData } from "./data.ts";
import { createCensusResolvers } from "./resolvers.ts";

/** Opens the Census and Statistics Department's part: its files are read and checked once. Throws a DataFileError for a bad row. */
export const openCensus: OpenDepartment = async () => ({
  name: "census",
  resolvers: createCensusResolvers(await readCensusData()),
  createContext: () => ({}),
  close: () => Promise.resolve(),
});
