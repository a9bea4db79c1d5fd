import type { OpenDepartment } from "../kit/department.ts";
import { openTables } from "../kit/open.ts";
import { readEstates } from "./estates.ts";
import { createHousingLoaders, createHousingResolvers } from "./resolvers.ts";
import { housingTables } from "./tables.ts";

/** Opens the Housing Department's part: its tables and its file of estates. */
export const openHousing: OpenDepartment = async (options) => {
  const estates = await readEstates();
  const source = await openTables(options, housingTables);
  return {
    name: "housing",
    resolvers: createHousingResolvers(estates),
    createContext: () => ({ housing: createHousingLoaders(source) }),
    close: () => source.close(),
  };
};
