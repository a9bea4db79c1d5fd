import type { OpenDepartment } from "../kit/department.ts";
import { openTables } from "../kit/open.ts";
import { createWelfareLoaders, welfareResolvers } from "./resolvers.ts";
import { welfareTables } from "./tables.ts";

/** Opens the Social Welfare Department's part: its tables. */
export const openWelfare: OpenDepartment = async (options) => {
  const source = await openTables(options, welfareTables);
  return {
    name: "welfare",
    resolvers: welfareResolvers,
    createContext: () => ({ welfare: createWelfareLoaders(source) }),
    close: () => source.close(),
  };
};
