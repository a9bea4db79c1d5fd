import type { OpenDepartment } from "../kit/department.ts";
import { openTables } from "../kit/open.ts";
import { createImmigrationLoaders, createImmigrationResolvers } from "./resolvers.ts";
import { immigrationTables } from "./tables.ts";
import { readTrafficFiles } from "./traffic.ts";

/** Opens the Immigration Department's part: its tables and its files. */
export const openImmigration: OpenDepartment = async (options) => {
  const files = await readTrafficFiles();
  const source = await openTables(options, immigrationTables);
  return {
    name: "immigration",
    resolvers: createImmigrationResolvers(files),
    createContext: () => ({ immigration: createImmigrationLoaders(source) }),
    close: () => source.close(),
  };
};
