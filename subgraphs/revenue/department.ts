import type { OpenDepartment } from "../kit/department.ts";
import { openTables } from "../kit/open.ts";
import { createRevenueLoaders, revenueResolvers } from "./resolvers.ts";
import { revenueTables } from "./tables.ts";

/** Opens the Inland Revenue Department's part: its tables. */
export const openRevenue: OpenDepartment = async (options) => {
  const source = await openTables(options, revenueTables);
  return {
    name: "revenue",
    resolvers: revenueResolvers,
    createContext: () => ({ revenue: createRevenueLoaders(source) }),
    close: () => source.close(),
  };
};
