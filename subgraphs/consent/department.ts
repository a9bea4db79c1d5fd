import type { OpenDepartment } from "../kit/department.ts";
import { openTables } from "../kit/open.ts";
import { consentResolvers, createConsentLoaders } from "./resolvers.ts";
import { consentTables } from "./tables.ts";

/** Opens the register of consents: its table. */
export const openConsent: OpenDepartment = async (options) => {
  const source = await openTables(options, consentTables);
  return {
    name: "consent",
    resolvers: consentResolvers,
    createContext: () => ({ consent: createConsentLoaders(source) }),
    close: () => source.close(),
  };
};
