import type { OpenDepartment } from "../kit/department.ts";
import { openTables } from "../kit/open.ts";
import { createEducationLoaders, createEducationResolvers } from "./resolvers.ts";
import { readSchools } from "./schools.ts";
import { createEducationTables } from "./tables.ts";

/** Opens the Education Bureau's part: its file of schools and its tables. */
export const openEducation: OpenDepartment = async (options) => {
  const schools = await readSchools();
  const source = await openTables(options, createEducationTables(schools));
  return {
    name: "education",
    resolvers: createEducationResolvers(schools),
    createContext: () => ({ education: createEducationLoaders(source) }),
    close: () => source.close(),
  };
};
