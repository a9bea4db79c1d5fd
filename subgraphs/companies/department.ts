import type { OpenDepartment } from "../kit/department.ts";
import { openTables } from "../kit/open.ts";
import { companiesResolvers, createCompaniesLoaders } from "./resolvers.ts";
import { companiesTables } from "./tables.ts";

/** Opens the Companies Registry's part: its tables. */
export const openCompanies: OpenDepartment = async (options) => {
  const source = await openTables(options, companiesTables);
  return {
    name: "companies",
    resolvers: companiesResolvers,
    createContext: () => ({ companies: createCompaniesLoaders(source) }),
    close: () => source.close(),
  };
};
